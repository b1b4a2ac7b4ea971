// Gives a file a twin elsewhere: the same file by another name where the file system can, else a copy, safe on disk and
// compared byte by byte. Holes stay holes. It never writes over anything.
import { constants } from 'node:fs';
import { copyFile, type FileHandle, link, open } from 'node:fs/promises';
import { HelperError } from '../../errors.js';
import { readFully, writeFully } from '../disk/file-io.js';
import { moveFailed } from '../disk/storage-errors.js';

const chunkBytes = 1024 * 1024;
/** A FIFO put in the file's place must not make open(2) wait. Flags that a platform lacks count 0. */
const readOnly = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Rejects with HelperError DISK_…, with CONTENT_CHANGED, or with the signal's reason; a part may then lie there. */
export async function linkOrCopy(
  original: string,
  twin: string,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  // Whatever the reason is that a link cannot be: a copy may do, or else says what is wrong.
  if (await succeeds(link(original, twin))) return;
  const source = await open(original, readOnly).catch((error: unknown) => {
    throw moveFailed(original, 'read', error);
  });
  try {
    await copy({ path: original, handle: source }, twin, signal);
  } finally {
    await source.close();
  }
}

interface OpenFile {
  readonly path: string;
  readonly handle: FileHandle;
}

async function copy(source: OpenFile, path: string, signal: AbortSignal): Promise<void> {
  const { size, mode, atimeMs, mtimeMs } = await source.handle.stat();
  const exclusively = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE;
  const isCloned = await succeeds(copyFile(source.path, path, exclusively));
  const target = { path, handle: await openTarget(path, isCloned ? 'r' : 'wx+', mode) };
  try {
    if (!isCloned) await fill(source, target, size, signal);
    // What the umask took; not every file system knows modes.
    await target.handle.chmod(mode & 0o777).catch(() => {});
    // Some disks take no times from anyone but the owner. The copy is then merely newer.
    await target.handle.utimes(atimeMs / 1000, mtimeMs / 1000).catch(() => {});
    await target.handle.sync().catch((error: unknown) => {
      throw moveFailed(path, 'written', error);
    });
    await compare(source, target, size, signal);
  } finally {
    await target.handle.close();
  }
}

async function openTarget(path: string, flags: string, mode: number): Promise<FileHandle> {
  return open(path, flags, mode & 0o777).catch((error: unknown) => {
    throw moveFailed(path, 'written', error);
  });
}

async function fill(
  source: OpenFile,
  target: OpenFile,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<void> {
  const zeroes = Buffer.alloc(Math.min(chunkBytes, sizeBytes));
  for await (const { bytes, position } of chunksOf(source, sizeBytes, signal)) {
    if (bytes.equals(zeroes.subarray(0, bytes.length))) continue;
    await writeFully(target.handle.fd, [bytes], position).catch((error: unknown) => {
      throw moveFailed(target.path, 'written', error);
    });
  }
  await target.handle.truncate(sizeBytes).catch((error: unknown) => {
    throw moveFailed(target.path, 'written', error);
  });
}

async function compare(
  source: OpenFile,
  target: OpenFile,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<void> {
  const copies = chunksOf(target, sizeBytes, signal);
  for await (const { bytes } of chunksOf(source, sizeBytes, signal)) {
    const copied = await copies.next();
    if (!copied.done && copied.value.bytes.equals(bytes)) continue;
    throw new HelperError(
      'CONTENT_CHANGED',
      `the copy at ${target.path} is not what ${source.path} holds: a write changed it, or a disk fails; nothing was moved`,
    );
  }
}

/** Each chunk lies in the memory of the one before. */
async function* chunksOf({ path, handle }: OpenFile, sizeBytes: number, signal: AbortSignal) {
  const memory = Buffer.allocUnsafe(Math.min(chunkBytes, sizeBytes));
  for (let position = 0; position < sizeBytes; position += chunkBytes) {
    signal.throwIfAborted();
    const bytes = memory.subarray(0, Math.min(chunkBytes, sizeBytes - position));
    const count = await readFully(handle.fd, bytes, position).catch((error: unknown) => {
      throw moveFailed(path, 'read', error);
    });
    yield { bytes: bytes.subarray(0, count), position };
  }
}

async function succeeds(deed: Promise<unknown>): Promise<boolean> {
  return deed.then(
    () => true,
    () => false,
  );
}
