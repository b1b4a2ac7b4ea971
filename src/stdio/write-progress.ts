// Changes to lines of progress on a stream, each as soon as it is there, and those of one moment in one write; that of a state
// alone is no line. A slow reader is waited for; what may be skipped meanwhile is the business of the queue that the changes come from.
//
// On Node 20 under Linux a write to process.stdout never blocks the process where it is a pipe or a socket: it is
// queued (test/unit/stdio/unread-stdout.test.ts). To a terminal it is synchronous, and Ctrl-S can hold it.
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Change } from '../../machines/types.js';
import { progressLine } from '../protocol/progress-line.js';

/**
 * Resolves when the changes have ended and every line has left the process; a reader that stalls is waited for, so
 * give it a deadline. Rejects when the reader is gone (`EPIPE`, `ECONNRESET`) or cannot be written to.
 */
export async function writeProgress(
  changes: AsyncIterable<readonly Change[]>,
  output: Writable,
): Promise<void> {
  await pipeline(linesOf(changes), output, { end: false });
  await new Promise<void>((resolve, reject) => {
    output.write('', (error) => (error ? reject(error) : resolve()));
  });
}

async function* linesOf(changes: AsyncIterable<readonly Change[]>): AsyncGenerator<string> {
  for await (const batch of changes) {
    const lines = batch.map((change) => (change.type === 'progress' ? progressLine(change) : ''));
    const text = lines.join('');
    if (text !== '') yield text;
  }
}
