// What the helper and its hashing threads say to each other. All that a thread needs comes with the first message; what
// is left to do is a number that they count up together.
import type { SharedFiles } from './shared-files.js';

/** Content to be hashed. A thread takes the next run of pieces from `control` until there is none left. */
export interface HashJob {
  readonly id: number;
  readonly files: SharedFiles;
  readonly lengthBytes: number;
  readonly pieceLengthBytes: number;
  readonly pieceCount: number;
  /** Consecutive pieces that one thread hashes; those of the last run may be fewer. */
  readonly piecesPerRun: number;
  /** 20 bytes a piece; each is written once. */
  readonly hashes: Uint8Array<SharedArrayBuffer>;
  readonly control: Int32Array<SharedArrayBuffer>;
}

/** In `control`: the run that nobody has taken yet. */
const nextRun = 0;
/** In `control`: not 0 once nobody wants the hashes any more. */
const stopped = 1;
export const controlLength = 2;

export function takeRun({ control }: HashJob): number {
  return Atomics.add(control, nextRun, 1);
}

export function stop({ control }: Pick<HashJob, 'control'>): void {
  Atomics.store(control, stopped, 1);
}

export function isStopped({ control }: HashJob): boolean {
  return Atomics.load(control, stopped) !== 0;
}

/** Sent when a thread has nothing more to do with a job, and none of its files open. */
export interface HashReport {
  readonly jobId: number;
  /** How many pieces it hashed. */
  readonly pieces: number;
  readonly failure: ReadFailure | undefined;
}

/** Errors keep neither class nor code on their way between threads. */
export interface ReadFailure {
  readonly fileIndex: number;
  /** Of the system's error; `CHANGED` if the file is no longer the one that was scanned. */
  readonly code: string;
  readonly message: string;
}
