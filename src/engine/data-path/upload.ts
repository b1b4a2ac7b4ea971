// Serves one peer's requests at the speed at which it takes the blocks: no peer can make us read and keep more than a
// bounded number of blocks by asking for much and taking little.
import { messageId } from '../webtorrent/wire-state.js';
import type { Connection } from './connection.js';
import type { RateLimit, RateWaiter } from './rate-limit.js';

/** Told to peers as `reqq` (BEP 10); some ask for more all the same, so the queue holds four times as many. */
export const announcedQueueLength = 500;
const longestQueue = 4 * announcedQueueLength;
const readsAtOnce = 32;
const enoughUnsentBytes = 512 * 2 ** 10;
/** Without a single one served between: a peer may have had a queue full of them under way when it was choked. */
const mostRefused = 2 * longestQueue;
/** A peer that is told no at once asks again at once, over and over. */
const refusalDelayMs = 5_000;
/** Nobody asks for more than 16 KiB these days; BEP 3 has 128 KiB. */
const longestBlockBytes = 128 * 2 ** 10;
const headerBytes = 13;

/** What there is to serve. */
export interface ServedContent {
  readonly pieceCount: number;
  pieceBytes(index: number): number;
  /** Whether the piece is there. */
  has(index: number): boolean;
  read(index: number, offsetBytes: number, lengthBytes: number): Promise<Uint8Array>;
}

interface BlockRequest {
  readonly index: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  isCancelled: boolean;
}

export interface UploadOptions {
  readonly connection: Connection;
  readonly content: ServedContent;
  readonly limit: RateLimit;
  /** So many bytes of blocks went out. */
  readonly onSent: (lengthBytes: number) => void;
}

export class Upload implements RateWaiter {
  readonly #options: UploadOptions;
  /** Not read yet, from `#first` on. */
  #waiting: BlockRequest[] = [];
  #first = 0;
  /** A read counts until it ends, whether it is still wanted or not. */
  readonly #reading = new Set<BlockRequest>();
  #refused = 0;

  constructor(options: UploadOptions) {
    this.#options = options;
    options.connection.onDrain(() => this.admit());
  }

  requested(index: number, offsetBytes: number, lengthBytes: number): void {
    const { connection, content } = this.#options;
    const request = { index, offsetBytes, lengthBytes, isCancelled: false };
    if (!this.#isPossible(request)) connection.hangUp();
    else if (connection.wire.amChoking || !content.has(index)) this.#refuse(request);
    else if (this.#waiting.length - this.#first >= longestQueue) connection.hangUp();
    else {
      this.#waiting.push(request);
      this.admit();
    }
  }

  cancelled(index: number, offsetBytes: number, lengthBytes: number): void {
    const isIt = (request: BlockRequest) =>
      request.index === index &&
      request.offsetBytes === offsetBytes &&
      request.lengthBytes === lengthBytes &&
      !request.isCancelled;
    const waiting = this.#waiting.findIndex((request, nth) => nth >= this.#first && isIt(request));
    const request = this.#waiting[waiting] ?? [...this.#reading].find(isIt);
    if (request === undefined) return;
    request.isCancelled = true;
    this.#reject(request);
  }

  /** The peer is choked from now on: whatever it asked for is refused (BEP 6). */
  choked(): void {
    const asked = [...this.#reading, ...this.#waiting.slice(this.#first)];
    this.#waiting = [];
    this.#first = 0;
    for (const request of asked) {
      if (request.isCancelled) continue;
      request.isCancelled = true;
      this.#reject(request);
    }
  }

  /** The rate limit has room for a block. */
  resume(): void {
    this.admit();
  }

  admit(): void {
    const { connection, limit } = this.#options;
    while (this.#first < this.#waiting.length && this.#isRoom) {
      const request = this.#waiting[this.#first];
      if (request === undefined) break;
      if (!request.isCancelled && !limit.take(request.lengthBytes, this)) break;
      this.#first += 1;
      if (!request.isCancelled && !connection.isClosed) void this.#serve(request);
    }
    if (this.#first > longestQueue || this.#first === this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
  }

  close(): void {
    this.#options.limit.forget(this);
    this.#waiting = [];
    this.#first = 0;
  }

  get #isRoom(): boolean {
    const { connection } = this.#options;
    return this.#reading.size < readsAtOnce && connection.unsentBytes < enoughUnsentBytes;
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

  async #serve(request: BlockRequest): Promise<void> {
    const { connection, content } = this.#options;
    const { index, offsetBytes, lengthBytes } = request;
    this.#reading.add(request);
    try {
      const block = await content.read(index, offsetBytes, lengthBytes);
      this.#reading.delete(request);
      if (request.isCancelled || connection.isClosed) {
        this.#options.limit.giveBack(lengthBytes);
      } else {
        this.#send(request, block);
      }
      this.admit();
    } catch {
      // Whoever reads has told why. It keeps its place among the reads, so that nobody asks more often than this.
      setTimeout(() => {
        this.#reading.delete(request);
        this.#options.limit.giveBack(lengthBytes);
        if (!request.isCancelled) this.#refuse(request);
        this.admit();
      }, refusalDelayMs).unref();
    }
  }

  #send({ index, offsetBytes }: BlockRequest, block: Uint8Array): void {
    const { connection, onSent } = this.#options;
    const header = Buffer.allocUnsafe(headerBytes);
    header.writeUInt32BE(headerBytes - 4 + block.length, 0);
    header[4] = messageId.piece;
    header.writeUInt32BE(index, 5);
    header.writeUInt32BE(offsetBytes, 9);
    connection.send(header);
    connection.send(block);
    this.#refused = 0;
    connection.wire.uploaded += block.length;
    onSent(block.length);
  }

  #refuse(request: BlockRequest): void {
    this.#refused += 1;
    if (this.#refused > mostRefused) this.#options.connection.hangUp();
    else this.#reject(request);
  }

  #reject({ index, offsetBytes, lengthBytes }: BlockRequest): void {
    const { connection } = this.#options;
    if (connection.wire.hasFast && !connection.isClosed) {
      connection.wire.reject(index, offsetBytes, lengthBytes);
    }
  }
}
