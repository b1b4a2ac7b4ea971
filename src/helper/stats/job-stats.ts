// The numbers of one job, as a user of the library has them: what its torrent measures, and what the job knows of itself.
import type { Change, JobState, SwarmMeasure } from '../../../machines/types.js';

export interface JobStats {
  readonly id: number;
  /** Its parent's own name for the job. */
  readonly key: string | undefined;
  /** As its lines say it, 0 to 100; undefined before the first of these, and once it has failed. */
  readonly percent: number | undefined;
  /** Undefined while its torrent is not known. */
  readonly bytesTotal: number | undefined;
  /** Verified. */
  readonly bytesDone: number;
  /**
   * Content that peers sent, good or bad, and that was sent to them, since this process began: through pauses, and when the
   * engine crashed.
   */
  readonly bytesDown: number;
  readonly bytesUp: number;
  /** Of what came: in bad pieces, or not asked for, or no longer. */
  readonly bytesWasted: number;
  /** Over the last five seconds; exactly 0 where nothing moved in them. */
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  /** Connected. */
  readonly peers: number;
  /** Those of them that have everything. */
  readonly seeds: number;
  /** Until a download is complete, at this rate; undefined where nothing comes, or nothing is missing. */
  readonly etaSeconds: number | undefined;
  /** So many newer ones took the place of older ones that were due, and that the reader was too slow for. */
  readonly coalesced: number;
}

/** What a job knows of itself. */
export interface CountedJob {
  readonly id: number;
  readonly key?: string | undefined;
  readonly percent: number | undefined;
  readonly lengthBytes: number | undefined;
}

/** `measure`: the last one, if there was any. */
export function jobStats(
  { id, key, percent = -1, lengthBytes }: CountedJob,
  measure: SwarmMeasure = nothing,
): JobStats {
  const { bytesDone = 0, ...measured } = measure;
  return {
    id,
    key,
    percent: percent >= 0 ? percentOf(percent, measure.bytesDone, lengthBytes) : undefined,
    bytesTotal: lengthBytes,
    ...measured,
    // It need not have been measured to be complete.
    bytesDone: measure.bytesDone ?? (percent === 100 ? (lengthBytes ?? bytesDone) : bytesDone),
    coalesced: 0,
  };
}

/** As its last line says, or as has been measured since: all that is missing to 100 is that the disk has it for sure. */
function percentOf(said: number, bytesDone = 0, lengthBytes = 0): number {
  if (said === 100 || lengthBytes === 0) return said;
  return Math.max(said, Math.min(99, Math.floor((bytesDone / lengthBytes) * 100)));
}

/** What is left of the old when the new comes: while content is looked at again, what is known of it stays. */
export function newerMeasure(
  old: SwarmMeasure | undefined,
  { bytesDone = old?.bytesDone, ...measure }: SwarmMeasure,
): SwarmMeasure {
  return { bytesDone, ...measure };
}

/** Whether both say the same, but for details. */
export function isSameMeasure(one: SwarmMeasure | undefined, other: SwarmMeasure): boolean {
  return measured.every((key) => one?.[key] === other[key]);
}

const measured = [
  ...(['bytesDone', 'bytesDown', 'bytesUp', 'bytesWasted', 'peers', 'seeds'] as const),
  ...(['downBytesPerSecond', 'upBytesPerSecond', 'etaSeconds'] as const),
] as const satisfies readonly (keyof SwarmMeasure)[];

/** What stands of it when the job has changed. */
export function measureAfter(
  measure: SwarmMeasure | undefined,
  change: Change,
): SwarmMeasure | undefined {
  if (change.type === 'state') return isInSwarm(change.state) ? measure : silenced(measure);
  // All of it, though that may have been measured a moment before.
  return change.percent === 100 && measure ? { ...measure, bytesDone: undefined } : measure;
}

/** A percent that no measure goes with. */
export function isOutermost({ percent }: Change): boolean {
  return percent === undefined || percent < 0 || percent === 100;
}

export function isInSwarm(state: JobState): boolean {
  return inSwarm.has(state);
}

const inSwarm: ReadonlySet<JobState> = new Set([
  ...(['registering', 'checking', 'downloading', 'seeding'] as const),
]);

/** It is in no swarm: nothing moves, and nobody is connected. */
export function silenced(measure: SwarmMeasure | undefined): SwarmMeasure | undefined {
  return measure && { ...measure, ...silence };
}

const silence = {
  downBytesPerSecond: 0,
  upBytesPerSecond: 0,
  peers: 0,
  seeds: 0,
  etaSeconds: undefined,
} as const;

const nothing: SwarmMeasure = {
  ...silence,
  bytesDone: undefined,
  bytesDown: 0,
  bytesUp: 0,
  bytesWasted: 0,
};
