// Reads a .torrent file from disk. It takes regular files only, and does not look at what the bytes mean.
import { HelperError, systemCode } from '../errors.js';
import { filesExhausted, isFilesExhausted } from '../files/disk-error-code.js';
import { readBoundedFile } from '../files/read-bounded-file.js';
import { metainfoLimits } from '../limits.js';

/**
 * The bytes of the file at `path`, at most 32 MiB. `onBytes` is told how many before they are read.
 *
 * @throws HelperError TORRENT_NOT_FOUND, TORRENT_UNREADABLE, TOO_LARGE or FILES_EXHAUSTED; the signal's reason once it
 * aborts; what `onBytes` throws
 */
export async function readTorrentFile(
  path: string,
  signal: AbortSignal,
  onBytes?: (bytes: number) => void,
): Promise<Uint8Array> {
  try {
    const bytes = await readBoundedFile(path, metainfoLimits.torrentFileBytes, {
      links: 'followed',
      signal,
      onBytes,
    });
    signal.throwIfAborted();
    if (bytes === undefined) throw notFound(path);
    return bytes;
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown instanceof HelperError ? thrown : readError(path, thrown);
  }
}

function readError(path: string, cause: unknown): HelperError {
  if (isFilesExhausted(cause)) return filesExhausted(path, 'read', cause);
  const code = systemCode(cause);
  switch (code) {
    case 'ENOTDIR':
      return notFound(path, cause);
    case 'EFBIG':
      return new HelperError('TOO_LARGE', `${path} is larger than 32 MiB; name a .torrent file`);
    case 'EINVAL':
    case 'ENXIO': // as a socket answers
      return new HelperError(
        'TORRENT_UNREADABLE',
        `${path} is not a regular file; name a .torrent file`,
      );
    default: {
      const reason = code === 'EACCES' ? 'permission denied' : (code ?? String(cause));
      return new HelperError('TORRENT_UNREADABLE', `${path} cannot be read: ${reason}`, { cause });
    }
  }
}

function notFound(path: string, cause?: unknown): HelperError {
  return new HelperError('TORRENT_NOT_FOUND', `there is no file at ${path}`, { cause });
}
