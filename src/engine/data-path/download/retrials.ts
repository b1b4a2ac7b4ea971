// Pieces that were bad and came from several peers: each is fetched again from one peer alone, so that it shows who lied;
// from one that had no part in it, if there is any.
import type { BlockSource, Sender } from '../pieces/block-source.js';
import type { SmartBan } from './smart-ban.js';

/** How long such a piece stays with one peer that sends nothing of it. */
const patienceMs = 10_000;
/** So many are looked at for one peer: who poisons a thousand pieces must not have us look at them all the time. */
const mostLookedAt = 16;
/** Including those of which it is plain that it cannot be asked for them. */
const mostPassedOver = 256;

interface Retrial {
  isUnderWay: boolean;
  heardAtMs: number;
}

export class Retrials {
  readonly #smartBan: Pick<SmartBan<Sender>, 'suspects'>;
  readonly #retrials = new Map<number, Retrial>();

  constructor(smartBan: Pick<SmartBan<Sender>, 'suspects'>) {
    this.#smartBan = smartBan;
  }

  has(index: number): boolean {
    return this.#retrials.has(index);
  }

  /** It was bad, once more perhaps, or could not be begun: to be tried after the others. */
  add(index: number): void {
    this.delete(index);
    this.#retrials.set(index, { isUnderWay: false, heardAtMs: 0 });
  }

  delete(index: number): void {
    this.#retrials.delete(index);
  }

  /** A block of it has come from the one it is asked of. */
  heard(index: number): void {
    const retrial = this.#retrials.get(index);
    if (retrial !== undefined) retrial.heardAtMs = performance.now();
  }

  /** A piece that `source` alone may be asked for now, which counts as under way from now on; -1: none. */
  next(source: BlockSource, sources: ReadonlySet<BlockSource>): number {
    let left = Math.min(mostPassedOver, this.#retrials.size);
    let looked = 0;
    for (const [index, retrial] of this.#retrials) {
      if (left-- === 0 || looked === mostLookedAt) break;
      // Behind the others, so that each is come to in time.
      this.#retrials.delete(index);
      this.#retrials.set(index, retrial);
      if (retrial.isUnderWay || !source.pieces.has(index)) continue;
      looked += 1;
      const suspects = this.#smartBan.suspects(index);
      if (suspects.has(source.sender) && isAnyUnsuspected(index, sources, suspects)) continue;
      retrial.isUnderWay = true;
      retrial.heardAtMs = performance.now();
      return index;
    }
    return -1;
  }

  /** Those under way of which nothing has come for too long: others may help. Each is named once. */
  stalled(nowMs: number): readonly number[] {
    const stalled: number[] = [];
    for (const [index, retrial] of this.#retrials) {
      if (!retrial.isUnderWay || nowMs - retrial.heardAtMs < patienceMs) continue;
      retrial.heardAtMs = Number.POSITIVE_INFINITY;
      stalled.push(index);
    }
    return stalled;
  }
}

function isAnyUnsuspected(
  index: number,
  sources: ReadonlySet<BlockSource>,
  suspects: ReadonlySet<Sender>,
): boolean {
  for (const other of sources) {
    if (!suspects.has(other.sender) && other.isGiving && other.pieces.has(index)) return true;
  }
  return false;
}
