// What the stamps of all files come to, as a few bytes: so that whoever hashed them, in another thread and some time ago, can
// say how they were. Pure.
import { hash } from 'node:crypto';
import { forEachInSlices } from '../../async/slices.js';
import type { FileStamp } from '../disk/file-stamp.js';

/** What tells whether somebody has written to a file, but for its names. */
export type DigestedStamp = Pick<
  FileStamp,
  'device' | 'inode' | 'sizeBytes' | 'mtimeNs' | 'ctimeNs'
>;

const numbersAStamp = 5;
/** A few milliseconds of work. */
const stampsATurn = 4096;

/** In the torrent's order; undefined for a file that is not there. */
export async function digestStamps(
  stamps: readonly (DigestedStamp | undefined)[],
): Promise<string> {
  const packed = new BigInt64Array(numbersAStamp * stamps.length);
  let at = 0;
  await forEachInSlices(stampsATurn, stamps, (stamp) => {
    packed[at] = stamp?.device ?? -1n;
    packed[at + 1] = stamp?.inode ?? -1n;
    packed[at + 2] = BigInt(stamp?.sizeBytes ?? -1);
    packed[at + 3] = stamp?.mtimeNs ?? -1n;
    packed[at + 4] = stamp?.ctimeNs ?? -1n;
    at += numbersAStamp;
  });
  return hash('sha1', packed);
}
