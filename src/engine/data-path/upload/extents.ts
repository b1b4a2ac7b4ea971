// What of all torrents lies in memory to be served, within one budget. An extent is a stretch of one torrent's content, read
// at once and shared by whoever is served from it: it counts its users, and without any it stays until its memory is wanted.
import { keepWork } from '../../torrent-context.js';
import { PieceBuffers } from '../pieces/piece-buffers.js';

/** The longest, and a stretch that ends where the next one begins. */
export const mostExtentBytes = 2 ** 20;
const budgetBytes = 32 * 2 ** 20;
/** What stays for single blocks when all else is taken. */
const reserveBytes = 8 * 2 ** 20;
/** For each peer: what lies longer untouched is not in the processor's cache any more, and a lone peer asks for nothing twice. */
const idleShareBytes = 3 * 2 ** 20;
const stalledMs = 10_000;
const lookEveryMs = 1_000;

/** One peer's upload. */
export interface ExtentUser {
  /** An extent that it waits for has been read, or could not be. */
  extentRead(): void;
  /** There is memory again: what it was refused may be asked for, at once. */
  roomMade(): void;
  /** Since when it has not taken what lies ready for it. Undefined: nothing does. */
  readonly untakenSinceMs: number | undefined;
  /** Others wait for the memory that it does not use. */
  hangUp(): void;
}

export interface ExtentSource {
  readInto(offsetBytes: number, target: Uint8Array): Promise<void>;
  /** More than one block, which may lie in several files: that it fails is no news. */
  readAhead(offsetBytes: number, target: Uint8Array): Promise<void>;
}

export interface Extent {
  /** Of the torrent. */
  readonly startBytes: number;
  readonly lengthBytes: number;
  /** Not to be changed. What was asked for once it is `read`. */
  readonly bytes: Uint8Array;
  readonly state: 'reading' | 'read' | 'failed';
}

class CountedExtent implements Extent {
  readonly lengthBytes: number;
  state: 'reading' | 'read' | 'failed' = 'reading';
  users = 0;
  /** Not to be found any more: its memory is free once nobody uses it. */
  isForgotten = false;
  readonly waiting = new Set<ExtentUser>();

  constructor(
    readonly owner: TorrentExtents,
    readonly startBytes: number,
    readonly bytes: Uint8Array,
    readonly atBytes: number,
  ) {
    this.lengthBytes = bytes.length;
  }

  covers(startBytes: number, lengthBytes: number): boolean {
    return (
      startBytes >= this.startBytes &&
      startBytes + lengthBytes <= this.startBytes + this.lengthBytes
    );
  }
}

/** The memory of one engine. */
export class Extents {
  readonly #memory: PieceBuffers;
  /** Read, and without users: the least recently used first. */
  readonly #idle = new Set<CountedExtent>();
  #idleBytes = 0;
  readonly #users = new Set<ExtentUser>();
  readonly #waiting = new Map<ExtentUser, () => void>();
  #timer: NodeJS.Timeout | undefined;

  /** `sizeBytes`: a power of two. `keptForBlocksBytes`: what extents of more than 128 KiB leave. */
  constructor(sizeBytes = budgetBytes, keptForBlocksBytes = reserveBytes) {
    this.#memory = new PieceBuffers(sizeBytes, keptForBlocksBytes);
  }

  /** One torrent's. */
  open(source: ExtentSource): TorrentExtents {
    return new TorrentExtents(this, source);
  }

  /** Memory taken, rounded up to powers of two. */
  get usedBytes(): number {
    return this.#memory.usedBytes;
  }

  /** From now on it may be found to hold what others wait for. */
  join(user: ExtentUser): void {
    this.#users.add(user);
  }

  leave(user: ExtentUser): void {
    this.#users.delete(user);
    this.#trim();
    const onRoom = this.#waiting.get(user);
    if (onRoom === undefined) return;
    this.#memory.stopWaiting(onRoom);
    this.#stopWaiting(user);
  }

