// A job as a view has it, and into which group of rows it belongs. Plain data.
import type { JobKind, JobState } from '../../../machines/types.js';

export interface ShownJob {
  readonly id: number;
  readonly kind: JobKind;
  /** How its lines name it, as it came. */
  readonly file: string;
  /** What is shown of that: escaped, since a stranger may have named it. */
  readonly name: string;
  /** `stopped`: the helper stops, and with it this job. */
  readonly state: JobState | 'stopped';
  /** A download is whole and safe on disk; a seed is published. */
  readonly isComplete: boolean;
  /** Of its bytes; undefined while that is not known. */
  readonly percent: number | undefined;
  readonly bytesDone: number;
  readonly bytesTotal: number | undefined;
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  readonly peers: number;
  readonly etaSeconds: number | undefined;
}

/** From what a person waits for to what only waits. */
export const groups = ['working', 'uploading', 'paused', 'resting', 'queued'] as const;

export type Group = (typeof groups)[number];

export function groupOf({ state, isComplete, upBytesPerSecond }: ShownJob): Group {
  if (state === 'queued') return 'queued';
  if (state === 'paused') return isComplete ? 'resting' : 'paused';
  if (state === 'seeding' || (state === 'stopped' && isComplete)) {
    return upBytesPerSecond > 0 ? 'uploading' : 'resting';
  }
  return 'working';
}
