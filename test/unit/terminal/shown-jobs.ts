// A model of a view with jobs in it, as the tests of pictures need it.
import type { JobState } from '../../../machines/types.js';
import type { JobStats } from '../../../src/helper/stats/job-stats.js';
import { createModel, type JobLookup, type Model } from '../../../src/terminal/model.js';

export interface GivenJob extends Partial<Omit<JobStats, 'id'>> {
  readonly file?: string;
  readonly kind?: 'seed' | 'download';
  readonly state?: JobState;
}

/** Jobs 1, 2, 3 …, each measured as it is given. */
export function modelOf(jobs: readonly GivenJob[]): Model {
  const found = jobs.map(
    ({ kind = 'download', file = 'a.iso', state = 'downloading', percent }, at): JobLookup => ({
      ...{ id: at + 1, kind, file, state },
      percent,
    }),
  );
  const model = createModel((id) => found[id - 1]);
  model.begin(found);
  model.measured(jobs.map((job, at) => statsOf(at + 1, job)));
  return model;
}

export function statsOf(id: number, given: Partial<JobStats> = {}): JobStats {
  return {
    ...{ id, key: undefined, percent: undefined, bytesTotal: 1_000_000, bytesDone: 0 },
    ...{ bytesDown: 0, bytesUp: 0, bytesWasted: 0, downBytesPerSecond: 0, upBytesPerSecond: 0 },
    ...{ peers: 0, seeds: 0, etaSeconds: undefined, coalesced: 0 },
    ...given,
  };
}
