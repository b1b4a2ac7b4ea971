// Which file a file is, and what tells whether it was changed since one last looked. A path says neither.
import type { BigIntStats } from 'node:fs';

export interface FileStamp {
  /** Inode and device tell a file from any other that exists, by whatever name. */
  readonly device: bigint;
  readonly inode: bigint;
  readonly sizeBytes: number;
  /** Nanoseconds since 1970, as below. */
  readonly mtimeNs: bigint;
  /** When its bytes, names or permissions last changed: unlike `mtimeNs`, no program can set it. */
  readonly ctimeNs: bigint;
  /** Its names (hard links). */
  readonly linkCount: number;
}

/** As far as it was put on record: what was written by version 1 knows but size and time. */
export interface RecordedStamp extends Pick<FileStamp, 'sizeBytes' | 'mtimeNs'> {
  readonly device?: bigint | undefined;
  readonly inode?: bigint | undefined;
  readonly ctimeNs?: bigint | undefined;
}

export function stampOf(stats: BigIntStats): FileStamp {
  return {
    device: stats.dev,
    inode: stats.ino,
    sizeBytes: Number(stats.size),
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
    linkCount: Number(stats.nlink),
  };
}

/** By inode and device, as far as both are known. */
export function isSameFile(
  one: Pick<RecordedStamp, 'device' | 'inode'>,
  other: Pick<RecordedStamp, 'device' | 'inode'>,
): boolean {
  return isAlike(one.device, other.device) && isAlike(one.inode, other.inode);
}

/** The same file, and nobody wrote to it in between. */
export function isUnchanged(then: RecordedStamp, now: RecordedStamp): boolean {
  return (
    isSameFile(then, now) &&
    then.sizeBytes === now.sizeBytes &&
    then.mtimeNs === now.mtimeNs &&
    isAlike(then.ctimeNs, now.ctimeNs)
  );
}

function isAlike(one: bigint | undefined, other: bigint | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}
