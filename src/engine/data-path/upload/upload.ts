// Serves one peer's requests in their order, at the speed at which it takes the blocks: no peer can make us read and keep
// more than it has shown to take, by asking for much and taking little.

import { messageLimits } from '../../../limits.js';
import { SentBlocks, type SentBlocksBudget } from '../pieces/sent-blocks.js';
import type { RateLimit, RateWaiter } from '../rate-limit/rate-limit.js';
import type { Connection } from '../wire/connection.js';
import { pieceHeaderBytes, writePieceHeader } from '../wire/write-messages.js';
import type { CacheEntry, CacheUser } from './read-cache/cache-entry.js';
import type { TorrentReadCache } from './read-cache/torrent-read-cache.js';
import { planRead } from './read-plan.js';
import { Refusals } from './refusals.js';
import { BlockRequest, UploadQueue } from './upload-queue.js';
import { UploadWindow } from './upload-window.js';

/** Told to peers as `reqq` (BEP 10); some ask for more all the same, so the queue takes four times as many. */
export const announcedQueueLength = 500;
/** Looked at to see what else is asked for nearby: 1 MiB of them. */
const lookedAhead = 64;
/** A peer that is told no at once asks again at once, over and over. */
const refusalDelayMs = 5_000;
/** Nobody asks for more than 16 KiB these days; BEP 3 has 128 KiB. */
const longestBlockBytes = 128 * 2 ** 10;
/** The memory that the shortest block may occupy. */
const leastMemoryBytes = 16 * 2 ** 10;
const slabBytes = 64 * pieceHeaderBytes;

/** What there is to serve. */
export interface ServedContent {
  readonly pieceCount: number;
  readonly pieceLengthBytes: number;
  pieceBytes(index: number): number;
  /** Whether the piece is there. */
  has(index: number): boolean;
  readonly readCache: TorrentReadCache;
  readonly sentBlocks: SentBlocksBudget;
  /** A peer comes back for a block of this piece that it was given: the piece may be bad. What is read next is looked at first. */
  askedAgain(index: number): void;
}

export interface UploadOptions {
  readonly connection: Connection;
  readonly content: ServedContent;
  readonly limit: RateLimit;
  /** So many bytes of blocks went out. */
  readonly onSent: (lengthBytes: number) => void;
}

export class Upload implements RateWaiter, CacheUser {
  readonly #options: UploadOptions;
  readonly #queue = new UploadQueue();
  readonly #window = new UploadWindow();
  readonly #refusals: Refusals;
  readonly #sentBlocks: SentBlocks;
  #looksAgain = 0;
  #looksAgainSinceMs = 0;
  /** They could not be read, and are refused when their time has come. */
  readonly #failing = new Set<BlockRequest>();
  /** Of what is being read, or has been and is not sent; a read counts until it ends, whether it is still wanted or not. */
  #readBytes = 0;
  /** Of what was sent, and is not gone. */
  #sentBytes = 0;
  #lastEndBytes = Number.NEGATIVE_INFINITY;
  #isDue = false;
  #lacksRoom = false;
  #isClosed = false;

  constructor(options: UploadOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options.connection, messageLimits.refusedInARow);
    this.#sentBlocks = new SentBlocks(options.content.pieceLengthBytes, options.content.sentBlocks);
    options.content.readCache.shared.join(this);
    options.connection.onDrain(() => this.#serve());
  }

  /** It was asked for blocks that have not gone out yet. */
  get isAsked(): boolean {
    return this.#queue.length > 0 || this.#sentBytes > 0;
  }

  /** Those of them that have not been begun. */
  get queuedBlocks(): number {
    return this.#queue.length;
  }

