// The files of a torrent at the source, and their copies at the target. It only looks.
import type { BigIntStats } from 'node:fs';
import { access, constants, lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { forEachConcurrent } from '../../async/for-each-concurrent.js';
import { HelperError, systemCode } from '../../errors.js';
import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.js';
import { type FileStamp, isSameFile, stampOf } from '../disk/file-stamp.js';
import { relocationFailed } from '../disk/storage-errors.js';
import { filePath, foldersOf } from '../layout/file-layout.js';
import { relocationRefused } from './relocation.js';

/** One file that the torrent names, as it lies there. */
export interface Original {
  readonly file: MetainfoFile;
  readonly path: string;
  readonly stamp: FileStamp;
}

/** `whole`: every file is there, with all of its bytes. `what-is-there`: an unfinished download may lack some. */
export type SourceExtent = 'whole' | 'what-is-there';

/** Looking is quick on a local disk, and takes a round trip on a network's. */
const looksAtOnce = 4;
/** The coarsest clock of a file system: FAT counts in steps of two seconds. */
const coarsestClockNs = 2_000_000_000n;

/**
 * The files that are there, in the torrent's order. Rejects with REFUSED if one of them, or a folder on the way from
 * `contentPath` down, is a link or no file; with CONTENT_CHANGED if one is not as long as the torrent says; with
 * DISK_…, naming the file, if one is missing that must not be.
 */
export async function findOriginals(
  metainfo: Metainfo,
  contentPath: string,
  extent: SourceExtent,
  signal?: AbortSignal,
): Promise<Original[]> {
  const found = new Map<MetainfoFile, Original>();
  const folders = new Map<string, Promise<boolean>>();
  const real = metainfo.files.filter((file) => !file.isPadding);
  await forEachConcurrent(looksAtOnce, real, async (file) => {
    signal?.throwIfAborted();
    for (const folder of foldersOf(contentPath, file)) {
      const isFolder = folders.get(folder) ?? folderStatus(folder, extent);
      folders.set(folder, isFolder);
      if (!(await isFolder)) return;
    }
    const path = filePath(contentPath, file);
    const stats = await look(path, extent);
    if (!stats) return;
    if (!stats.isFile()) throw unmovable(path, stats);
    const stamp = stampOf(stats);
    mustFit(path, stamp, file, extent);
    found.set(file, { file, path, stamp });
  });
  return real.flatMap((file) => found.get(file) ?? []);
}

/** Rejects with DISK_…, naming the folder, where an original could not be deleted once it has its copy. */
export async function mustBeRemovable(
  originals: readonly Pick<Original, 'path'>[],
  signal?: AbortSignal,
): Promise<void> {
  const folders = new Set(originals.map(({ path }) => dirname(path)));
  await forEachConcurrent(looksAtOnce, folders, async (folder) => {
    signal?.throwIfAborted();
    await access(folder, constants.W_OK).catch((error: unknown) => {
      throw relocationFailed(folder, 'written', error);
    });
  });
}

/** The first original that has no copy below `contentPath`: the same file by another name, or an unchanged one. */
export async function findUncopied(
  originals: readonly Original[],
  contentPath: string,
  signal?: AbortSignal,
): Promise<Original | undefined> {
  const uncopied: Original[] = [];
  await forEachConcurrent(looksAtOnce, originals, async (original) => {
    signal?.throwIfAborted();
    const copy = await look(filePath(contentPath, original.file), 'what-is-there');
    if (!copy?.isFile() || !isCopy(original.stamp, stampOf(copy))) uncopied.push(original);
  });
  return uncopied[0];
}

function isCopy(original: FileStamp, copy: FileStamp): boolean {
  // One name alone is the original itself, seen through another path.
  if (isSameFile(original, copy)) return copy.linkCount > 1;
  // A copy was compared when it was made; what was written to its original since would be newer.
  const isOlder = original.mtimeNs <= copy.mtimeNs + coarsestClockNs;
  return original.sizeBytes === copy.sizeBytes && isOlder;
}

async function folderStatus(path: string, extent: SourceExtent): Promise<boolean> {
  const stats = await look(path, extent);
  if (stats && !stats.isDirectory()) throw unmovable(path, stats);
  return stats !== undefined;
}

async function look(path: string, extent: SourceExtent): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (extent === 'what-is-there' && systemCode(error) === 'ENOENT') return undefined;
    throw relocationFailed(path, 'read', error);
  }
}

function mustFit(
  path: string,
  { sizeBytes }: FileStamp,
  { lengthBytes }: MetainfoFile,
  extent: SourceExtent,
) {
  if (extent === 'whole' ? sizeBytes === lengthBytes : sizeBytes <= lengthBytes) return;
  throw new HelperError(
    'CONTENT_CHANGED',
    `${path} is ${sizeBytes} bytes long where the torrent has ${lengthBytes}; it stays where it is`,
  );
}

function unmovable(path: string, stats: BigIntStats): HelperError {
  return relocationRefused(
    path,
    stats.isSymbolicLink() ? 'is a symbolic link' : 'is not what was published',
  );
}
