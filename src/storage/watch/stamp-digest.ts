// What the stamps of all files come to, as a few bytes: so that whoever hashed them, in another thread and some time ago, can
// say how they were. Pure.
import { createHash } from 'node:crypto';
import type { FileStamp } from '../disk/file-stamp.js';

/** What tells whether somebody has written to a file, but for its names. */
export type DigestedStamp = Pick<
  FileStamp,
  'device' | 'inode' | 'sizeBytes' | 'mtimeNs' | 'ctimeNs'
>;

/** In the torrent's order; undefined for a file that is not there. */
export function digestStamps(stamps: Iterable<DigestedStamp | undefined>): string {
  const hash = createHash('sha1');
  for (const stamp of stamps) {
    if (stamp === undefined) hash.update('-\n');
    else {
      const { device, inode, sizeBytes, mtimeNs, ctimeNs } = stamp;
      hash.update(`${device} ${inode} ${sizeBytes} ${mtimeNs} ${ctimeNs}\n`);
    }
  }
  return hash.digest('hex');
}