  requested(index: number, offsetBytes: number, lengthBytes: number): void {
    const { connection, content } = this.#options;
    const startBytes = index * content.pieceLengthBytes + offsetBytes;
    const request = new BlockRequest(index, offsetBytes, lengthBytes, startBytes);
    if (!this.#isPossible(request)) connection.hangUp();
    else if (connection.wire.amChoking || !content.has(index)) this.#refusals.refuse(request);
    else if (this.#queue.length >= messageLimits.requestsPerPeer) connection.hangUp();
    else {
      if (this.#sentBlocks.has(index, offsetBytes)) this.#askedAgain(index);
      this.#queue.add(request);
      this.#serveSoon();
    }
  }

  #askedAgain(index: number): void {
    const nowMs = performance.now();
    if (nowMs - this.#looksAgainSinceMs >= 1_000) {
      this.#looksAgain = 0;
      this.#looksAgainSinceMs = nowMs;
    }
    if (this.#looksAgain === messageLimits.looksAgainPerSecond) return;
    this.#looksAgain += 1;
    this.#sentBlocks.delete(index);
    this.#options.content.askedAgain(index);
  }

  cancelled(index: number, offsetBytes: number, lengthBytes: number): void {
    const startBytes = index * this.#options.content.pieceLengthBytes + offsetBytes;
    const request = this.#queue.cancel(startBytes, lengthBytes);
    if (request !== undefined) this.#refusals.reject(request);
  }

  /** The peer is choked from now on: whatever it asked for is refused (BEP 6). */
  choked(): void {
    const failing = [...this.#failing].filter(({ isCancelled }) => !isCancelled);
    for (const request of failing) request.isCancelled = true;
    for (const request of [...failing, ...this.#queue.cancelAll()]) this.#refusals.reject(request);
  }

  /** Some pieces are not there any more: what was asked for of them is refused. */
  withdrawn(): void {
    const { content } = this.#options;
    const refused = this.#queue.cancelUnless(({ index }) => content.has(index));
    for (const request of refused) this.#refusals.reject(request);
    if (refused.length > 0) this.#serveSoon();
  }

  /** The rate limit has room for a block. */
  resume(): void {
    this.#options.connection.run(this.#serveNow);
  }

  readonly #serveNow = (): void => this.#serve();

  entryRead(): void {
    this.#serve();
  }

  roomMade(): void {
    this.#lacksRoom = false;
    this.#serve();
  }

  get untakenSinceMs(): number | undefined {
    return this.#window.untakenSinceMs;
  }

  hangUp(): void {
    // That is no garbage, its line may be dead.
    const { connection } = this.#options;
    connection.run(() => connection.close());
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { limit, content } = this.#options;
    this.#sentBlocks.clear();
    limit.forget(this);
    content.readCache.shared.leave(this);
    this.#queue.cancelAll();
    for (;;) {
      const { first } = this.#queue;
      if (first?.entry === undefined) break;
      content.readCache.release(first.entry);
      limit.giveBack(first.lengthBytes);
      this.#queue.shift();
    }
  }

  /** What came in one read is looked at together. */
  #serveSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#serve();
    });
  }

  #serve(): void {
    if (this.#isClosed || this.#options.connection.isClosed) return;
    do this.#admit();
    while (this.#send());
  }

  /** Sees to it that what is asked for next lies in memory, or will. */
  #admit(): void {
    const { limit, content } = this.#options;
    while (!this.#lacksRoom && this.#readBytes < this.#window.aheadBytes) {
      const request = this.#queue.next;
      if (request === undefined || !limit.take(request.lengthBytes, this)) return;
      request.entry = this.#entryFor(request);
      if (request.entry === undefined) {
        limit.giveBack(request.lengthBytes);
        // Who has some goes on when that is read, or gone.
        this.#lacksRoom = this.#readBytes + this.#sentBytes === 0;
        if (this.#lacksRoom) content.readCache.shared.waitForRoom(this);
        return;
      }
      this.#readBytes += memoryBytes(request);
      this.#lastEndBytes = request.startBytes + request.lengthBytes;
      this.#queue.advance();
    }
  }

  #entryFor(request: BlockRequest): CacheEntry | undefined {
    const { content } = this.#options;
    const { startBytes, lengthBytes } = request;
    const found = content.readCache.find(startBytes, lengthBytes, this);
    if (found !== undefined) return found;
    const plan = planRead(content, request, this.#queue.ahead(lookedAhead), {
      mostBytes: this.#window.bytes,
      lastEndBytes: this.#lastEndBytes,
    });
    const isAhead = plan.lengthBytes > lengthBytes;
    const ahead = isAhead && content.readCache.read(plan.startBytes, plan.lengthBytes, this, true);
    return ahead || content.readCache.read(startBytes, lengthBytes, this, false);
  }

  /** Says whether anything was sent or given up, so that there is room for more. */
  #send(): boolean {
    const { connection } = this.#options;
    const sent: BlockRequest[] = [];
    const messages: Uint8Array[] = [];
    let [blockBytes, slab, at, hasGivenUp] = [0, noBytes, 0, false];
    let leftBytes = this.#window.bytes - Math.max(this.#sentBytes, connection.unsentBytes);
    while (leftBytes > 0) {
      const request = this.#queue.first;
      if (request?.entry === undefined || request.entry.state === 'reading') break;
      const { state } = request.entry;
      if (state === 'failed' || (state === 'forgotten' && !request.isCancelled)) {
        if (this.#failed(request, request.entry)) hasGivenUp = true;
        continue;
      }
      this.#queue.shift();
      this.#readBytes -= memoryBytes(request);
      if (request.isCancelled) {
        this.#giveUp(request, request.entry);
        hasGivenUp = true;
        continue;
      }
      if (at === slab.length) [slab, at] = [Buffer.allocUnsafe(slabBytes), 0];
      const from = request.startBytes - request.entry.startBytes;
      const { index, offsetBytes, lengthBytes } = request;
      messages.push(writePieceHeader(slab, at, index, offsetBytes, lengthBytes));
      messages.push(request.entry.bytes.subarray(from, from + lengthBytes));
      at += pieceHeaderBytes;
      sent.push(request);
      this.#sentBlocks.add(index, offsetBytes);
      blockBytes += lengthBytes;
      this.#sentBytes += memoryBytes(request);
      leftBytes -= memoryBytes(request);
    }
    if (blockBytes === 0) return hasGivenUp;
    connection.sendAll(messages, blockBytes + sent.length * pieceHeaderBytes);
    this.#sent(sent, blockBytes);
    return true;
  }

  #sent(requests: readonly BlockRequest[], lengthBytes: number): void {
    const { connection, onSent } = this.#options;
    this.#refusals.served();
    this.#window.offered(performance.now());
    connection.earn(lengthBytes);
    connection.wire.uploaded += lengthBytes;
    onSent(lengthBytes);
    connection.onFlushed(() => this.#flushed(requests, lengthBytes));
  }

  #flushed(requests: readonly BlockRequest[], lengthBytes: number): void {
    const { readCache } = this.#options.content;
    for (const request of requests) {
      this.#sentBytes -= memoryBytes(request);
      if (request.entry !== undefined) readCache.release(request.entry);
    }
    this.#window.took(lengthBytes, performance.now(), this.#sentBytes > 0);
    this.#serve();
  }

  #giveUp(request: BlockRequest, entry: CacheEntry): void {
    const { limit, content } = this.#options;
    content.readCache.release(entry);
    limit.giveBack(request.lengthBytes);
  }

