// Gives a file a copy elsewhere: the same file by another name where the file system can, else a copy, safe on disk and
// compared byte by byte. Holes stay holes. It never writes over anything.
import { constants, futimes } from 'node:fs';
import { copyFile, type FileHandle, link, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { HelperError } from '../../errors.js';
import { openFlags } from '../../files/open-flags.js';
import { readFully, syncFile, writeFully } from '../disk/file-io.js';
import { relocationFailed } from '../disk/storage-errors.js';

const chunkBytes = 1024 * 1024;
/** By descriptors, as `syncFile`: in programs that Yarn's Plug'n'Play runs, a FileHandle is Yarn's, and can do neither. */
const setTimes = promisify(futimes);

export interface NamedPath {
  readonly path: string;
  /** What a person calls it. */
  readonly named: string;
}

/** Rejects with HelperError DISK_…, with CONTENT_CHANGED, or with the signal's reason; a part may then lie there. */
export async function linkOrCopyFile(
  original: string,
  copy: NamedPath,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  // Whatever the reason is that a link cannot be: a copy may do, or else says what is wrong.
  if (await succeeds(link(original, copy.path))) return;
  const source = await open(original, openFlags.read).catch((error: unknown) => {
    throw relocationFailed(original, 'read', error);
  });
  try {
    await copyBytes({ path: original, handle: source }, copy, signal);
  } finally {
    await source.close();
  }
}

interface OpenFile {
  readonly path: string;
  readonly handle: FileHandle;
}

async function copyBytes(source: OpenFile, copy: NamedPath, signal: AbortSignal): Promise<void> {
  const { size, mode, atimeMs, mtimeMs } = await source.handle.stat();
  const exclusively = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE;
  const isCloned = await succeeds(copyFile(source.path, copy.path, exclusively));
  const target = {
    path: copy.named,
    handle: await openTarget(copy, isCloned ? openFlags.read : openFlags.create, mode),
  };
  try {
    if (!isCloned) await fill(source, target, size, signal);
    // What the umask took; not every file system knows modes.
    await target.handle.chmod(mode & 0o777).catch(() => {});
    // Some disks take no times from anyone but the owner. The copy is then merely newer.
    await setTimes(target.handle.fd, atimeMs / 1000, mtimeMs / 1000).catch(() => {});
    await syncFile(target.handle.fd).catch((error: unknown) => {
      throw relocationFailed(copy.named, 'written', error);
    });
    await compare(source, target, size, signal);
  } finally {
    await target.handle.close();
  }
}

async function openTarget(
  { path, named }: NamedPath,
  flags: number,
  mode: number,
): Promise<FileHandle> {
  return open(path, flags, mode & 0o777).catch((error: unknown) => {
    throw relocationFailed(named, 'written', error);
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
      throw relocationFailed(target.path, 'written', error);
    });
  }
  await target.handle.truncate(sizeBytes).catch((error: unknown) => {
    throw relocationFailed(target.path, 'written', error);
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
      throw relocationFailed(path, 'read', error);
    });
    yield { bytes: bytes.subarray(0, count), position };
  }
}

async function succeeds(task: Promise<unknown>): Promise<boolean> {
  return task.then(
    () => true,
    () => false,
  );
}
