// The stamp of a file that no disk holds, for rules that are about stamps alone.
import type { FileStamp } from '../../../src/storage/disk/file-stamp.js';

/** Changed when it was modified, with one name. */
export function madeUpStamp(sizeBytes: number, mtimeNs: bigint, inode = 1n): FileStamp {
  return { device: 1n, inode, birthNs: 0n, sizeBytes, mtimeNs, ctimeNs: mtimeNs, linkCount: 1 };
}
