// The numbers of a helper: those of its live jobs together.
import type { JobState } from '../../../machines/types.js';
import type { JobStats } from './job-stats.js';

export interface HelperStats {
  /** Live ones. */
  readonly jobs: number;
  /** How many of them are in each state; one that none is in is left out. */
  readonly jobsByState: Readonly<Partial<Record<JobState, number>>>;
  /** Of those whose torrents are known. */
  readonly bytesTotal: number;
  readonly bytesDone: number;
  /** Since this process began, jobs that are over included. */
  readonly bytesDown: number;
  readonly bytesUp: number;
  readonly bytesWasted: number;
  /** As measured last, of jobs to which somebody listens. */
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  readonly peers: number;
}

type Moved = Pick<JobStats, 'bytesDown' | 'bytesUp' | 'bytesWasted'>;

/** `over`: what jobs have moved that are over. */
export function helperStats(
  live: Iterable<{ readonly state: JobState; readonly stats: JobStats }>,
  over: Moved,
): HelperStats {
  const jobsByState: Partial<Record<JobState, number>> = {};
  const sum = { ...nothing, ...over };
  for (const { state, stats } of live) {
    sum.jobs += 1;
    jobsByState[state] = (jobsByState[state] ?? 0) + 1;
    sum.bytesTotal += stats.bytesTotal ?? 0;
    sum.bytesDone += stats.bytesDone;
    sum.bytesDown += stats.bytesDown;
    sum.bytesUp += stats.bytesUp;
    sum.bytesWasted += stats.bytesWasted;
    sum.downBytesPerSecond += stats.downBytesPerSecond;
    sum.upBytesPerSecond += stats.upBytesPerSecond;
    sum.peers += stats.peers;
  }
  return { ...sum, jobsByState };
}

export function addMoved(one: Moved, other: Moved): Moved {
  return {
    bytesDown: one.bytesDown + other.bytesDown,
    bytesUp: one.bytesUp + other.bytesUp,
    bytesWasted: one.bytesWasted + other.bytesWasted,
  };
}

export const nothingMoved: Moved = { bytesDown: 0, bytesUp: 0, bytesWasted: 0 };

const nothing = {
  ...nothingMoved,
  jobs: 0,
  bytesTotal: 0,
  bytesDone: 0,
  downBytesPerSecond: 0,
  upBytesPerSecond: 0,
  peers: 0,
};