  /**
   * Says whether the request is out of the way; else it is read alone, as what lies around it may be to blame, or again, as
   * what was read may be old.
   */
  #failed(request: BlockRequest, entry: CacheEntry): boolean {
    const { limit, content } = this.#options;
    const { startBytes, lengthBytes } = request;
    content.readCache.release(entry);
    const mayBeRead = entry.state === 'forgotten' || entry.lengthBytes > lengthBytes;
    if (mayBeRead && !request.isCancelled) {
      request.entry = content.readCache.read(startBytes, lengthBytes, this, false);
      if (request.entry !== undefined) return false;
    }
    this.#queue.setAside();
    this.#failing.add(request);
    // Whoever reads has told why. It counts as being read, so that nobody asks more often than this.
    setTimeout(() => {
      this.#failing.delete(request);
      this.#queue.drop(request);
      this.#readBytes -= memoryBytes(request);
      limit.giveBack(lengthBytes);
      if (!request.isCancelled) this.#refusals.refuse(request);
      this.#serve();
    }, refusalDelayMs).unref();
    return true;
  }

  #isPossible({ index, offsetBytes, lengthBytes }: BlockRequest): boolean {
    const { content } = this.#options;
    return (
      index < content.pieceCount &&
      lengthBytes > 0 &&
      lengthBytes <= longestBlockBytes &&
      offsetBytes + lengthBytes <= content.pieceBytes(index)
    );
  }
}

const noBytes = Buffer.alloc(0);

function memoryBytes({ lengthBytes }: BlockRequest): number {
  return Math.max(leastMemoryBytes, lengthBytes);
}
