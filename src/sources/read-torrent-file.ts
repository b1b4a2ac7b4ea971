// Reads a .torrent file from disk. It takes regular files only, never waits for a FIFO, and does not look at what the
// bytes mean.
import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { HelperError, systemCode } from '../errors.js';
import { maxTorrentBytes } from './torrent-limits.js';

/**
 * The bytes of the file at `path`, at most 32 MiB.
 *
 * @throws HelperError TORRENT_NOT_FOUND, TORRENT_UNREADABLE or TOO_LARGE; the signal's reason once it aborts
 */
export async function readTorrentFile(path: string, signal: AbortSignal): Promise<Uint8Array> {
  try {
    // Looked at before it is opened: opening a device can do things.
    if (!(await stat(path)).isFile()) throw notRegular(path);
    signal.throwIfAborted();
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      // Looked at again: by now it may be another file.
      if (!(await file.stat()).isFile()) throw notRegular(path);
      return await readAll(file, path, signal);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown instanceof HelperError ? thrown : readError(path, thrown);
  }
}

async function readAll(file: FileHandle, path: string, signal: AbortSignal): Promise<Uint8Array> {
  // A stream that is given an aborted signal fails before anyone can listen to it.
  signal.throwIfAborted();
  const chunks: Buffer[] = [];
  let lengthBytes = 0;
  // It may grow while it is read: what counts is what was read, not the size it had.
  const stream: AsyncIterable<Buffer> = file.createReadStream({ autoClose: false, signal });
  for await (const chunk of stream) {
    chunks.push(chunk);
    lengthBytes += chunk.length;
    if (lengthBytes > maxTorrentBytes) {
      throw new HelperError('TOO_LARGE', `${path} is larger than 32 MiB; name a .torrent file`);
    }
  }
  return Buffer.concat(chunks);
}

function notRegular(path: string): HelperError {
  return new HelperError(
    'TORRENT_UNREADABLE',
    `${path} is not a regular file; name a .torrent file`,
  );
}

function readError(path: string, cause: unknown): HelperError {
  const code = systemCode(cause);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new HelperError('TORRENT_NOT_FOUND', `there is no file at ${path}`, { cause });
  }
  const reason = code === 'EACCES' ? 'permission denied' : (code ?? String(cause));
  return new HelperError('TORRENT_UNREADABLE', `${path} cannot be read: ${reason}`, { cause });
}
