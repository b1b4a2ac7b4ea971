// What was read ahead, for all torrents of one engine within one budget, the least recently used dropped first.
// It knows extents by number and never touches a file.

/** Small enough that reading ahead in vain costs little, large enough for eight requests of 16 KiB. */
export const extentBytes = 128 * 1024;

/** An extent is worth reading whole if it was asked for among a torrent's last so many requests. */
const rememberedRequests = 64;

interface Extent {
  readonly bytes: Promise<Uint8Array | undefined>;
  readonly drop: () => void;
  isLoaded: boolean;
}

export class ReadCache {
  readonly #maxExtents: number;
  /** The least recently used first. A dropped one stays until its read has ended: only then is its memory free. */
  readonly #extents = new Set<Extent>();

  constructor(budgetBytes: number) {
    this.#maxExtents = Math.floor(budgetBytes / extentBytes);
  }

  /** The memory taken at most by what is kept, and by what is being read into it now. */
  get usedBytes(): number {
    return this.#extents.size * extentBytes;
  }

  /** One torrent's part of the cache. */
  openShare(): CacheShare {
    return new CacheShare(this.#extents, this.#maxExtents);
  }
}

/** One torrent's part of a `ReadCache`. */
export class CacheShare {
  readonly #allExtents: Set<Extent>;
  readonly #maxExtents: number;
  readonly #extents = new Map<number, Extent>();
  /** Numbers asked for of late, the oldest first. */
  readonly #requested = new Set<number>();

  constructor(allExtents: Set<Extent>, maxExtents: number) {
    this.#allExtents = allExtents;
    this.#maxExtents = maxExtents;
  }

  /**
   * The bytes of extent `number`, not to be changed: from memory, else by `load` if it was asked for a moment ago
   * and there is room. Undefined means: not here, read just what is needed. Never rejects.
   */
  async read(
    number: number,
    load: () => Promise<Uint8Array | undefined>,
  ): Promise<Uint8Array | undefined> {
    const kept = this.#extents.get(number);
    if (kept) {
      this.#allExtents.delete(kept);
      this.#allExtents.add(kept);
      return kept.bytes;
    }
    if (this.#isRequestedAgain(number) && this.#makeRoom()) return this.#keep(number, load).bytes;
    return undefined;
  }

  /** Forgets extents `first` to `last`: what lies below them has changed. */
  drop(first: number, last: number): void {
    for (let number = first; number <= last; number++) this.#extents.get(number)?.drop();
  }

  dropAll(): void {
    for (const extent of this.#extents.values()) extent.drop();
    this.#requested.clear();
  }

  #keep(number: number, load: () => Promise<Uint8Array | undefined>): Extent {
    const extent: Extent = {
      bytes: load()
        .catch(() => undefined)
        .then((bytes) => {
          extent.isLoaded = true;
          const isCurrent = this.#extents.get(number) === extent;
          if (!bytes || !isCurrent) extent.drop();
          return bytes;
        }),
      drop: () => {
        if (this.#extents.get(number) === extent) this.#extents.delete(number);
        if (extent.isLoaded) this.#allExtents.delete(extent);
      },
      isLoaded: false,
    };
    this.#extents.set(number, extent);
    this.#allExtents.add(extent);
    return extent;
  }

  #isRequestedAgain(number: number): boolean {
    const isAgain = this.#requested.delete(number);
    this.#requested.add(number);
    for (const oldest of this.#requested) {
      if (this.#requested.size <= rememberedRequests) break;
      this.#requested.delete(oldest);
    }
    return isAgain;
  }

  /** Drops the least recently used extent if the budget is spent. False if all of it is being read into. */
  #makeRoom(): boolean {
    if (this.#allExtents.size < this.#maxExtents) return true;
    for (const extent of this.#allExtents) {
      if (!extent.isLoaded) continue;
      extent.drop();
      return true;
    }
    return false;
  }
}
