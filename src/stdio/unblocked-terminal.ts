// A terminal, opened anew, that can stand still without holding anybody up: after Ctrl-S, or behind a connection that hangs,
// what Node writes to it by itself blocks the whole process. Here it waits, and is tried again.
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { systemCode } from '../errors.js';

const retryMs = 50;

/** Undefined where the system has no such path, or it is somebody else's terminal. `path`: by default, that of stdout. */
export function openUnblocked(path = '/proc/self/fd/1'): Writable | undefined {
  // No descriptor that is there already: another process may have it, too, and be surprised.
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  let descriptor: number;
  try {
    descriptor = openSync(path, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return undefined;
  }
  const push = (bytes: Uint8Array, done: (error?: Error) => void) => {
    let writtenBytes = 0;
    try {
      writtenBytes = writeSync(descriptor, bytes);
    } catch (error) {
      if (systemCode(error) !== 'EAGAIN') {
        done(error instanceof Error ? error : new Error(String(error)));
        return;
      }
    }
    if (writtenBytes === bytes.length) done();
    else setTimeout(push, retryMs, bytes.subarray(writtenBytes), done);
  };
  return new Writable({
    write: (bytes: Uint8Array, _encoding, done) => push(bytes, done),
    destroy(error, done) {
      closeSync(descriptor);
      done(error);
    },
  });
}
