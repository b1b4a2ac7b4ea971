// Finds what there is to publish at a path: every regular file, symbolic links followed, in an order that depends on
// the names alone. It opens none of them.
import type { BigIntStats } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { forEachConcurrent } from '../../../async/for-each-concurrent.js';
import { HelperError, systemCode } from '../../../errors.js';
import { metainfoLimits } from '../../../limits.js';
import { decodeUtf8 } from '../../names/decode-names.js';
import { quoteBytes } from '../../quote.js';
import { contentChanged, contentError, contentUnsupported } from './content-error.js';

/** What tells whether a file is still the same one, unchanged. */
export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
  readonly sizeBytes: bigint;
  readonly modifiedNs: bigint;
}

export interface ScannedFile {
  /** Names below the content's folder; empty if the content is one file. */
  readonly path: readonly string[];
  readonly diskPath: string;
  readonly lengthBytes: number;
  readonly identity: FileIdentity;
  /** When its bytes, its name or its permissions last changed (ctime): unlike `modifiedNs`, no program can set it. */
  readonly changedNs: bigint;
}

export interface ScannedContent {
  /** The base name of the path as given, so that a link keeps its own name. */
  readonly name: string;
  readonly isFolder: boolean;
  /** The real path of the file or folder. */
  readonly root: string;
  readonly files: readonly ScannedFile[];
}

/** A file or folder on the way, with the folders it lies in: what a link may not lead back to. */
interface Entry extends ContentStats {
  readonly path: readonly string[];
  readonly diskPath: string;
  readonly parent: Entry | undefined;
}

interface ContentStats {
  readonly isFolder: boolean;
  readonly identity: FileIdentity;
  readonly changedNs: bigint;
}

/** Enough to keep the thread pool busy, few enough to stop quickly. */
const statsAtOnce = 32;

/**
 * Scans the file or folder at `path`; dotfiles are content like all others. Rejects with HelperError CONTENT_NOT_FOUND,
 * CONTENT_EMPTY, CONTENT_UNREADABLE, CONTENT_CHANGED, or CONTENT_UNSUPPORTED for FIFOs, sockets, devices, dangling and
 * looping links, names that are not UTF-8, and more files than a torrent may have. Rejects with the signal's reason
 * when that aborts.
 */
export async function scanContent(
  path: string,
  signal: AbortSignal,
  maxEntries: number = metainfoLimits.files,
): Promise<ScannedContent> {
  signal.throwIfAborted();
  const { root, stats } = await findRoot(path);
  const name = contentName(path, root);
  const files: ScannedFile[] = [];
  // A stack of our own: no depth of folders can overflow it. What is on top comes first.
  const pending: Entry[] = [{ path: [], diskPath: root, parent: undefined, ...stats }];
  let found = 0;
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    if (!entry.isFolder) {
      files.push(toScannedFile(entry));
      continue;
    }
    const names = await listNames(entry.diskPath);
    found += names.length;
    if (found > maxEntries) {
      throw contentUnsupported(
        path,
        `holds more than ${maxEntries} files and folders`,
        'publish it in parts, or as an archive',
      );
    }
    const children = await findChildren(entry, names, signal);
    for (const child of children.reverse()) pending.push(child);
  }
  if (!files.some((file) => file.lengthBytes > 0)) {
    throw new HelperError('CONTENT_EMPTY', `${path} holds no bytes, so there is nothing to send`);
  }
  return { name, isFolder: stats.isFolder, root, files };
}

interface Root {
  readonly root: string;
  readonly stats: ContentStats;
}

async function findRoot(path: string): Promise<Root> {
  let given: BigIntStats | undefined;
  try {
    given = await lstat(path, { bigint: true });
    const bytes = asBytes(await realpath(path, { encoding: 'buffer' }));
    const root = decodeUtf8(bytes);
    if (root === undefined) throw notUtf8(quoteBytes(bytes));
    return {
      root,
      stats: given.isSymbolicLink() ? await statContent(root) : ofContent(root, given),
    };
  } catch (error) {
    if (systemCode(error) === 'ENOENT' && given?.isSymbolicLink()) throw dangling(path);
    throw contentError(path, error);
  }
}

