// Thousands of jobs for one slot: what each of them costs while it waits, and that they begin in their order.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createHelper, type Helper, type HelperOptions } from '../../src/index.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { collectGarbage } from '../support/processes/collect-garbage.mjs';
import { freePort } from '../support/processes/free-port.js';
import { infoOf, torrentOf } from '../support/torrents/handmade-torrent.js';
import { until } from '../support/waiting.js';

const waitingJobs = 10_000;
const mostBytesAJob = 4 * 1024;

/** A helper with one slot, which is taken by a download that nobody seeds. */
async function startFullHelper(options: HelperOptions = {}): Promise<Helper> {
  const folder = await scratchFolder();
  await mkdir(join(folder, 'copy'));
  const info = infoOf('lonely', Buffer.alloc(100_000, 'x'));
  await writeFile(join(folder, 'lonely.torrent'), torrentOf(info, 'http://127.0.0.1:1/announce'));
  const helper = await createHelper({
    torrentDir: folder,
    downloadDir: join(folder, 'copy'),
    stateDir: join(folder, 'state'),
    trackerPort: await freePort(),
    noDht: true,
    maxActive: 1,
    ...options,
  });
  onTestFinished(() => helper.close());
  helper.download('lonely.torrent');
  await until(() => helper.jobs[0]?.percent === 0, 'at work');
  return helper;
}

/** There is nothing at any of these paths. */
const pathOf = (number: number) => `/nowhere/at/all/${number}`;

function queueJobs(helper: Helper, count: number): void {
  for (let number = 1; number <= count; number += 1) helper.send(`file:${pathOf(number)}`);
}

function usedBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

it.for([undefined, 'many'])(
  'a job that waits costs less than 4 KiB (session: %s)',
  async (session, { annotate }) => {
    const helper = await startFullHelper({ session });
    queueJobs(helper, 100);
    const beforeBytes = usedBytes();
    queueJobs(helper, waitingJobs);
    const bytesAJob = (usedBytes() - beforeBytes) / waitingJobs;
    await annotate(`${Math.round(bytesAJob)} bytes a job`);
    expect(helper.jobs).toHaveLength(waitingJobs + 101);
    expect(helper.jobs.at(-1)?.state).toBe('queued');
    expect(bytesAJob).toBeLessThan(mostBytesAJob);
  },
);

it('jobs that wait begin in the order in which they came', async () => {
  const count = 2_000;
  const helper = await startFullHelper();
  const ends: number[] = [];
  const reading = (async () => {
    for await (const { id, percent } of helper.changes()) if (percent === -2) ends.push(id);
  })();
  queueJobs(helper, count);
  helper.jobs[0]?.remove();
  await until(() => ends.length === count, 'through');
  expect(ends).toEqual(Array.from({ length: count }, (_, index) => index + 2));
  await helper.close();
  await reading;
});

it('each job costs as many steps as the one before, from the first to the last', async () => {
  const stepsFor = async (count: number) => {
    let steps = 0;
    const helper = await startFullHelper({
      inspect: () => {
        steps += 1;
      },
    });
    const beforeSteps = steps;
    queueJobs(helper, count);
    await helper.close();
    return steps - beforeSteps;
  };
  const [few, many] = [await stepsFor(200), await stepsFor(2_000)];
  expect(many / few).toBeGreaterThan(5);
  expect(many / few).toBeLessThan(11);
});
