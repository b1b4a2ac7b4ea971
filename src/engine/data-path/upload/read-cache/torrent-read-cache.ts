// One torrent's part of the read cache: finds what lies there, and reads what does not.
import {
  type CacheEntry,
  type CacheUser,
  CountedEntry,
  type EntryOwner,
  mostEntryBytes,
} from './cache-entry.js';
import type { ReadCache } from './read-cache.js';

export interface CacheSource {
  readInto(offsetBytes: number, target: Uint8Array): Promise<void>;
  /** More than one block, which may lie in several files: that it fails is no news. */
  readAhead(offsetBytes: number, target: Uint8Array): Promise<void>;
}

export class TorrentReadCache implements EntryOwner {
  readonly shared: ReadCache;
  readonly #source: CacheSource;
  /** By the MiB they begin in, the newest last. */
  readonly #entries = new Map<number, CountedEntry[]>();
  #isClosed = false;

  constructor(shared: ReadCache, source: CacheSource) {
    this.shared = shared;
    this.#source = source;
  }

  /** One that holds these bytes, or will, with one user more, who is told when it is read if that is not yet so. */
  find(startBytes: number, lengthBytes: number, user: CacheUser): CacheEntry | undefined {
    const found = this.#entries
      .get(Math.floor(startBytes / mostEntryBytes))
      ?.findLast((entry) => entry.covers(startBytes, lengthBytes));
    if (found === undefined) return undefined;
    this.shared.use(found);
    if (found.state === 'reading') found.waiting.add(user);
    return found;
  }

  /** Begins to read these bytes, at most 1 MiB, for one user. Undefined: there is no memory. */
  read(startBytes: number, lengthBytes: number, user: CacheUser, isAhead: boolean) {
    const atBytes = this.shared.allocate(lengthBytes);
    if (atBytes === -1) return undefined;
    const bytes = this.shared.viewOf(atBytes, lengthBytes);
    const entry = new CountedEntry(this, startBytes, bytes, atBytes);
    this.shared.use(entry);
    entry.waiting.add(user);
    this.#add(entry);
    const source = this.#source;
    const ended = isAhead
      ? source.readAhead(startBytes, bytes)
      : source.readInto(startBytes, bytes);
    ended.then(
      () => this.#readEnded(entry, 'read'),
      () => this.#readEnded(entry, 'failed'),
    );
    return entry;
  }

  /** Once for each time it was found or read. */
  release(entry: CacheEntry): void {
    if (!(entry instanceof CountedEntry) || entry.users === 0) {
      throw new Error('bug: an entry without users is released');
    }
    entry.users -= 1;
    this.shared.reclaim(entry);
  }

  /** It will not be found any more. */
  evict(entry: CountedEntry): void {
    if (entry.isEvicted) return;
    entry.isEvicted = true;
    const number = Math.floor(entry.startBytes / mostEntryBytes);
    const left = this.#entries.get(number)?.filter((each) => each !== entry) ?? [];
    if (left.length > 0) this.#entries.set(number, left);
    else this.#entries.delete(number);
    this.shared.reclaim(entry);
  }

  /** These bytes may be others by now: whoever waits to send some of them has them read again. */
  forget(startBytes: number, lengthBytes: number): void {
    const endBytes = startBytes + lengthBytes;
    const first = Math.floor(startBytes / mostEntryBytes) - 1;
    const last = Math.floor(endBytes / mostEntryBytes);
    for (const [number, entries] of [...this.#entries]) {
      if (number < first || number > last) continue;
      for (const entry of entries) {
        if (!entry.overlaps(startBytes, endBytes)) continue;
        entry.isForgotten = true;
        if (entry.state === 'read') entry.state = 'forgotten';
        this.evict(entry);
      }
    }
  }

  /** The torrent is left: what is in use or being read is given back when that ends, all else now. */
  close(): void {
    this.#isClosed = true;
    for (const entries of [...this.#entries.values()]) {
      for (const entry of entries) this.evict(entry);
    }
  }

  #add(entry: CountedEntry): void {
    const number = Math.floor(entry.startBytes / mostEntryBytes);
    for (const older of this.#entries.get(number) ?? []) {
      if (entry.covers(older.startBytes, older.lengthBytes)) this.evict(older);
    }
    const entries = this.#entries.get(number);
    if (this.#isClosed) entry.isEvicted = true;
    else if (entries === undefined) this.#entries.set(number, [entry]);
    else entries.push(entry);
  }

  #readEnded(entry: CountedEntry, state: 'read' | 'failed'): void {
    entry.state = state === 'read' && entry.isForgotten ? 'forgotten' : state;
    // Who asks next tries again.
    if (state === 'failed' && !entry.isEvicted) this.evict(entry);
    else this.shared.reclaim(entry);
    const waiting = [...entry.waiting];
    entry.waiting.clear();
    for (const user of waiting) user.entryRead();
  }
}
