// Which torrents live in the engine at a time, so that its memory is enough for them: a budget, and the order in which
// those that wait take of it. Counts pieces; files are counted as so many pieces as cost the same. Pure.
import { torrentLimits } from '../../limits.js';
import type { Metainfo } from '../../metainfo/metainfo.js';

/** Up to so much of the budget a torrent is a small one: it may overtake a large one that waits. */
const smallShare = 1 / 64;
/** So much of the budget is kept for small ones. */
const shareOfSmall = 1 / 4;
const namesPerFile = 16;
const piecesPerFile = torrentLimits.livePieces / torrentLimits.liveFiles;

export interface MemoryShare {
  readonly id: number;
  readonly pieces: number;
}

/** What a torrent costs, in pieces. */
export function piecesToHold({ pieceCount, files }: Metainfo): number {
  let names = 0;
  for (const { path } of files) names += path.length;
  const weighedFiles = files.length + Math.floor(names / namesPerFile);

  return Math.max(pieceCount, weighedFiles * piecesPerFile);
}

export class MemoryShares {
  readonly #budget: number;
  readonly #taken = new Map<number, number>();
  #takenBySmall = 0;
  #takenByLarge = 0;
  #isLargeWaiting = false;
  /** What was given back while a large one waits: others do not take it before that. */
  #savedForLarge = 0;

  constructor(budgetPieces: number) {
    this.#budget = budgetPieces;
  }

  /** Whether it is too large for ever. */
  isTooLarge(pieces: number): boolean {
    return pieces > this.#budget;
  }

  has(id: number): boolean {
    return this.#taken.has(id);
  }

  /** The one that has taken most, the latest among equals. */
  get heaviest(): number | undefined {
    let heaviest: number | undefined;
    let most = 0;
    for (const [id, pieces] of this.#taken) {
      if (pieces < most || pieces === 0) continue;
      heaviest = id;
      most = pieces;
    }
    return heaviest;
  }

  /** Of those that wait, in their order, the ones whose turn it is, `most` at most: they have taken their shares. */
  take<T extends MemoryShare>(waiting: Iterable<T>, most = Number.POSITIVE_INFINITY): T[] {
    const taking: T[] = [];
    let isSmallWaiting = false;
    this.#isLargeWaiting = false;
    for (const turn of waiting) {
      if (taking.length === most) break;
      const isSmall = this.#isSmall(turn.pieces);
      const isBehind = turn.pieces > 0 && (isSmall ? isSmallWaiting : this.#isLargeWaiting);
      if (!isBehind && this.#hasRoomFor(turn.pieces)) {
        this.#add(turn);
        taking.push(turn);
      } else if (isSmall) isSmallWaiting = true;
      else this.#isLargeWaiting = true;
    }
    if (!this.#isLargeWaiting) this.#savedForLarge = 0;
    return taking;
  }

  giveBack(id: number): void {
    const pieces = this.#taken.get(id) ?? 0;
    this.#taken.delete(id);
    if (this.#isSmall(pieces)) this.#takenBySmall -= pieces;
    else this.#takenByLarge -= pieces;
    if (this.#isLargeWaiting) this.#savedForLarge += pieces;
  }

  clear(): void {
    this.#taken.clear();
    this.#takenBySmall = 0;
    this.#takenByLarge = 0;
    this.#isLargeWaiting = false;
    this.#savedForLarge = 0;
  }

  #isSmall(pieces: number): boolean {
    return pieces <= this.#budget * smallShare;
  }

  #hasRoomFor(pieces: number): boolean {
    if (this.#takenBySmall + this.#takenByLarge + pieces > this.#budget) return false;
    const smallOnes = this.#budget * shareOfSmall;
    if (!this.#isSmall(pieces)) {
      // One that needs even what is kept for small ones may be there if it is alone.
      return this.#takenByLarge === 0 || this.#takenByLarge + pieces <= this.#budget - smallOnes;
    }
    if (!this.#isLargeWaiting || this.#takenBySmall + pieces <= smallOnes) return true;
    const free = this.#budget - this.#takenBySmall - this.#takenByLarge - this.#savedForLarge;
    return pieces <= free;
  }

  #add({ id, pieces }: MemoryShare): void {
    this.#taken.set(id, pieces);
    if (this.#isSmall(pieces)) this.#takenBySmall += pieces;
    else {
      this.#takenByLarge += pieces;
      this.#savedForLarge = 0;
    }
  }
}
