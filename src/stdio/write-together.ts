// One system call for all that is written to a stream within a turn of the event loop. It changes neither the bytes nor their order.
import type { Writable } from 'node:stream';

/** To be called before a write. A stream that is full of waiting bytes says so as ever. */
export function writeTogether(output: Writable): void {
  if (output.writableCorked > 0) return;
  output.cork();
  setImmediate(() => output.uncork());
}