  /** To be called right after a refusal. They are told in the order they came, each until the next has no room. */
  waitForRoom(user: ExtentUser): void {
    if (this.#waiting.has(user)) return;
    const onRoom = keepWork(() => {
      this.#stopWaiting(user);
      user.roomMade();
    });
    this.#waiting.set(user, onRoom);
    this.#memory.waitForRoom(onRoom);
    this.#timer ??= setInterval(() => this.#hangUpOnStalled(), lookEveryMs).unref();
  }

  /** Where memory begins, or -1. What nobody uses makes room, but not for what need not be kept together. */
  take(lengthBytes: number): number {
    for (;;) {
      const atBytes = this.#memory.takePiece(lengthBytes);
      if (atBytes !== -1) return atBytes;
      const [oldest] = this.#idle;
      if (oldest === undefined) return this.#memory.takeBlock(lengthBytes);
      oldest.owner.forget(oldest);
    }
  }

  viewOf(atBytes: number, lengthBytes: number): Uint8Array {
    return this.#memory.memory.subarray(atBytes, atBytes + lengthBytes);
  }

  use(extent: CountedExtent): void {
    extent.users += 1;
    this.#touch(extent);
  }

  /** It has lost a user, or its read has ended, or it was forgotten. */
  settle(extent: CountedExtent): void {
    if (extent.users > 0 || extent.state === 'reading') return;
    this.#touch(extent);
    if (extent.isForgotten) this.#memory.give(extent.atBytes);
    else if (this.#waiting.size > 0) extent.owner.forget(extent);
    else {
      this.#idle.add(extent);
      this.#idleBytes += extent.lengthBytes;
      this.#trim();
    }
  }

  #trim(): void {
    for (const oldest of this.#idle) {
      if (this.#idleBytes <= idleShareBytes * this.#users.size) break;
      oldest.owner.forget(oldest);
    }
  }

  #touch(extent: CountedExtent): void {
    if (this.#idle.delete(extent)) this.#idleBytes -= extent.lengthBytes;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #stopWaiting(user: ExtentUser): void {
    this.#waiting.delete(user);
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #hangUpOnStalled(): void {
    const beforeMs = performance.now() - stalledMs;
    for (const user of [...this.#users]) {
      const { untakenSinceMs } = user;
      if (untakenSinceMs !== undefined && untakenSinceMs < beforeMs) user.hangUp();
    }
  }
}

/** One torrent's part. */
export class TorrentExtents {
  readonly all: Extents;
  readonly #source: ExtentSource;
  /** By the MiB they begin in, the newest last. */
  readonly #extents = new Map<number, CountedExtent[]>();
  #isClosed = false;

  constructor(all: Extents, source: ExtentSource) {
    this.all = all;
    this.#source = source;
  }

  /** One that holds these bytes, or will, with one user more, who is told when it is read if that is not yet so. */
  find(startBytes: number, lengthBytes: number, user: ExtentUser): Extent | undefined {
    const found = this.#extents
      .get(Math.floor(startBytes / mostExtentBytes))
      ?.findLast((extent) => extent.covers(startBytes, lengthBytes));
    if (found === undefined) return undefined;
    this.all.use(found);
    if (found.state === 'reading') found.waiting.add(user);
    return found;
  }

  /** Begins to read these bytes, at most 1 MiB, for one user. Undefined: there is no memory. */
  read(startBytes: number, lengthBytes: number, user: ExtentUser, isAhead: boolean) {
    const atBytes = this.all.take(lengthBytes);
    if (atBytes === -1) return undefined;
    const bytes = this.all.viewOf(atBytes, lengthBytes);
    const extent = new CountedExtent(this, startBytes, bytes, atBytes);
    this.all.use(extent);
    extent.waiting.add(user);
    this.#add(extent);
    const source = this.#source;
    const ended = isAhead
      ? source.readAhead(startBytes, bytes)
      : source.readInto(startBytes, bytes);
    ended.then(
      () => this.#readEnded(extent, 'read'),
      () => this.#readEnded(extent, 'failed'),
    );
    return extent;
  }

  /** Once for each time it was found or read. */
  release(extent: Extent): void {
    if (!(extent instanceof CountedExtent) || extent.users === 0) {
      throw new Error('bug: an extent without users is released');
    }
    extent.users -= 1;
    this.all.settle(extent);
  }

  /** It will not be found any more. */
  forget(extent: CountedExtent): void {
    if (extent.isForgotten) return;
    extent.isForgotten = true;
    const number = Math.floor(extent.startBytes / mostExtentBytes);
    const left = this.#extents.get(number)?.filter((each) => each !== extent) ?? [];
    if (left.length > 0) this.#extents.set(number, left);
    else this.#extents.delete(number);
    this.all.settle(extent);
  }

  /** The torrent is left: what is in use or being read is given back when that ends, all else now. */
  close(): void {
    this.#isClosed = true;
    for (const extents of [...this.#extents.values()]) {
      for (const extent of extents) this.forget(extent);
    }
  }

  #add(extent: CountedExtent): void {
    const number = Math.floor(extent.startBytes / mostExtentBytes);
    for (const older of this.#extents.get(number) ?? []) {
      if (extent.covers(older.startBytes, older.lengthBytes)) this.forget(older);
    }
    const extents = this.#extents.get(number);
    if (this.#isClosed) extent.isForgotten = true;
    else if (extents === undefined) this.#extents.set(number, [extent]);
    else extents.push(extent);
  }

  #readEnded(extent: CountedExtent, state: 'read' | 'failed'): void {
    extent.state = state;
    // Who asks next tries again.
    if (state === 'failed' && !extent.isForgotten) this.forget(extent);
    else this.all.settle(extent);
    const waiting = [...extent.waiting];
    extent.waiting.clear();
    for (const user of waiting) user.extentRead();
  }
}
