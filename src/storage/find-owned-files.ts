// Which of the files at a torrent's places are the job's own: what it is about to delete, and nothing else. A path does not
// say so. That the file is the very one that was left there does, and so does a good piece in it.
import { HelperError } from '../errors.js';
import type { Metainfo, MetainfoFile } from '../metainfo/metainfo.js';
import { findGoodFiles } from './check/find-good-files.js';
import { createDisk } from './content/disk.js';
import { openTorrentStorage } from './content/torrent-storage.js';
import { type FileStamp, isSameFile, isUnchanged, type RecordedStamp } from './disk/file-stamp.js';
import { fileStatus, type SeenFolders } from './layout/file-status.js';
import { journalSlackNs, type StoredResumeData } from './resume/validate-resume-data.js';
import type { FileStamps } from './storage.js';

export interface OwnershipRequest {
  readonly metainfo: Metainfo;
  /** The file itself for a single-file torrent, else the folder that holds the files. */
  readonly contentPath: string;
  readonly stored: StoredResumeData;
  readonly signal: AbortSignal;
}

export interface Ownership {
  readonly owned: FileStamps;
  /** They could be the torrent's by where they lie and how long they are. */
  readonly foreign: readonly MetainfoFile[];
}

/**
 * Links, folders, and files that are longer than the torrent's are in neither. Rejects with a DISK_ code where one may not
 * look, and with the signal's reason. No more is read than the first good piece of each file that is not known.
 */
export async function findOwnedFiles(request: OwnershipRequest): Promise<Ownership> {
  const { metainfo, stored } = request;
  const stamps = await lookAtFiles(request);
  const owned = new Map<MetainfoFile, FileStamp>();
  const unknown = new Map<MetainfoFile, FileStamp>();
  for (const [index, file] of metainfo.files.entries()) {
    const stamp = stamps.get(file);
    if (stamp) (isAsLeft(stored, index, file, stamp) ? owned : unknown).set(file, stamp);
  }
  const good = await findGood(request, stamps, unknown.keys());
  const hasOthers = owned.size + good.size > 0;
  for (const [file, stamp] of unknown) {
    // One that is empty tells nothing; but nothing is lost with it.
    const isExpected = stored.record?.stamps.has(file) || (file.lengthBytes === 0 && hasOthers);
    if (!good.has(file) && !(stamp.sizeBytes === 0 && isExpected)) continue;
    owned.set(file, stamp);
    unknown.delete(file);
  }
  return { owned, foreign: [...unknown.keys()] };
}

async function findGood(
  { metainfo, contentPath, stored, signal }: OwnershipRequest,
  stamps: FileStamps,
  files: Iterable<MetainfoFile>,
): Promise<ReadonlySet<MetainfoFile>> {
  const disk = createDisk();
  const content = openTorrentStorage({ metainfo, contentPath, role: 'download', disk });
  try {
    const likely = stored.record?.pieces;
    return await findGoodFiles({ metainfo, content, stamps, files, likely, signal });
  } finally {
    await content.close();
  }
}

async function lookAtFiles({ metainfo, contentPath, signal }: OwnershipRequest) {
  const stamps = new Map<MetainfoFile, FileStamp>();
  const seen: SeenFolders = new Map();
  for (const file of metainfo.files) {
    signal.throwIfAborted();
    const stamp = file.isPadding ? undefined : await fileStatusUnlessTaken(contentPath, file, seen);
    if (stamp && stamp.sizeBytes <= file.lengthBytes) stamps.set(file, stamp);
  }
  return stamps;
}

async function fileStatusUnlessTaken(contentPath: string, file: MetainfoFile, seen: SeenFolders) {
  return fileStatus(contentPath, file, seen).catch((error: unknown) => {
    if (error instanceof HelperError && error.code === 'DESTINATION_EXISTS') return undefined;
    throw error;
  });
}

/** The file on record, or one that the journal says was made here, and nobody has touched it since we last wrote to it. */
function isAsLeft(
  { record, journal }: StoredResumeData,
  index: number,
  file: MetainfoFile,
  now: FileStamp,
): boolean {
  const then = record?.stamps.get(file);
  // Its inode alone would not do: another file may have that by now, or other bytes lie in it.
  if (isIdentified(then) && isUnchanged(then, now)) return true;
  if (journal === undefined || journal === 'damaged') return false;
  if (now.ctimeNs > journal.mtimeNs + journalSlackNs) return false;
  return [then, journal.made.get(index)].some(
    (known) => isIdentified(known) && isSameFile(known, now),
  );
}

type Identity = Pick<RecordedStamp, 'device' | 'inode'>;

/** Records of version 1 do not tell which file it was. */
function isIdentified<T extends Identity>(known: T | undefined): known is T {
  return known?.device !== undefined && known.inode !== undefined;
}
