// Which blocks one peer was sent, a bit each, so that one notices when it asks for one of them again. Of large torrents it
// remembers what was sent last: whoever was given something bad comes back soon.

const blockBytes = 16 * 2 ** 10;
/** A chunk stands for 32 MiB of content; with its place in the map it takes some 400 bytes. */
const chunkBlocks = 2_048;
const mostChunks = 256;

export class SentBlocks {
  readonly #blocksPerPiece: number;
  readonly #mostChunks: number;
  /** The one that was written to last comes last. */
  readonly #chunks = new Map<number, Uint8Array>();
  #lastNumber = -1;
  #lastChunk: Uint8Array = new Uint8Array(0);

  constructor(pieceLengthBytes: number, most = mostChunks) {
    this.#blocksPerPiece = Math.ceil(pieceLengthBytes / blockBytes);
    this.#mostChunks = most;
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
    for (let block = this.#blockAt(index, 0); block < end; block++) {
      const chunk = this.#chunks.get(Math.floor(block / chunkBlocks));
      const bit = block % chunkBlocks;
      if (chunk !== undefined) chunk[bit >> 3] = (chunk[bit >> 3] ?? 0) & ~(0x80 >> (bit & 7));
    }
  }

  #blockAt(index: number, offsetBytes: number): number {
    return index * this.#blocksPerPiece + Math.floor(offsetBytes / blockBytes);
  }

  #turnTo(number: number): void {
    const chunk = this.#chunks.get(number) ?? new Uint8Array(chunkBlocks / 8);
    this.#chunks.delete(number);
    this.#chunks.set(number, chunk);
    this.#lastNumber = number;
    this.#lastChunk = chunk;
    if (this.#chunks.size <= this.#mostChunks) return;
    const [oldest = -1] = this.#chunks.keys();
    this.#chunks.delete(oldest);
  }
}
