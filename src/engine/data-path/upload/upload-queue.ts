// The requests of one peer that have not been served, in their order: first those that something is read for, then those
// that wait. Taking one back costs the same however many there are.
import type { CacheEntry } from './read-cache/cache-entry.js';

/** Cancelled requests stay where they are until so many have gathered. */
const mostGaps = 256;

export class BlockRequest {
  /** Where it lies, or will. */
  entry: CacheEntry | undefined = undefined;
  isCancelled = false;
  isServed = false;
  /** The one before with the same key. */
  older: BlockRequest | undefined = undefined;

  /** `startBytes`: in the torrent. */
  constructor(
    readonly index: number,
    readonly offsetBytes: number,
    readonly lengthBytes: number,
    readonly startBytes: number,
  ) {}
}

export class UploadQueue {
  #requests: BlockRequest[] = [];
  /** The first that is not served. */
  #first = 0;
  /** The first that waits. */
  #next = 0;
  /** Cancelled ones among those that wait. */
  #gaps = 0;
  /** The last one of each key that is neither cancelled nor served; it knows the one before. Made when something is first cancelled. */
  #last: Map<number, BlockRequest> | undefined;

  /** Without those that were cancelled while they waited. */
  get length(): number {
    return this.#requests.length - this.#first - this.#gaps;
  }

  add(request: BlockRequest): void {
    this.#requests.push(request);
    if (this.#last !== undefined) enter(this.#last, request);
  }

  /** The one to be read for next. */
  get next(): BlockRequest | undefined {
    for (; this.#next < this.#requests.length; this.#next++) {
      const request = this.#requests[this.#next];
      if (request?.isCancelled === false) return request;
      this.#gaps -= 1;
    }
    return undefined;
  }

  /** `next` and those behind it, at most `count`; cancelled ones, too. */
  ahead(count: number): readonly BlockRequest[] {
    return this.#requests.slice(this.#next, this.#next + count);
  }

  /** `next` is being read for. */
  advance(): void {
    this.#next += 1;
  }

  /** The one to be served next; it may be cancelled. */
  get first(): BlockRequest | undefined {
    for (; this.#first < this.#next; this.#first++) {
      const request = this.#requests[this.#first];
      // Else it was cancelled before anything was read for it.
      if (request?.entry !== undefined) return request;
    }
    return undefined;
  }

  /** `first` has been served. */
  shift(): void {
    const request = this.#requests[this.#first];
    if (request === undefined) return;
    this.setAside();
    this.drop(request);
  }

  /** `first` will be served, or dropped, out of turn; until then it may be cancelled. */
  setAside(): void {
    this.#first += 1;
    this.#tidy();
  }

  /** It was set aside. */
  drop(request: BlockRequest): void {
    request.isServed = true;
    if (this.#last === undefined) return;
    const key = keyOf(request.startBytes, request.lengthBytes);
    if (this.#last.get(key) === request) this.#last.delete(key);
  }

  /** Marks one such request, if there is one. */
  cancel(startBytes: number, lengthBytes: number): BlockRequest | undefined {
    this.#last ??= this.#index();
    const key = keyOf(startBytes, lengthBytes);
    let newer: BlockRequest | undefined;
    let request = this.#last.get(key);
    // Other blocks share a key in torrents of more than 64 GiB only.
    while (request && (request.startBytes !== startBytes || request.lengthBytes !== lengthBytes)) {
      newer = request;
      request = request.older;
    }
    if (request === undefined || request.isServed) return undefined;
    const { older } = request;
    if (newer !== undefined) newer.older = older;
    else if (older === undefined || older.isServed) this.#last.delete(key);
    else this.#last.set(key, older);
    request.isCancelled = true;
    if (request.entry === undefined) {
      this.#gaps += 1;
      this.#closeGaps();
    }
    return request;
  }

  /** Takes back everything: gives those that were not cancelled before. What is read for them goes on. */
  cancelAll(): BlockRequest[] {
    const cancelled = this.#requests.slice(this.#first).filter(({ isCancelled }) => !isCancelled);
    for (const request of cancelled) request.isCancelled = true;
    this.#requests.length = this.#next;
    this.#gaps = 0;
    this.#last = undefined;
    this.#tidy();
    return cancelled;
  }

  /** Takes back those that are not wanted any more, and gives them. What is read for them goes on. */
  cancelUnless(isWanted: (request: BlockRequest) => boolean): BlockRequest[] {
    const cancelled: BlockRequest[] = [];
    for (let at = this.#first; at < this.#requests.length; at++) {
      const request = this.#requests[at];
      if (request === undefined || request.isCancelled || isWanted(request)) continue;
      request.isCancelled = true;
      if (at >= this.#next) this.#gaps += 1;
      cancelled.push(request);
    }
    if (cancelled.length > 0) this.#last = undefined;
    this.#closeGaps();
    return cancelled;
  }

  #index(): Map<number, BlockRequest> {
    const last = new Map<number, BlockRequest>();
    for (let at = this.#first; at < this.#requests.length; at++) {
      const request = this.#requests[at];
      if (request?.isCancelled === false) enter(last, request);
    }
    return last;
  }

  /** So that who requests and cancels without end fills no memory. */
  #closeGaps(): void {
    const waiting = this.#requests.length - this.#next;
    if (this.#gaps < mostGaps || this.#gaps < waiting / 2) return;
    const left = this.#requests.slice(this.#next).filter(({ isCancelled }) => !isCancelled);
    this.#requests.length = this.#next;
    for (const request of left) this.#requests.push(request);
    this.#gaps = 0;
  }

  #tidy(): void {
    if (this.#first < this.#requests.length && this.#first < 1024) return;
    this.#requests = this.#requests.slice(this.#first);
    this.#next -= this.#first;
    this.#first = 0;
  }
}

function enter(last: Map<number, BlockRequest>, request: BlockRequest): void {
  const key = keyOf(request.startBytes, request.lengthBytes);
  request.older = last.get(key);
  last.set(key, request);
}

function keyOf(startBytes: number, lengthBytes: number): number {
  return startBytes * 2 ** 17 + lengthBytes - 1;
}
