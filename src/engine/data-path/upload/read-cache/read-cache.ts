// What of all torrents lies in memory to be served, within one budget. An entry is read at once and shared by whoever is
// served from it: it counts its users, and without any it stays until its memory is wanted.
import { bindToTorrent } from '../../../torrent-context.js';
import { PieceBuffers } from '../../pieces/piece-buffers.js';
import type { CacheUser, CountedEntry } from './cache-entry.js';

const sizeBytes = 32 * 2 ** 20;
/** What stays for single blocks when all else is taken. */
const reserveBytes = 8 * 2 ** 20;
/** For each peer: what lies longer untouched is not in the processor's cache any more, and a lone peer asks for nothing twice. */
const idleShareBytes = 3 * 2 ** 20;
const stalledMs = 10_000;
const tickMs = 1_000;

/** The memory of one engine. */
export class ReadCache {
  readonly #memory: PieceBuffers;
  /** Read, and without users: the least recently used first. */
  readonly #idle = new Set<CountedEntry>();
  #idleBytes = 0;
  readonly #users = new Set<CacheUser>();
  readonly #waiting = new Map<CacheUser, () => void>();
  #timer: NodeJS.Timeout | undefined;

  /** `cacheBytes`: a power of two. `blockReserveBytes`: what entries of more than 128 KiB leave. */
  constructor(cacheBytes = sizeBytes, blockReserveBytes = reserveBytes) {
    this.#memory = new PieceBuffers(cacheBytes, blockReserveBytes);
  }

  /** Memory taken, rounded up to powers of two. */
  get usedBytes(): number {
    return this.#memory.usedBytes;
  }

  /** From now on it may be found to occupy what others wait for. */
  join(user: CacheUser): void {
    this.#users.add(user);
  }

  leave(user: CacheUser): void {
    this.#users.delete(user);
    this.#trim();
    const onRoom = this.#waiting.get(user);
    if (onRoom === undefined) return;
    this.#memory.stopWaiting(onRoom);
    this.#stopWaiting(user);
  }

  /** To be called right after a refusal. They are told in the order they came, each until the next has no room. */
  waitForRoom(user: CacheUser): void {
    if (this.#waiting.has(user)) return;
    const onRoom = bindToTorrent(() => {
      this.#stopWaiting(user);
      user.roomMade();
    });
    this.#waiting.set(user, onRoom);
    this.#memory.waitForRoom(onRoom);
    this.#timer ??= setInterval(() => this.#hangUpOnStalled(), tickMs).unref();
  }

  /** Where memory begins, or -1. What nobody uses makes room, but not for what need not lie together. */
  allocate(lengthBytes: number): number {
    for (;;) {
      const atBytes = this.#memory.allocatePiece(lengthBytes);
      if (atBytes !== -1) return atBytes;
      const [oldest] = this.#idle;
      if (oldest === undefined) return this.#memory.allocateBlock(lengthBytes);
      oldest.owner.evict(oldest);
    }
  }

  viewOf(atBytes: number, lengthBytes: number): Uint8Array {
    return this.#memory.memory.subarray(atBytes, atBytes + lengthBytes);
  }

  use(entry: CountedEntry): void {
    entry.users += 1;
    this.#touch(entry);
  }

  /** It has lost a user, or its read has ended, or it was forgotten. */
  reclaim(entry: CountedEntry): void {
    if (entry.users > 0 || entry.state === 'reading') return;
    this.#touch(entry);
    if (entry.isEvicted) this.#memory.free(entry.atBytes);
    else if (this.#waiting.size > 0) entry.owner.evict(entry);
    else {
      this.#idle.add(entry);
      this.#idleBytes += entry.lengthBytes;
      this.#trim();
    }
  }

  #trim(): void {
    for (const oldest of this.#idle) {
      if (this.#idleBytes <= idleShareBytes * this.#users.size) break;
      oldest.owner.evict(oldest);
    }
  }

  #touch(entry: CountedEntry): void {
    if (this.#idle.delete(entry)) this.#idleBytes -= entry.lengthBytes;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #stopWaiting(user: CacheUser): void {
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
