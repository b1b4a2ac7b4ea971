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

export interface WriteOptions {
  readonly signal?: AbortSignal | undefined;
  /** What makes the parts is to be done whether they are read or not. */
  readonly isWork?: boolean | undefined;
}

/**
 * Resolves when it has left the process, or its reader has gone: the rest is not asked for then, unless it is work. Throws
 * STDOUT_UNWRITABLE, what `parts` throws, and the signal's reason when that aborts, also while nobody reads.
 */
export async function writeOut(
  stdout: Writable,
  parts: string | AsyncIterable<string>,
  { signal, isWork = false }: WriteOptions = {},
): Promise<void> {
  let onEnd: (error?: unknown) => void = () => {};
  let isGone = false;
  // It tells of a failed write twice.
  stdout.on('error', (error) => onEnd(error));
  signal?.addEventListener('abort', () => onEnd());
  for await (const part of typeof parts === 'string' ? [parts] : parts) {
    if (isGone) continue;
    const error = await new Promise<unknown>((resolve) => {
      onEnd = resolve;
      stdout.write(part, resolve);
    });
    signal?.throwIfAborted();
    const failure = error ? stdoutFailure(error, stdout) : undefined;
    if (failure) throw failure;
    isGone = Boolean(error);
    if (isGone && !isWork) return;
  }
}
