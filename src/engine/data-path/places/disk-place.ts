// Pieces that do not fit into memory: their blocks are written unverified as they come, and the whole piece is hashed by
// reading it back. One torrent's.
import { createHash } from 'node:crypto';
import { limitConcurrency } from '../../../async/limit-concurrency.js';
import { sha1Bytes } from '../../../metainfo/metainfo.js';
import type { DownloadingPiece } from '../pieces/block-source.js';
import { blockBytes } from '../pieces/partial-piece.js';
import { BlockWrites, type BlockWritesOptions } from './block-writes.js';
import type { PiecePlace } from './piece-place.js';

/** A whole number of blocks, hashed in a turn of the thread. */
const readBytes = 2 ** 20;

export class DiskPlace implements PiecePlace {
  readonly #options: BlockWritesOptions;
  readonly #writes: BlockWrites;
  readonly #reading = new Set<Promise<void>>();
  /** That is quicker for a disk, and takes less memory. */
  readonly #oneByOne = limitConcurrency(1);
  #hasFailed = false;

  constructor(options: BlockWritesOptions) {
    this.#options = options;
    this.#writes = new BlockWrites({ ...options, onFailed: (thrown) => this.#fail(thrown) });
  }

  /** The disk is slower than the network. */
  get isBehind(): boolean {
    return this.#writes.isBehind;
  }

  memoryFor(piece: DownloadingPiece, block: number): number {
    return this.#options.buffers.allocateBlock(piece.blockLengthBytes(block));
  }

  discard(startBytes: number): void {
    this.#options.buffers.free(startBytes);
  }

  came(
    piece: DownloadingPiece,
    block: number,
    startBytes: number,
    onWhole: (piece: DownloadingPiece) => void,
  ): void {
    this.#writes.add({ piece, block, startBytes, onWhole });
  }

  verify(piece: DownloadingPiece, onHash: (hash: Uint8Array) => void): void {
    this.#writes.forget(piece.index);
    const hash = createHash('sha1');
    const onBytes = (bytes: Uint8Array) => void hash.update(bytes);
    this.#read(piece, onBytes, () => onHash(hash.digest()));
  }

  hashBlocks(piece: DownloadingPiece, onHashes: (hashes: Uint8Array) => void): void {
    const hashes = new Uint8Array(piece.blockCount * sha1Bytes);
    let nth = 0;
    const onBytes = (bytes: Uint8Array) => {
      for (let at = 0; at < bytes.length; at += blockBytes) {
        const block = bytes.subarray(at, at + blockBytes);
        hashes.set(createHash('sha1').update(block).digest(), sha1Bytes * nth++);
      }
    };
    this.#read(piece, onBytes, () => onHashes(hashes));
  }

  async store(pieces: readonly DownloadingPiece[]): Promise<void> {
    const { metainfo, content } = this.#options;
    for (const { index, lengthBytes } of pieces) {
      content.markVerified(index * metainfo.pieceLengthBytes, lengthBytes);
    }
  }

  release(): void {}

  async idle(): Promise<void> {
    await this.#writes.idle();
    while (this.#reading.size > 0) await Promise.all(this.#reading);
  }

  /** Reads all of the piece in order, part by part, into the same memory. */
  #read(
    { index, lengthBytes }: DownloadingPiece,
    onBytes: (bytes: Uint8Array) => void,
    onEnd: () => void,
  ): void {
    const { metainfo, content } = this.#options;
    const read = async () => {
      const buffer = new Uint8Array(Math.min(readBytes, lengthBytes));
      for (let done = 0; done < lengthBytes; done += readBytes) {
        const part = buffer.subarray(0, lengthBytes - done);
        await content.readInto(index * metainfo.pieceLengthBytes + done, part);
        onBytes(part);
      }
      onEnd();
    };
    const reading: Promise<void> = this.#oneByOne(read)
      .catch((thrown: unknown) => this.#fail(thrown))
      .finally(() => this.#reading.delete(reading));
    this.#reading.add(reading);
  }

  #fail(thrown: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.onFailed(thrown);
  }
}
