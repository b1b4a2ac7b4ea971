// The marker in a staging folder: what the copy beside it is, and where it came from. It outlives a kill, so that what was
// committed is known as our own, and its source is found.
import { lstat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { systemCode } from '../../errors.js';
import { replaceFile } from '../../files/atomic-write.js';
import { readBoundedFile } from '../../files/read-bounded-file.js';
import {
  decodeVersioned,
  encodeChecked,
  FileFlaw,
  type JsonFields,
} from '../../files/versioned-json.js';
import type { Metainfo } from '../../metainfo/metainfo.js';
import { type FileStamp, isSameFile, stampOf } from '../disk/file-stamp.js';
import { relocationFailed } from '../disk/storage-errors.js';
import { type RelocationTarget, stagingFolder } from './staging-folder.js';

const version = 1;
/** Not to be renamed: what an earlier version left behind is called so. */
const markerName = 'note.json';
/** It holds one path. */
const mostBytes = 64 * 1024;
/** What lies there is no file, or none of ours. */
const foreignCodes = new Set<string | undefined>(['ENOTDIR', 'EINVAL', 'EFBIG', 'ELOOP']);

/**
 * Once everything is staged: says which file or folder the copy is, by what a new name does not change. `open`: a path of the
 * staging folder.
 */
export async function writeMarker(
  open: string,
  { metainfo: { infoHash }, to }: RelocationTarget,
  from: string,
): Promise<void> {
  const stamp = stampOf(await lstat(join(open, basename(to)), { bigint: true }));
  const identity = { copy: identityOf(stamp), birthNs: String(stamp.birthNs) };
  await replaceFile(
    join(open, markerName),
    encodeChecked(version, { infoHash, from, ...identity }),
  );
}

/**
 * The source of the content at the target, if a marker names it, and what lies there is the copy that it tells of.
 * Rejects with a DISK_ code if there is one that cannot be read.
 */
export async function readMarker(target: RelocationTarget): Promise<string | undefined> {
  const stats = await lstat(target.to, { bigint: true }).catch(() => undefined);
  if (stats === undefined) return undefined;
  const fields = await readFields(markerPath(target));
  if (fields?.infoHash !== target.metainfo.infoHash) return undefined;
  const { from, copy, birthNs } = fields;
  const now = stampOf(stats);
  // Earlier versions wrote no birth.
  const born =
    typeof birthNs === 'string' && /^\d{1,20}$/.test(birthNs) ? BigInt(birthNs) : undefined;
  const isCopy = copy === identityOf(now) && isSameFile({ ...now, birthNs: born }, now);
  return isCopy && typeof from === 'string' ? from : undefined;
}

/**
 * Whether a relocation that did not come to its end has brought the content here. Then its source may still be there, by hard
 * links: these are no names that anybody else gave the files. Never rejects.
 */
export async function isBeingRelocated(metainfo: Metainfo, contentPath: string): Promise<boolean> {
  const from = await readMarker({ metainfo, to: contentPath }).catch(() => undefined);
  return from !== undefined;
}

async function readFields(path: string): Promise<JsonFields | undefined> {
  try {
    const bytes = await readBoundedFile(path, mostBytes);
    return bytes && decodeVersioned(bytes, version);
  } catch (error) {
    // Not written to its end, or somebody else's: nothing was committed yet.
    if (error instanceof FileFlaw || foreignCodes.has(systemCode(error))) return undefined;
    throw relocationFailed(path, 'read', error);
  }
}

function markerPath(target: RelocationTarget): string {
  return join(stagingFolder(target), markerName);
}

function identityOf({ device, inode }: FileStamp): string {
  return `${device}:${inode}`;
}
