// Which blocks one peer was sent, a bit each, so that one notices when it asks for one of them again. Of large torrents it
// remembers what was sent last: whoever was given something bad comes back soon.
import { servingLimits } from '../../../limits.js';

const blockBytes = 16 * 2 ** 10;
/** A chunk stands for 32 MiB of content. */
const chunkBlocks = 2_048;
/** With its place in the map. */
const chunkBytes = 400;

/** What all peers together may have remembered: where there is no room, whoever has most forgets its oldest. */
export class SentBlocksBudget {
  readonly #mostChunks: number;
  readonly #users = new Set<SentBlocks>();
  #chunks = 0;

  constructor(mostChunks = Math.floor(servingLimits.sentBlocksBytes / chunkBytes)) {
    this.#mostChunks = mostChunks;
  }

  added(user: SentBlocks): void {
    this.#users.add(user);
    this.#chunks += 1;
    if (this.#chunks <= this.#mostChunks) return;
    [...this.#users].reduce((a, b) => (b.chunkCount > a.chunkCount ? b : a)).forgetOldest();
  }

  removed(user: SentBlocks, chunks: number): void {
    this.#chunks -= chunks;
    if (user.chunkCount === 0) this.#users.delete(user);
  }
}

export class SentBlocks {
  readonly #blocksPerPiece: number;
  readonly #budget: SentBlocksBudget;
  /** The one that was written to last comes last. */
  readonly #chunks = new Map<number, Uint8Array>();
  #lastNumber = -1;
  #lastChunk: Uint8Array = new Uint8Array(0);

  constructor(pieceLengthBytes: number, budget: SentBlocksBudget) {
    this.#blocksPerPiece = Math.ceil(pieceLengthBytes / blockBytes);
    this.#budget = budget;
  }

  get chunkCount(): number {
    return this.#chunks.size;
  }

  add(index: number, offsetBytes: number): void {
    const block = this.#blockAt(index, offsetBytes);
    const number = Math.floor(block / chunkBlocks);
    if (number !== this.#lastNumber) this.#turnTo(number);
    const bit = block % chunkBlocks;
    this.#lastChunk[bit >> 3] = (this.#lastChunk[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  }

  has(index: number, offsetBytes: number): boolean {
    if (this.#chunks.size === 0) return false;
    const block = this.#blockAt(index, offsetBytes);
    const chunk = this.#chunks.get(Math.floor(block / chunkBlocks));
    const bit = block % chunkBlocks;
    return chunk !== undefined && ((chunk[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0;
  }

  /** All blocks of a piece. */
  delete(index: number): void {
    const end = this.#blockAt(index + 1, 0);
    for (let block = this.#blockAt(index, 0); block < end; ) {
      const chunk = this.#chunks.get(Math.floor(block / chunkBlocks));
      const bit = block % chunkBlocks;
      const count = Math.min(end - block, chunkBlocks - bit);
      if (chunk !== undefined) clearBits(chunk, bit, count);
      block += count;
    }
  }

  #blockAt(index: number, offsetBytes: number): number {
    return index * this.#blocksPerPiece + Math.floor(offsetBytes / blockBytes);
  }

  /** To be called by the budget. */
  forgetOldest(): void {
    const [oldest] = this.#chunks.keys();
    if (oldest !== undefined) this.#forget([oldest]);
  }

  /** The connection is over. */
  clear(): void {
    this.#forget([...this.#chunks.keys()]);
  }

  #forget(numbers: readonly number[]): void {
    if (numbers.length === 0) return;
    for (const number of numbers) this.#chunks.delete(number);
    if (numbers.includes(this.#lastNumber)) this.#lastNumber = -1;
    this.#budget.removed(this, numbers.length);
  }

  #turnTo(number: number): void {
    const known = this.#chunks.get(number);
    const chunk = known ?? new Uint8Array(chunkBlocks / 8);
    this.#chunks.delete(number);
    this.#chunks.set(number, chunk);
    this.#lastNumber = number;
    this.#lastChunk = chunk;
    if (known === undefined) this.#budget.added(this);
  }
}

/** Whole bytes at once: a peer may have it done twice a second for a piece of 16,384 blocks. */
function clearBits(bytes: Uint8Array, first: number, count: number): void {
  const end = first + count;
  for (let bit = first; bit < end; ) {
    if ((bit & 7) === 0 && end - bit >= 8) {
      bytes.fill(0, bit >> 3, end >> 3);
      bit = end & ~7;
    } else {
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) & ~(0x80 >> (bit & 7));
      bit += 1;
    }
  }
}
