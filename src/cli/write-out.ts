// What a command writes to stdout as a whole, and what it is told when that cannot be written.
import type { Writable } from 'node:stream';
import { HelperError, systemCode } from '../errors.js';

/** Why stdout could not be written; undefined if it is only that its reader has gone. */
export function stdoutFailure(
  error: unknown,
  stdout: Writable & { readonly isTTY?: boolean },
): HelperError | undefined {
  const code = systemCode(error);
  // A terminal whose other end was closed answers EIO.
  const goneCodes = stdout.isTTY ? [...readerGone, 'EIO'] : readerGone;
  if (code !== undefined && goneCodes.includes(code)) return undefined;
  const what = error instanceof Error ? error.message : String(error);
  return new HelperError('STDOUT_UNWRITABLE', `stdout cannot be written: ${what}`, {
    cause: error,
  });
}

const readerGone: readonly string[] = [
  ...['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'],
];

/** Resolves when it has left the process, or its reader has gone. Throws STDOUT_UNWRITABLE. */
export async function writeOut(stdout: Writable, text: string): Promise<void> {
  const error = await new Promise((resolve) => {
    // It tells of a failed write twice.
    stdout.on('error', resolve);
    stdout.write(text, resolve);
  });
  const failure = error ? stdoutFailure(error, stdout) : undefined;
  if (failure) throw failure;
}
