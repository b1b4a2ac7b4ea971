// What is remembered of jobs, where their events come after they are over.
import { expect, it } from 'vitest';
import { JobWaits } from '../../../../src/dialect/jobs/job-waits.js';
import { KnownJobs } from '../../../../src/dialect/jobs/known-jobs.js';
import { pretendHelper } from '../../../support/dialect/pretend-helper.js';

it('a job that is waited for is known to the end, though it is over before its first event is heard', async () => {
  const helper = pretendHelper();
  const jobs = new KnownJobs(helper);
  const waits = new JobWaits(jobs);
  const job = helper.download('a');
  const ended = waits.wait({ id: 1, until: 'ended' }, new AbortController().signal);
  await job.remove();
  for await (const event of helper.events()) {
    jobs.onEvent(event);
    waits.look(1);
    if (event.type === 'job.ended') break;
  }
  expect(await ended).toBe(job);
});