/** The base name of the path; `.`, `..` and what ends in them are called by the real name of their root. */
export function contentName(path: string, root: string): string {
  const given = basename(path);
  const name = given === '' || given === '.' || given === '..' ? basename(root) : given;
  if (name === '') {
    throw contentUnsupported(root, 'has no name of its own', 'publish the folders in it');
  }
  return name;
}

async function findChildren(
  folder: Entry,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Entry[]> {
  const children: Entry[] = [];
  await forEachConcurrent(statsAtOnce, names.entries(), async ([index, name]) => {
    signal.throwIfAborted();
    children[index] = await findChild(folder, name);
  });
  return children;
}

/** The names in a folder, sorted by their raw bytes. */
async function listNames(folderPath: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folderPath, { encoding: 'buffer' });
    return names
      .map(asBytes)
      .sort(Buffer.compare)
      .map((bytes) => {
        const name = decodeUtf8(bytes);
        if (name === undefined) throw notUtf8(`${folderPath}/${quoteBytes(bytes)}`);
        return name;
      });
  } catch (error) {
    // It was there a moment ago.
    if (systemCode(error) === 'ENOENT') throw contentChanged(folderPath);
    throw contentError(folderPath, error);
  }
}

/** Yarn's Plug'n'Play puts its own `fs` in the place of Node's, and that tells names as text, whatever it is asked for. */
function asBytes(name: Buffer | string): Buffer {
  return typeof name === 'string' ? Buffer.from(name) : name;
}

async function findChild(folder: Entry, name: string): Promise<Entry> {
  const diskPath = join(folder.diskPath, name);
  const stats = await statContent(diskPath);
  if (stats.isFolder && liesIn(folder, stats.identity)) {
    throw contentUnsupported(diskPath, 'is a link to a folder it lies in');
  }
  return { path: [...folder.path, name], diskPath, parent: folder, ...stats };
}

function liesIn(folder: Entry, { device, inode }: FileIdentity): boolean {
  for (let above: Entry | undefined = folder; above; above = above.parent) {
    if (above.identity.inode === inode && above.identity.device === device) return true;
  }
  return false;
}

async function statContent(diskPath: string): Promise<ContentStats> {
  try {
    return ofContent(diskPath, await stat(diskPath, { bigint: true }));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw contentError(diskPath, error);
    throw (await isLink(diskPath)) ? dangling(diskPath) : contentChanged(diskPath);
  }
}

function ofContent(diskPath: string, found: BigIntStats): ContentStats {
  const isFolder = found.isDirectory();
  if (isFolder || found.isFile()) {
    return { isFolder, identity: identityOf(found), changedNs: found.ctimeNs };
  }
  throw contentUnsupported(diskPath, `is ${kindOf(found)}`);
}

async function isLink(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return stats?.isSymbolicLink() ?? false;
}

function kindOf(stats: BigIntStats): string {
  if (stats.isFIFO()) return 'a FIFO';
  return stats.isSocket() ? 'a socket' : 'a device';
}

function toScannedFile({ path, diskPath, identity, changedNs }: Entry): ScannedFile {
  return { path, diskPath, lengthBytes: Number(identity.sizeBytes), identity, changedNs };
}

export function identityOf(stats: BigIntStats): FileIdentity {
  return {
    device: stats.dev,
    inode: stats.ino,
    sizeBytes: stats.size,
    modifiedNs: stats.mtimeNs,
  };
}

function dangling(path: string): HelperError {
  return contentUnsupported(path, 'is a symbolic link that leads nowhere');
}

function notUtf8(path: string): HelperError {
  return contentUnsupported(path, 'has a name that is not UTF-8');
}
