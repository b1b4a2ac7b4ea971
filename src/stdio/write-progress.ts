// Changes to lines of progress on a stream. While its reader is slow, percents of a job may be skipped, its first and
// its last line never; what is written is written in the order of the changes. Memory is a few lines a job.
//
// On Node 20 under Linux a write to process.stdout never blocks the process where it is a pipe or a socket: it is
// queued (test/stdio/unread-stdout.test.ts). To a file it is synchronous, and to a terminal, which Ctrl-S can hold.
import type { Writable } from 'node:stream';
import type { Change } from '../../machines/vocabulary.js';
import { progressLine } from '../protocol/progress-line.js';
import { paceOutput } from './paced-output.js';

export interface ProgressWriter {
  write(change: Change): void;
  /**
   * Resolves when every line has left the process, or the stream is broken. A reader that stalls is waited for, so
   * give it a deadline. The stream itself is left open.
   */
  end(): Promise<void>;
}

/** @param onBroken hears once that the reader is gone (`EPIPE`) or cannot be written to; further changes are dropped. */
export function createProgressWriter(
  output: Writable,
  { onBroken }: { readonly onBroken: (error: Error) => void },
): ProgressWriter {
  // Waiting changes, by what a newer one may stand in for.
  const waiting = new Map<string, Change>();
  let isBroken = false;

  const take = () => {
    for (const [key, change] of waiting) {
      waiting.delete(key);
      return progressLine(change);
    }
    return undefined;
  };
  const paced = paceOutput(output, take, (error) => {
    isBroken = true;
    waiting.clear();
    onBroken(error);
  });

  return {
    write(change) {
      if (isBroken) return;
      const key = slotOf(change);
      // Deleted first: the newer one belongs at the end, where it came.
      waiting.delete(key);
      waiting.set(key, change);
      paced.pump();
    },
    end: () => paced.flushed(),
  };
}

function slotOf({ id, percent, repeated }: Change): string {
  if (repeated) return `${id} repeated`;
  const mayBeSkipped = percent >= 0 && percent < 100;
  return mayBeSkipped ? `${id} underway` : `${id} ${percent}`;
}
