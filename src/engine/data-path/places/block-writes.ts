// Brings blocks that nobody has verified to disk, many at a time: neighbours with one write, and the journal names their
// pieces before. It does so again as long as they are written to: the journal must not be older than what it stands for,
// or what lies there is not taken for ours after a crash. One torrent's.
import { forEachConcurrent } from '../../../async/for-each-concurrent.js';
import type { Metainfo } from '../../../metainfo/metainfo.js';
import type { TorrentStorage, WriteJournal } from '../../../storage/storage.js';
import type { DownloadingPiece } from '../pieces/block-source.js';
import { blockBytes } from '../pieces/partial-piece.js';
import type { PieceBuffers } from '../pieces/piece-buffers.js';

export interface BlockWritesOptions {
  readonly metainfo: Metainfo;
  readonly content: TorrentStorage;
  readonly journal: WriteJournal;
  readonly buffers: PieceBuffers;
  /** The disk refuses. Called once. */
  readonly onFailed: (thrown: unknown) => void;
  /** The disk takes blocks again. */
  readonly onCaughtUp: () => void;
  /** A clock, for tests. */
  readonly nowMs?: (() => number) | undefined;
}

/** With more blocks in memory that are not written, nothing more is asked for. */
const mostUnwrittenBlocks = 128;
const enoughBlocks = 64;
const gatherMs = 10;
const concurrentWrites = 4;
/** Less than the journal may be older than a file (2 s), with room for a slow write. */
const namedForMs = 500;

/** A block that has come, and whose memory is given back once it is written. */
interface UnwrittenBlock {
  readonly piece: DownloadingPiece;
  readonly block: number;
  readonly startBytes: number;
  readonly onWhole: (piece: DownloadingPiece) => void;
}

export class BlockWrites {
  readonly #options: BlockWritesOptions;
  readonly #nowMs: () => number;
  /** By piece. */
  readonly #namedAtMs = new Map<number, number>();
  #gathered: UnwrittenBlock[] = [];
  #inWriting = 0;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** What is gathered goes as soon as the batch at hand is written. */
  #isDue = false;
  #wasBehind = false;
  #hasFailed = false;

  constructor(options: BlockWritesOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** The disk is slower than the network. */
  get isBehind(): boolean {
    return this.#gathered.length + this.#inWriting >= mostUnwrittenBlocks;
  }

  /** `onWhole`: it was the last block of its piece to be written. */
  add(block: UnwrittenBlock): void {
    if (this.#hasFailed) {
      this.#options.buffers.free(block.startBytes);
      return;
    }
    block.piece.unwrittenBlocks += 1;
    this.#gathered.push(block);
    this.#wasBehind ||= this.isBehind;
    if (block.piece.isWhole || this.#gathered.length >= enoughBlocks) this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), gatherMs);
  }

  /** All of the piece is written. */
  forget(index: number): void {
    this.#namedAtMs.delete(index);
  }

  /** Writes what has been gathered. Resolves when nothing is being written. Never rejects. */
  async idle(): Promise<void> {
    this.#write();
    while (this.#writing !== undefined) await this.#writing;
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // One batch at a time: what comes meanwhile is gathered, and goes with the next.
    this.#isDue = this.#writing !== undefined;
    if (this.#isDue || this.#gathered.length === 0) return;
    const blocks = this.#gathered;
    this.#gathered = [];
    this.#inWriting = blocks.length;
    this.#writing = this.#writeAll(blocks).then(
      () => this.#written(blocks),
      (thrown: unknown) => this.#failed(blocks, thrown),
    );
  }

  async #writeAll(blocks: UnwrittenBlock[]): Promise<void> {
    const { metainfo, content, journal, buffers } = this.#options;
    await this.#name(blocks);
    await forEachConcurrent(concurrentWrites, runsOf(blocks), async (run) => {
      const [first] = run;
      if (first === undefined) return;
      const offsetBytes = first.piece.index * metainfo.pieceLengthBytes + first.block * blockBytes;
      const parts = run.map(({ piece, block, startBytes }) =>
        buffers.memory.subarray(startBytes, startBytes + piece.blockLengthBytes(block)),
      );
      await content.writeUnverified(offsetBytes, ...parts);
    });
    // No piece; but the files are not what they were when they were put on record.
    journal.wrote([]);
  }

  async #name(blocks: readonly UnwrittenBlock[]): Promise<void> {
    const nowMs = this.#nowMs();
    const due = new Set<number>();
    for (const { piece } of blocks) {
      const namedAtMs = this.#namedAtMs.get(piece.index) ?? Number.NEGATIVE_INFINITY;
      if (nowMs - namedAtMs >= namedForMs) due.add(piece.index);
    }
    for (const index of due) this.#namedAtMs.set(index, nowMs);
    if (due.size > 0) await this.#options.journal.writes([...due]);
  }

  #written(blocks: readonly UnwrittenBlock[]): void {
    this.#ended(blocks);
    if (this.#isDue) this.#write();
    for (const { piece, onWhole } of blocks) {
      piece.unwrittenBlocks -= 1;
      if (piece.isWhole && piece.unwrittenBlocks === 0) onWhole(piece);
    }
    if (!this.#wasBehind || this.isBehind) return;
    this.#wasBehind = false;
    this.#options.onCaughtUp();
  }

  #failed(blocks: readonly UnwrittenBlock[], thrown: unknown): void {
    this.#hasFailed = true;
    clearTimeout(this.#timer);
    this.#ended([...blocks, ...this.#gathered.splice(0)]);
    this.#options.onFailed(thrown);
  }

  #ended(blocks: readonly UnwrittenBlock[]): void {
    this.#writing = undefined;
    this.#inWriting = 0;
    for (const { startBytes } of blocks) this.#options.buffers.free(startBytes);
  }
}

/** Neighbours of one piece together. */
function runsOf(blocks: UnwrittenBlock[]): UnwrittenBlock[][] {
  const inOrder = blocks.sort((a, b) => a.piece.index - b.piece.index || a.block - b.block);
  const runs: UnwrittenBlock[][] = [];
  let last: UnwrittenBlock | undefined;
  for (const block of inOrder) {
    if (last?.piece === block.piece && last.block === block.block - 1) runs.at(-1)?.push(block);
    else runs.push([block]);
    last = block;
  }
  return runs;
}
