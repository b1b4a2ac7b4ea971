// Which file a file is, and what tells whether it was changed since one last looked. A path says neither.
import { type BigIntStats, statSync } from 'node:fs';
import { platform } from 'node:os';

export interface FileStamp {
  /** Inode and device tell a file from any other that exists, by whatever name. */
  readonly device: bigint;
  readonly inode: bigint;
  /** When it was made, in nanoseconds since 1970: inodes of files that are gone are used again. 0 where that is not told. */
  readonly birthNs: bigint;
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
  readonly birthNs?: bigint | undefined;
  readonly ctimeNs?: bigint | undefined;
}

export function stampOf(stats: BigIntStats): FileStamp {
  return {
    device: stats.dev,
    inode: stats.ino,
    birthNs: tellsBirths ? stats.birthtimeNs : 0n,
    sizeBytes: Number(stats.size),
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
    linkCount: Number(stats.nlink),
  };
}

/** So many numbers are a packed stamp: 56 bytes, which take no time to send, and little room. */
export const packedLength = 7;

export function packStamp(stamp: FileStamp, into: BigInt64Array, at: number): void {
  into[at] = stamp.device;
  into[at + 1] = stamp.inode;
  into[at + 2] = stamp.birthNs;
  into[at + 3] = stamp.mtimeNs;
  into[at + 4] = stamp.ctimeNs;
  into[at + 5] = BigInt(stamp.sizeBytes);
  into[at + 6] = BigInt(stamp.linkCount);
}

/** What was never packed there has no names, and no size. */
export function unpackStamp(from: BigInt64Array, at: number): FileStamp {
  const of = (field: number) => from[at + field] ?? 0n;
  return {
    device: BigInt.asUintN(64, of(0)),
    inode: BigInt.asUintN(64, of(1)),
    birthNs: of(2),
    mtimeNs: of(3),
    ctimeNs: of(4),
    sizeBytes: Number(of(5)),
    linkCount: Number(of(6)),
  };
}

/** What tells a file from any other, as far as it is known. */
type FileIdentity = Pick<RecordedStamp, 'device' | 'inode' | 'birthNs'>;

export function isSameFile(one: FileIdentity, other: FileIdentity): boolean {
  return (
    isAlike(one.device, other.device) &&
    isAlike(one.inode, other.inode) &&
    isAlike(one.birthNs || undefined, other.birthNs || undefined)
  );
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

/** As `isUnchanged`, whatever names it got or lost: that counts as a change of the file (ctime), too. */
export function isSameContent(then: RecordedStamp, now: RecordedStamp): boolean {
  return isUnchanged({ ...then, ctimeNs: undefined }, now);
}

/** It got or lost names, and nothing else of it changed. */
export function differsInNames(then: FileStamp, now: FileStamp): boolean {
  return then.linkCount !== now.linkCount && isSameContent(then, now);
}

function isAlike(one: bigint | undefined, other: bigint | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}

/** Where Linux is so old, or so closed in, that it does not tell, Node gives the time of change: even of what has no birth. */
const tellsBirths = platform() !== 'linux' || hasNoBirth('/proc/self');

function hasNoBirth(path: string): boolean {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.birthtimeNs === 0n;
}
