// How the files of a torrent look, as they lie on the disk.
import type { Metainfo, MetainfoFile } from '../../../src/metainfo/metainfo.js';
import type { FileStamp } from '../../../src/storage/disk/file-stamp.js';
import { fileStatus } from '../../../src/storage/layout/file-status.js';

/** Of those that are files, and are reached through no link. */
export async function stampsOnDisk(
  metainfo: Metainfo,
  contentPath: string,
): Promise<Map<MetainfoFile, FileStamp>> {
  const stamps = new Map<MetainfoFile, FileStamp>();
  for (const file of metainfo.files) {
    const stamp = await fileStatus(contentPath, file).catch(() => undefined);
    if (stamp) stamps.set(file, stamp);
  }
  return stamps;
}
