// Pieces that do not fit into memory: each block is written unverified, after the journal has named the
// piece, and the whole piece is hashed by reading it back. One torrent's.
import { createHash } from 'node:crypto';
import { type Metainfo, sha1Bytes } from '../../../metainfo/metainfo.js';
import type { TorrentStorage, WriteJournal } from '../../../storage/storage.js';
import type { DownloadingPiece } from '../pieces/block-source.js';
import { blockBytes } from '../pieces/partial-piece.js';
import type { PieceBuffers } from '../pieces/piece-buffers.js';

export interface StoredPiecesOptions {
  readonly metainfo: Metainfo;
  readonly content: TorrentStorage;
  readonly journal: WriteJournal;
  readonly buffers: PieceBuffers;
  readonly onFailed: (thrown: unknown) => void;
  /** The disk takes blocks again. */
  readonly onCaughtUp: () => void;
}

/** With more blocks in memory that are not written, nothing more is asked for. */
const mostUnwrittenBlocks = 128;
const readBytes = 64 * blockBytes;

export class StoredPieces {
  readonly #options: StoredPiecesOptions;
  /** Resolves for each piece when the journal has named it. */
  readonly #named = new Map<number, Promise<void>>();
  readonly #underWay = new Set<Promise<void>>();
  #unwrittenBlocks = 0;
  #wasBehind = false;
  #hasFailed = false;

  constructor(options: StoredPiecesOptions) {
    this.#options = options;
  }

  /** The disk is slower than the network. */
  get isBehind(): boolean {
    return this.#unwrittenBlocks >= mostUnwrittenBlocks;
  }

  /** The block lies in memory at `startBytes`, which is given back once it is written. */
  write(piece: DownloadingPiece, block: number, startBytes: number, onWritten: () => void): void {
    piece.unwrittenBlocks += 1;
    this.#unwrittenBlocks += 1;
    this.#wasBehind ||= this.isBehind;
    const { index } = piece;
    const lengthBytes = piece.blockLengthBytes(block);
    this.#run(async () => {
      try {
        await this.#write(index, block, startBytes, lengthBytes);
      } finally {
        this.#options.buffers.free(startBytes);
        this.#unwrittenBlocks -= 1;
      }
      piece.unwrittenBlocks -= 1;
      onWritten();
      if (!this.#wasBehind || this.isBehind) return;
      this.#wasBehind = false;
      this.#options.onCaughtUp();
    });
  }

  /** Tells the SHA-1 of a piece whose blocks are all written. */
  verify({ index, lengthBytes }: DownloadingPiece, onHash: (hash: Uint8Array) => void): void {
    this.#named.delete(index);
    this.#run(async () => {
      const hash = createHash('sha1');
      await this.#read(index, lengthBytes, (bytes) => void hash.update(bytes));
      onHash(hash.digest());
    });
  }

  /** Tells the SHA-1 of each block, one after the other. */
  hashBlocks(
    { index, lengthBytes }: DownloadingPiece,
    onHashes: (hashes: Uint8Array) => void,
  ): void {
    this.#run(async () => {
      const hashes = new Uint8Array(Math.ceil(lengthBytes / blockBytes) * sha1Bytes);
      let nth = 0;
      await this.#read(index, lengthBytes, (bytes) => {
        for (let at = 0; at < bytes.length; at += blockBytes) {
          const block = bytes.subarray(at, at + blockBytes);
          hashes.set(createHash('sha1').update(block).digest(), sha1Bytes * nth++);
        }
      });
      onHashes(hashes);
    });
  }

  /** Resolves when nothing is being written or read. Never rejects. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #write(index: number, block: number, startBytes: number, lengthBytes: number) {
    const { metainfo, content, journal, buffers } = this.#options;
    let named = this.#named.get(index);
    if (named === undefined) {
      named = journal.writes([index]);
      this.#named.set(index, named);
    }
    await named;
    const offsetBytes = index * metainfo.pieceLengthBytes + block * blockBytes;
    const bytes = buffers.memory.subarray(startBytes, startBytes + lengthBytes);
    await content.writeUnverified(offsetBytes, bytes);
  }

  async #read(index: number, lengthBytes: number, onBytes: (bytes: Uint8Array) => void) {
    const { metainfo, content } = this.#options;
    const buffer = new Uint8Array(Math.min(readBytes, lengthBytes));
    for (let done = 0; done < lengthBytes; done += readBytes) {
      const part = buffer.subarray(0, Math.min(readBytes, lengthBytes - done));
      await content.readInto(index * metainfo.pieceLengthBytes + done, part);
      onBytes(part);
    }
  }

  #run(task: () => Promise<void>): void {
    const running: Promise<void> = task()
      .catch((thrown: unknown) => {
        if (!this.#hasFailed) this.#options.onFailed(thrown);
        this.#hasFailed = true;
      })
      .finally(() => this.#underWay.delete(running));
    this.#underWay.add(running);
  }
}
