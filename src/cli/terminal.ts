// What a command has of its process, and what it ends with. The bin hands it over; nothing else touches the process.
import type { Readable, Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import type { Tally } from '../../machines/supervisor.js';

/** See "Exit codes" in the README. */
export const exitCodes = {
  done: 0,
  internal: 1,
  usage: 2,
  failed: 3,
  unfinished: 4,
  unwritable: 5,
} as const;

/** What became of the streams, which no job tells of. */
export interface StreamFaults {
  /** Nothing of stdin could be read. */
  isInputUnsupported: boolean;
  isOutputUnwritable: boolean;
}

export function exitCodeOf(
  { failed, unfinished }: Tally,
  { isInputUnsupported, isOutputUnwritable }: Readonly<StreamFaults>,
): number {
  if (isInputUnsupported) return exitCodes.usage;
  if (isOutputUnwritable) return exitCodes.unwritable;
  if (failed > 0) return exitCodes.failed;
  return unfinished > 0 ? exitCodes.unfinished : exitCodes.done;
}

export interface Terminal {
  readonly args: readonly string[];
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable &
    Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows' | 'hasColors'>>;
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly pid: number;
  /** The process that started this one, and whether it has ended. */
  readonly parentId: number;
  readonly isOrphan: () => boolean;
  /** To be called for each job that there is. */
  readonly onJob?: () => void;
  /** What the process exits with, should it have to end before the command does. */
  readonly presetExitCode: (exitCode: number) => void;
  /** Aborts when the process is told to stop. */
  readonly stopSignal: AbortSignal;
}
