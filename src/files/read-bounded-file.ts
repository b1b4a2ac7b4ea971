// Reads a whole small file, though something else may lie in its place: a FIFO is not waited for, and no more is read
// than was asked for, though the file grows meanwhile.
import { type FileHandle, open, stat } from 'node:fs/promises';
import { systemCode } from '../errors.js';
import { openFlags } from './open-flags.js';
import { mostSmallBytes, smallFiles } from './thread/small-files.js';

export interface ReadOptions {
  /** `followed` for what a user named; what lies in a folder of ours is never a link. */
  readonly links?: 'refused' | 'followed';
  readonly signal?: AbortSignal | undefined;
  /** Called before memory is taken for so many bytes; what it throws ends the reading. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

export interface StampedBytes {
  readonly bytes: Uint8Array;
  /** Nanoseconds since 1970. */
  readonly mtimeNs: bigint;
}

/** So many bytes are read before the signal is looked at again. */
const chunkBytes = 4 * 2 ** 20;

/**
 * Undefined if nothing is there. Rejects with a system error; its code is EFBIG if the file is larger than `maxBytes`,
 * EINVAL if it is no regular file, ELOOP if it is a link. Rejects with the signal's reason between two reads.
 */
export async function readBoundedFile(
  path: string,
  maxBytes: number,
  options: ReadOptions = {},
): Promise<Uint8Array | undefined> {
  return (await readStampedFile(path, maxBytes, options))?.bytes;
}

/** As `readBoundedFile`, with the time of the last change before it was read. */
export async function readStampedFile(
  path: string,
  maxBytes: number,
  options: ReadOptions = {},
): Promise<StampedBytes | undefined> {
  const { links = 'refused', signal, onBytes } = options;
  const inPool = () => readInPool(path, maxBytes, options);
  const looksFirst = links === 'followed';
  const flags = looksFirst ? openFlags.readThroughLinks : openFlags.read;
  const most = Math.min(maxBytes, mostSmallBytes);
  const task = { kind: 'read', path, flags, looksFirst, maxBytes: most } as const;
  return smallFiles.run(task, inPool, (answer) => {
    signal?.throwIfAborted();
    if (answer.kind !== 'bytes') return undefined;
    onBytes?.(answer.bytes.length);
    return answer;
  });
}

async function readInPool(
  path: string,
  maxBytes: number,
  { links = 'refused', signal, onBytes }: ReadOptions,
): Promise<StampedBytes | undefined> {
  try {
    signal?.throwIfAborted();
    // To open a device can do things, and what a user names may be one.
    if (links === 'followed') mustBeFile(path, await stat(path));
    const flags = links === 'followed' ? openFlags.readThroughLinks : openFlags.read;
    const handle = await open(path, flags);
    try {
      // Only what is open now cannot be replaced any more.
      const stats = await handle.stat({ bigint: true });
      mustBeFile(path, stats);
      if (stats.size > maxBytes) throw tooLarge(path, maxBytes);
      onBytes?.(Number(stats.size));
      const bytes = await readAll(handle, path, Number(stats.size), maxBytes, signal);
      return { bytes, mtimeNs: stats.mtimeNs };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function readAll(
  handle: FileHandle,
  path: string,
  sizeBytes: number,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  // One byte more than there should be: that there is none tells the end.
  let memory = Buffer.allocUnsafeSlow(sizeBytes + 1);
  let done = 0;
  for (;;) {
    signal?.throwIfAborted();
    const wanted = Math.min(chunkBytes, memory.length - done);
    const { bytesRead } = await handle.read(memory, done, wanted, done);
    done += bytesRead;
    if (done > maxBytes) throw tooLarge(path, maxBytes);
    // Less than was asked for, where the file ended a moment ago.
    if (bytesRead === 0 || (bytesRead < wanted && done === sizeBytes)) {
      return memory.subarray(0, done);
    }
    if (done < memory.length) continue;
    memory = Buffer.concat([memory], Math.min(Math.max(2 * done, chunkBytes), maxBytes) + 1);
  }
}

function mustBeFile(path: string, stats: { isFile(): boolean }): void {
  if (!stats.isFile()) throw refusal('EINVAL', `${path} is no regular file`);
}

function tooLarge(path: string, maxBytes: number): Error {
  return refusal('EFBIG', `${path} is larger than ${maxBytes} bytes`);
}

function refusal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
