// What one peer is asked for: as many blocks at once as keep it busy, fewer where it is slow, none where it snubs us
// and others could send them. Which piece comes next is the download's choice.
import { messageId } from '../../webtorrent/wire-messages.js';
import type { Download } from '../download/download.js';
import type { BlockSource, DownloadingPiece, Sender } from '../pieces/block-source.js';
import { blockBytes } from '../pieces/partial-piece.js';
import type { PeerPieces } from '../pieces/peer-pieces.js';
import type { RateLimit, RateWaiter } from '../rate-limit/rate-limit.js';
import type { Connection } from '../wire/connection.js';
import { requestMessageBytes, writeRequest } from '../wire/write-messages.js';
import { PipelineDepth } from './pipeline-depth.js';
import { RejectBackOff } from './reject-back-off.js';

const snubbedAfterMs = 4_000;
const lostAfterMs = 30_000;
/** It owes nothing any more, as others sent it: then it is tried again. */
const snubbedForMs = 10_000;
/** While it chokes us it may give these (BEP 6). */
const mostAllowedFast = 100;

/** As much of a connection as is used here. */
export type AskedConnection = Pick<
  Connection,
  'wire' | 'isClosed' | 'run' | 'send' | 'close' | 'discardBlock'
>;

export interface PipelineOptions {
  readonly connection: AskedConnection;
  readonly download: Download;
  readonly sender: Sender;
  readonly pieces: PeerPieces;
  readonly limit: RateLimit;
}

export class RequestPipeline implements BlockSource, RateWaiter {
  readonly sender: Sender;
  readonly pieces: PeerPieces;
  readonly #connection: AskedConnection;
  readonly #download: Download;
  readonly #limit: RateLimit;
  readonly #allowedFast = new Set<number>();
  /** Blocks asked for that have not come. */
  #asked = 0;
  readonly #depth = new PipelineDepth();
  readonly #rejects = new RejectBackOff();
  /** The piece that is asked for block by block. It stands for another as soon as its index is another. */
  #current: DownloadingPiece | undefined;
  #currentIndex = -1;
  /** The block that is coming in, and where it goes. */
  #coming: DownloadingPiece | undefined;
  #comingBlock = 0;
  #comingAt = -1;
  /** When a block came last, or was asked for after there was none to come. */
  #heardAtMs = performance.now();
  #hasGiven = false;
  #isSnubbed = false;
  /** There was nothing to ask for, and there is not until the download has changed to a later version; so in the end game. */
  #idleAtVersion = -1;
  #endGameAtVersion = -1;

  constructor({ connection, download, sender, pieces, limit }: PipelineOptions) {
    this.#connection = connection;
    this.#download = download;
    this.#limit = limit;
    this.sender = sender;
    this.pieces = pieces;
  }

  /** Blocks that it owes. */
  get askedBlocks(): number {
    return this.#asked;
  }

  get hasGiven(): boolean {
    return this.#hasGiven;
  }

  get isSnubbed(): boolean {
    return this.#isSnubbed;
  }

  get isGiving(): boolean {
    return (
      !this.#isChoked && !this.#isSnubbed && !this.#rejects.isActive && !this.#connection.isClosed
    );
  }

  get isIdle(): boolean {
    return this.#asked === 0 && this.isGiving;
  }

  isQuick(blocks: number): boolean {
    return this.#most >= blocks;
  }

