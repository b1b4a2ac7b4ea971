// One piece that is being fetched: which of its blocks is asked of whom, is coming in, or is there. A block has one
// writer at a time, so that nobody can alter what has come already.

/** What is asked for at once (BEP 3): everyone gives it, and few give more. */
export const blockBytes = 16 * 2 ** 10;

const free = 0;
const asked = 1;
const coming = 2;
const there = 3;

/** What became of a block whose source will not send it. */
export type Release = 'nothing' | 'others' | 'free';

export class PartialPiece<Source extends object> {
  /** The next three stand until `begin` is called again. */
  index = -1;
  lengthBytes = 0;
  /** Where it lies in memory; -1: not there, its blocks go to disk one by one. */
  startBytes = -1;
  /** The only one it is asked of, while it is fetched anew because it was bad. */
  onlyOf: Source | undefined;
  /** Of a piece on disk: so many blocks have come, and are not written yet. */
  unwrittenBlocks = 0;
  #blockCount = 0;
  #missing = 0;
  #state = new Uint8Array();
  #next = 0;
  readonly #freed: number[] = [];
  /** Who is asked for each block; once it is there, who sent it. */
  readonly #sources: (Source | undefined)[] = [];
  /** Asked too, in the end game; or asked first, and snubbing us since. Mostly holes: a piece may have 16,384 blocks. */
  readonly #seconds: (Source | undefined)[] = [];

  /** For another piece: nothing of it is there. */
  begin(index: number, lengthBytes: number, startBytes: number): void {
    this.index = index;
    this.lengthBytes = lengthBytes;
    this.startBytes = startBytes;
    this.onlyOf = undefined;
    this.unwrittenBlocks = 0;
    this.#blockCount = Math.ceil(lengthBytes / blockBytes);
    this.#missing = this.#blockCount;
    if (this.#state.length < this.#blockCount) this.#state = new Uint8Array(this.#blockCount);
    else this.#state.fill(free);
    this.#next = 0;
    this.#freed.length = 0;
    this.#sources.length = 0;
    this.#seconds.length = 0;
  }

  get blockCount(): number {
    return this.#blockCount;
  }

  get isOnDisk(): boolean {
    return this.startBytes === -1;
  }

  /** Every block has come. */
  get isWhole(): boolean {
    return this.#missing === 0;
  }

  get cameBytes(): number {
    let bytes = 0;
    for (let block = 0; block < this.#blockCount; block++) {
      if (this.#state[block] === there) bytes += this.blockLengthBytes(block);
    }
    return bytes;
  }

  /** Who sent each block of a whole piece. */
  get senders(): readonly (Source | undefined)[] {
    return this.#sources;
  }

  blockLengthBytes(block: number): number {
    return Math.min(blockBytes, this.lengthBytes - block * blockBytes);
  }

  /** The number of the block with this offset and length, -1 if none has. */
  blockAt(offsetBytes: number, lengthBytes: number): number {
    const block = offsetBytes / blockBytes;
    const isBlock = Number.isInteger(block) && block < this.#blockCount;
    return isBlock && this.blockLengthBytes(block) === lengthBytes ? block : -1;
  }

  /** A block that nobody is asked for now, -1 if there is none. */
  get freeBlock(): number {
    while (this.#freed.length > 0) {
      const block = this.#freed[this.#freed.length - 1] ?? 0;
      if (this.#state[block] === free) return block;
      this.#freed.pop();
    }
    return this.#next < this.#blockCount ? this.#next : -1;
  }

  /** `block` must be free. False: `source` owes it already, since before it was snubbed. */
  ask(block: number, source: Source): boolean {
    if (block === this.#next) this.#next += 1;
    this.#state[block] = asked;
    this.#sources[block] = source;
    if (this.#seconds[block] !== source) return true;
    this.#seconds[block] = undefined;
    return false;
  }

  /** A block that is asked of another, and of nobody besides but who may be replaced; -1 if there is none. */
  askedOfAnother(source: Source, mayReplace: (second: Source) => boolean): number {
    for (let block = 0; block < this.#blockCount; block++) {
      if (this.#state[block] !== asked || this.#sources[block] === source) continue;
      const second = this.#seconds[block];
      if (second === undefined || (second !== source && mayReplace(second))) return block;
    }
    return -1;
  }

  /** Who is asked for the block besides the first. */
  secondOf(block: number): Source | undefined {
    return this.#seconds[block];
  }

  askToo(block: number, source: Source): void {
    this.#seconds[block] = source;
  }

  /** Whether `source` was asked for the block, and nobody else has begun to send it. */
  mayCome(block: number, source: Source): boolean {
    const state = this.#state[block];
    if (state === asked && this.#sources[block] === source) return true;
    return (state === asked || state === free) && this.#seconds[block] === source;
  }

  /** It begins to come from `source`, as `mayCome` allows. */
  comes(block: number, source: Source): void {
    this.#state[block] = coming;
    if (this.#sources[block] === source) return;
    this.#seconds[block] = this.#sources[block];
    this.#sources[block] = source;
  }

  /** It has come from `source`. Returns who was asked too, and need not send it any more. */
  came(block: number, source: Source): Source | undefined {
    const other = this.#seconds[block];
    this.#state[block] = there;
    if (other !== undefined) this.#seconds[block] = undefined;
    this.#sources[block] = source;
    this.#missing -= 1;
    return other;
  }

  /** `source` will not send it. */
  release(block: number, source: Source): Release {
    if (this.#seconds[block] === source) {
      this.#seconds[block] = undefined;
      return 'others';
    }
    if (this.#sources[block] !== source || this.#state[block] === there) return 'nothing';
    const other = this.#seconds[block];
    this.#sources[block] = other;
    this.#seconds[block] = undefined;
    this.#state[block] = other === undefined ? free : asked;
    if (other !== undefined) return 'others';
    this.#freed.push(block);
    return 'free';
  }

  /** `source` snubs us: another may be asked, and who sends it first has sent it. */
  snub(block: number, source: Source): Release {
    if (this.#sources[block] !== source || this.#state[block] !== asked) return 'nothing';
    const other = this.#seconds[block];
    this.#sources[block] = other;
    this.#seconds[block] = source;
    if (other !== undefined) return 'others';
    this.#state[block] = free;
    this.#freed.push(block);
    return 'free';
  }
}
