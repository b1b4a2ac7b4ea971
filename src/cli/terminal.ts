// What a command has of its process. The bin hands it over; nothing else touches the process.
import type { Readable, Writable } from 'node:stream';

export interface Terminal {
  readonly args: readonly string[];
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly version: string;
  /** Whether the parent that started this process is dead. */
  readonly isOrphan: () => boolean;
  /** What the process exits with, should it have to end before the command does. */
  readonly presetExitCode: (exitCode: number) => void;
  /** Aborts when the process is told to stop. */
  readonly stopSignal: AbortSignal;
}