  get #isChoked(): boolean {
    return this.#connection.wire.peerChoking;
  }

  /** There may be something to ask for: something has changed. */
  wake(): void {
    this.#idleAtVersion = -1;
    this.#endGameAtVersion = -1;
    this.refill();
  }

  /** The rate limit has room for one block more. */
  resume(): void {
    this.#connection.run(this.#refill);
  }

  readonly #refill = (): void => this.refill();

  /** Asks for what it may be asked for, once there is room for a fair number. */
  refill(): void {
    const most = this.#most;
    const room = most - this.#asked;
    if (room < Math.max(1, Math.min(16, most >> 3)) || !this.#mayAsk()) return;
    const { version } = this.#download;
    if (this.#idleAtVersion !== version) this.#askFor(room);
    else if (this.#asked === 0 && this.#endGameAtVersion !== version) this.#askInEndGame();
  }

  blockBegan(index: number, offsetBytes: number, lengthBytes: number): number {
    const piece = this.#download.underWay.get(index);
    const block = piece?.blockAt(offsetBytes, lengthBytes) ?? -1;
    if (piece === undefined || block === -1) return -1;
    if (!piece.mayCome(block, this)) {
      // Another has begun to send it: this one will not send it again.
      if (piece.release(block, this) !== 'nothing') this.#asked -= 1;
      return -1;
    }
    const at = this.#download.memoryFor(piece, block);
    if (at === -1) {
      this.#release(piece, block);
      return -1;
    }
    piece.comes(block, this);
    this.#coming = piece;
    this.#comingBlock = block;
    this.#comingAt = at;
    return at;
  }

  blockEnded(): void {
    const piece = this.#coming;
    if (piece === undefined) return;
    this.#coming = undefined;
    this.#asked -= 1;
    this.#rejects.blockCame();
    this.#hasGiven = true;
    this.#isSnubbed = false;
    this.#heardAtMs = performance.now();
    this.#depth.came(piece.blockLengthBytes(this.#comingBlock));
    this.#download.blockCame(piece, this.#comingBlock, this.#comingAt, this);
  }

  readEnded(): void {
    this.refill();
  }

  cancel(piece: DownloadingPiece, block: number): void {
    this.#asked -= 1;
    this.#sendCancel(piece, block);
  }

  giveUp(piece: DownloadingPiece, block: number): void {
    if (this.#release(piece, block)) this.#sendCancel(piece, block);
  }

  #sendCancel(piece: DownloadingPiece, block: number): void {
    const message = Buffer.allocUnsafe(requestMessageBytes);
    write(message, 0, messageId.cancel, piece, block);
    this.#connection.send(message);
  }

  choked(): void {
    // With the fast extension every request is answered, also those of before (BEP 6).
    if (!this.#connection.wire.hasFast) this.#releaseAll();
  }

  unchoked(): void {
    this.#rejects.unchoked();
    this.wake();
  }

  allowedFast(index: number): void {
    if (this.#allowedFast.size >= mostAllowedFast) return;
    this.#allowedFast.add(index);
    this.wake();
  }

  rejected(index: number, offsetBytes: number, lengthBytes: number): void {
    const piece = this.#download.underWay.get(index);
    const block = piece?.blockAt(offsetBytes, lengthBytes) ?? -1;
    if (piece === undefined || block === -1) return;
    this.#allowedFast.delete(index);
    // Not those of what was cancelled, which many reject (BEP 6).
    if (this.#release(piece, block)) this.#rejects.rejected();
  }

  /** Called every second while there is anything to fetch. */
  tick(nowMs: number): void {
    this.#depth.measure(nowMs);
    const silenceMs = nowMs - this.#heardAtMs;
    if (this.#asked === 0 && silenceMs > snubbedForMs) this.#isSnubbed = false;
    if (this.#asked === 0) this.wake();
    else if (silenceMs > lostAfterMs) this.#connection.close();
    else if (silenceMs > snubbedAfterMs) this.#snub();
    else this.refill();
  }

  discardBlock(): void {
    this.#connection.discardBlock();
    if (this.#coming !== undefined) this.#dropComing(this.#coming);
    this.#asked = 0;
  }

  /** The connection is over: what was asked of it may be asked of others. */
  close(): void {
    this.#limit.forget(this);
    if (this.#coming !== undefined) this.#dropComing(this.#coming);
    this.#releaseAll();
  }

  #mayAsk(): boolean {
    if (this.#connection.isClosed || this.#isSnubbed || !this.#download.isAsking) return false;
    if (this.#rejects.isActive) return false;
    return !this.#isChoked || this.#allowedFast.size > 0;
  }

  get #most(): number {
    const { reqq } = this.#connection.wire.peerExtendedHandshake;
    return this.#depth.within(this.#download.fairDepth, reqq);
  }

  #askFor(room: number): void {
    const requests = Buffer.allocUnsafe(requestMessageBytes * room);
    let at = 0;
    for (let nth = 0; nth < room; nth++) {
      const piece = this.#nextPiece();
      if (piece === undefined) {
        this.#idleAtVersion = this.#download.version;
        break;
      }
      const block = piece.freeBlock;
      if (!this.#limit.take(piece.blockLengthBytes(block), this)) break;
      if (piece.ask(block, this)) {
        at = write(requests, at, messageId.request, piece, block);
      } else {
        this.#limit.giveBack(piece.blockLengthBytes(block));
      }
    }
    if (at > 0) this.#sendRequests(requests.subarray(0, at));
    else if (this.#asked === 0 && this.#idleAtVersion === this.#download.version) {
      this.#askInEndGame();
    }
  }

  #nextPiece(): DownloadingPiece | undefined {
    const current = this.#current;
    const isCurrent =
      current !== undefined && current.index === this.#currentIndex && !this.#isChoked;
    if (isCurrent && current.freeBlock !== -1 && this.#isMine(current)) return current;
    const allowed = this.#isChoked ? this.#allowedFast : undefined;
    const next = this.#download.pieceFor(this, this.#currentIndex, allowed);
    this.#current = next;
    if (next !== undefined) this.#currentIndex = next.index;
    return next;
  }

  #isMine(piece: DownloadingPiece): boolean {
    return piece.onlyOf === undefined || piece.onlyOf === this;
  }

  /** All that is missing is asked of somebody: asks for a block that another still owes, one at a time. */
  #askInEndGame(): void {
    this.#endGameAtVersion = this.#download.version;
    const found = this.#isChoked ? undefined : this.#download.askedOfAnother(this);
    if (found === undefined) return;
    const { piece, block } = found;
    if (!this.#limit.take(piece.blockLengthBytes(block), this)) return;
    piece.askToo(block, this);
    this.#endGameAtVersion = -1;
    const request = Buffer.allocUnsafe(requestMessageBytes);
    write(request, 0, messageId.request, piece, block);
    this.#sendRequests(request);
  }

  #sendRequests(requests: Buffer): void {
    if (this.#asked === 0) this.#heardAtMs = performance.now();
    this.#asked += requests.length / requestMessageBytes;
    this.#connection.send(requests);
  }

  /** True if it was asked for. */
  #release(piece: DownloadingPiece, block: number): boolean {
    const released = piece.release(block, this);
    if (released === 'nothing') return false;
    this.#asked -= 1;
    this.#limit.giveBack(piece.blockLengthBytes(block));
    if (released === 'free') this.#download.blockFreed(piece);
    return true;
  }

  #releaseAll(): void {
    for (const piece of this.#download.underWay.values()) {
      for (let block = 0; block < piece.blockCount; block++) {
        if (this.#asked === 0) return;
        this.#release(piece, block);
      }
    }
  }

  /** Others have nothing to do: they are asked for what this one owes, and whoever sends a block first is heard. */
  #snub(): void {
    if (!this.#download.isAnyIdle(this)) return;
    this.#isSnubbed = true;
    if (this.#coming !== undefined) {
      const [piece, block] = [this.#coming, this.#comingBlock];
      this.#connection.discardBlock();
      this.#dropComing(piece);
      this.#release(piece, block);
    }
    for (const piece of this.#download.underWay.values()) {
      for (let block = 0; block < piece.blockCount; block++) {
        // Of two that snub us the one who was asked first is given up, or no third could be asked.
        const other = piece.secondOf(block);
        if (other !== this && other?.isSnubbed) other.giveUp(piece, block);
        if (piece.snub(block, this) === 'free') this.#download.blockFreed(piece);
      }
    }
    this.#download.wakeAll();
  }

  #dropComing(piece: DownloadingPiece): void {
    this.#coming = undefined;
    this.#download.releaseMemory(piece, this.#comingBlock, this.#comingAt);
  }
}

function write(
  bytes: Buffer,
  at: number,
  id: number,
  piece: DownloadingPiece,
  block: number,
): number {
  const offsetBytes = block * blockBytes;
  return writeRequest(bytes, at, id, piece.index, offsetBytes, piece.blockLengthBytes(block));
}
