// One stretch of a torrent's content in the read cache: what its users see of it, and how they are counted.

/** The longest, and a stretch that ends where the next one begins. */
export const mostEntryBytes = 2 ** 20;

export interface CacheEntry {
  /** Of the torrent. */
  readonly startBytes: number;
  readonly lengthBytes: number;
  /** Not to be changed. What was asked for once it is `read`. */
  readonly bytes: Uint8Array;
  /** `forgotten`: its bytes may be others by now, and are to be read again. */
  readonly state: 'reading' | 'read' | 'failed' | 'forgotten';
}

/** One peer's upload. */
export interface CacheUser {
  /** An entry that it waits for has been read, or could not be. */
  entryRead(): void;
  /** There is memory again: what it was refused may be asked for, at once. */
  roomMade(): void;
  /** Since when it has not taken what lies ready for it. Undefined: nothing does. */
  readonly untakenSinceMs: number | undefined;
  /** Others wait for the memory that it does not use. */
  hangUp(): void;
}

/** Where entries can be found. */
export interface EntryOwner {
  /** It will not be found any more. */
  evict(entry: CountedEntry): void;
}

export class CountedEntry implements CacheEntry {
  readonly lengthBytes: number;
  state: CacheEntry['state'] = 'reading';
  users = 0;
  /** Not to be found any more: its memory is free once nobody uses it. */
  isEvicted = false;
  /** What is read of it may be older than what lies there now. */
  isForgotten = false;
  readonly waiting = new Set<CacheUser>();

  constructor(
    readonly owner: EntryOwner,
    readonly startBytes: number,
    readonly bytes: Uint8Array,
    readonly atBytes: number,
  ) {
    this.lengthBytes = bytes.length;
  }

  overlaps(startBytes: number, endBytes: number): boolean {
    return this.startBytes < endBytes && startBytes < this.startBytes + this.lengthBytes;
  }

  covers(startBytes: number, lengthBytes: number): boolean {
    return (
      startBytes >= this.startBytes &&
      startBytes + lengthBytes <= this.startBytes + this.lengthBytes
    );
  }
}
