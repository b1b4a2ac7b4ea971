// The hash cache: content that did not change since it was hashed need not be read again. An entry is a JSON file, named
// after the content's real path, its name and its privacy. It has the timestamps of every file, and the info dictionary,
// whatever piece length that was made with. It is never needed: what cannot be read or written costs a hashing.
import { hash } from 'node:crypto';
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isTemporary, replaceFile } from '../../files/atomic-write.js';
import { inFolder, makePrivateDirectory } from '../../files/make-directory.js';
import { readStampedFile } from '../../files/read-bounded-file.js';
import { decodeVersioned, encodeVersioned } from '../../files/versioned-json.js';
import type { Metainfo } from '../metainfo.js';
import { parseInfo } from '../parse/parse-metainfo.js';
import type { ScannedContent, ScannedFile } from './content/scan-content.js';

export interface HashCache {
  /** The metainfo that was made of this content, if no file of it was touched since. Never rejects. */
  get(content: ScannedContent, wanted: WantedMetainfo): Promise<Metainfo | undefined>;
  /** `content`: as it was scanned before it was hashed. Never rejects. */
  set(content: ScannedContent, made: Metainfo): Promise<void>;
}

/** What else the info dictionary depends on. */
export interface WantedMetainfo {
  readonly isPrivate: boolean;
  /** Undefined: whatever it was made with. */
  readonly pieceLengthBytes: number | undefined;
  /** For the metainfo found; no part of the info hash. */
  readonly announce: readonly (readonly string[])[];
}

const version = 1;
/** The largest there can be: 20 MiB of hashes in Base64, and 200,000 files. */
const maxEntryBytes = 256 * 1024 * 1024;

const dayMs = 24 * 3600 * 1000;
/** An entry that nobody asked for in so long is dropped. */
const unusedMs = 365 * dayMs;
/** So many are examined each time, somewhere in the folder. */
const maxPruned = 1000;

/** The one of a state directory. */
export function hashCacheIn(stateDir: string): HashCache {
  return openHashCache(join(stateDir, 'made'));
}

/** `dir` need not exist. */
export function openHashCache(dir: string): HashCache {
  let isPruned = false;
  return {
    async get(content, wanted) {
      for (const name of [entryName(content, wanted), entryNameOfBefore(content, wanted)]) {
        const found = await read(join(dir, name), content, wanted);
        if (found) return found;
      }
      return undefined;
    },
    async set(content, made) {
      try {
        const entry = encodeVersioned(version, {
          root: content.root,
          infoHash: made.infoHash,
          stamps: content.files.map(stampOf),
          info: Buffer.from(made.info).toString('base64'),
        });
        // A power cut may leave half of it, and that is found out.
        const path = join(dir, entryName(content, made));
        await inFolder(
          () => makePrivateDirectory(dir),
          () => replaceFile(path, entry, 'unsynced'),
        );
      } catch {
        return;
      }
      if (isPruned) return;
      isPruned = true;
      void prune(dir, Date.now() - unusedMs);
    },
  };
}

async function read(
  path: string,
  content: ScannedContent,
  { pieceLengthBytes, announce }: WantedMetainfo,
): Promise<Metainfo | undefined> {
  try {
    const entry = await readStampedFile(path, maxEntryBytes);
    if (!entry) return undefined;
    const { root, stamps, infoHash, info } = decodeVersioned(entry.bytes, version);
    if (root !== content.root || typeof info !== 'string') return undefined;
    if (!isSame(stamps, content.files.map(stampOf))) return undefined;
    const metainfo = parseInfo(new Uint8Array(Buffer.from(info, 'base64')), announce, path);
    // The info hash is the entry's own checksum, too.
    if (metainfo.infoHash !== infoHash) return undefined;
    if (metainfo.pieceLengthBytes !== (pieceLengthBytes ?? metainfo.pieceLengthBytes)) {
      return undefined;
    }
    await markUsed(path, entry.mtimeNs);
    return metainfo;
  } catch {
    return undefined;
  }
}

function entryName(
  { root, name }: ScannedContent,
  { isPrivate }: Pick<WantedMetainfo, 'isPrivate'>,
): string {
  return nameOf([root, name, isPrivate]);
}

/** Entries of before had the piece length in their names. They save many gigabytes of hashing, for years to come. */
function entryNameOfBefore(
  { root, name, files }: ScannedContent,
  { isPrivate, pieceLengthBytes }: WantedMetainfo,
): string {
  return nameOf([root, name, isPrivate, pieceLengthBytes ?? pieceLengthOfBefore(files)]);
}

function nameOf(key: readonly unknown[]): string {
  return `${hash('sha256', JSON.stringify(key)).slice(0, 40)}.json`;
}

/** How it was chosen when the names of entries had it: not to be changed, whatever the rule is today. */
function pieceLengthOfBefore(files: readonly ScannedFile[]): number {
  const totalBytes = files.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  let bytes = 16 * 1024;
  while (bytes < 16 * 1024 * 1024 && totalBytes / bytes > 2000) bytes *= 2;
  return bytes;
}

/**
 * Size, times in nanoseconds since 1970, inode, path. No device: its number may be another after a restart. A program
 * can set the time of modification as it likes, but not that of the change (ctime).
 */
function stampOf({ path, identity, changedNs }: ScannedFile): string {
  const { sizeBytes, modifiedNs, inode } = identity;
  return `${sizeBytes} ${modifiedNs} ${changedNs} ${inode} ${path.join('/')}`;
}

function isSame(stamps: unknown, now: readonly string[]): boolean {
  if (!Array.isArray(stamps) || stamps.length !== now.length) return false;
  return now.every((stamp, index) => stamp === stamps[index]);
}

/** The entry's own time of modification tells when it was last used, to the day. */
async function markUsed(path: string, mtimeNs: bigint): Promise<void> {
  const now = new Date();
  const mtimeMs = Number(mtimeNs / 1_000_000n);
  if (now.getTime() - mtimeMs > dayMs) await utimes(path, now, now).catch(() => {});
}

function isOurs(name: string): boolean {
  return /^[0-9a-f]{40}\.json$/.test(name) || isTemporary(name);
}

/** Drops what was last used before `beforeMs`; files of other names are somebody's. Never rejects. */
async function prune(dir: string, beforeMs: number): Promise<void> {
  const names = (await readdir(dir).catch(() => [])).filter(isOurs);
  const from = Math.floor(Math.random() * Math.max(1, names.length - maxPruned + 1));
  for (const name of names.slice(from, from + maxPruned)) {
    const path = join(dir, name);
    const stats = await stat(path).catch(() => undefined);
    if (stats && stats.mtimeMs < beforeMs) await rm(path, { force: true }).catch(() => {});
  }
}
