// Who sent which block of a bad piece, after libtorrent's smart ban: once the piece comes good, those whose block was another are
// known. Pure: it is handed hashes, and neither computes any nor bans anybody.
import { sha1Bytes } from '../../../metainfo/metainfo.js';

const defaultMostBlocks = 65_536;

const nobody: ReadonlySet<never> = new Set();

/** One time that a piece was bad. */
interface Round<Sender> {
  readonly senders: readonly (Sender | undefined)[];
  readonly hashes: Uint8Array;
}

interface BadPiece<Sender> {
  /** The oldest first. */
  readonly rounds: Round<Sender>[];
  readonly suspects: Set<Sender>;
}

/**
 * The bad pieces of one torrent. Senders are remembered until the piece is good or forgotten:
 * let them be small.
 */
export class SmartBan<Sender extends object> {
  readonly #mostBlocks: number;
  /** By index; the one that was bad longest ago comes first. */
  readonly #pieces = new Map<number, BadPiece<Sender>>();
  #rememberedBlocks = 0;

  /** `mostBlocks`: so many are remembered in all, 65,536 if nothing is said. What was bad longest ago is forgotten first. */
  constructor(limits: { readonly mostBlocks?: number } = {}) {
    this.#mostBlocks = limits.mostBlocks ?? defaultMostBlocks;
  }

  /**
   * Piece `index` was bad. `senders[b]` sent block b, whose SHA-1 is `hashes[b]`: 20 bytes each, one after the other. Both are
   * copied. A piece of more blocks than are remembered at all leaves no trace.
   */
  bad(index: number, senders: readonly (Sender | undefined)[], hashes: Uint8Array): void {
    checkLength(senders, hashes);
    if (senders.length === 0 || senders.length > this.#mostBlocks) return;
    const piece = this.#pieces.get(index) ?? { rounds: [], suspects: new Set() };
    piece.rounds.push({ senders: [...senders], hashes: new Uint8Array(hashes) });
    this.#pieces.delete(index);
    this.#pieces.set(index, piece);
    this.#rememberedBlocks += senders.length;
    addSenders(piece.suspects, senders);
    this.#forgetOldest(piece);
  }

  /** Those who sent blocks of a piece when it was bad; empty if it was not, or is good since. */
  suspects(index: number): ReadonlySet<Sender> {
    return this.#pieces.get(index)?.suspects ?? nobody;
  }

  isSuspect(index: number): boolean {
    return this.#pieces.has(index);
  }

  /** Piece `index` has come good, `hashes` as above. Returns those who had sent another block, each once, and forgets the piece. */
  good(index: number, hashes: Uint8Array): readonly Sender[] {
    const piece = this.#pieces.get(index);
    if (piece === undefined) return [];
    const bannedSenders = new Set<Sender>();
    for (const { senders, hashes: sent } of piece.rounds) {
      checkLength(senders, hashes);
      for (const [block, sender] of senders.entries()) {
        if (sender !== undefined && !isSameHash(sent, hashes, block)) bannedSenders.add(sender);
      }
    }
    this.#pieces.delete(index);
    for (const { senders } of piece.rounds) this.#rememberedBlocks -= senders.length;
    return [...bannedSenders];
  }

  get rememberedBlocks(): number {
    return this.#rememberedBlocks;
  }

  /** Other pieces as a whole; of `latest` itself, the last there is, what it was in earlier rounds. */
  #forgetOldest(latest: BadPiece<Sender>): void {
    for (const [index, piece] of this.#pieces) {
      if (piece === latest) break;
      if (this.#rememberedBlocks <= this.#mostBlocks) return;
      this.#pieces.delete(index);
      for (const { senders } of piece.rounds) this.#rememberedBlocks -= senders.length;
    }
    if (this.#rememberedBlocks <= this.#mostBlocks) return;
    while (this.#rememberedBlocks > this.#mostBlocks) {
      this.#rememberedBlocks -= latest.rounds.shift()?.senders.length ?? 0;
    }
    latest.suspects.clear();
    for (const { senders } of latest.rounds) addSenders(latest.suspects, senders);
  }
}

/** Who sent all blocks of a piece alone: it needs no comparison. Undefined if several did, or some of it is nobody's. */
export function soleSender<Sender extends object>(
  senders: readonly (Sender | undefined)[],
): Sender | undefined {
  const [first] = senders;
  return senders.every((sender) => sender === first) ? first : undefined;
}

function addSenders<Sender>(all: Set<Sender>, senders: readonly (Sender | undefined)[]): void {
  for (const sender of senders) if (sender !== undefined) all.add(sender);
}

function isSameHash(some: Uint8Array, others: Uint8Array, block: number): boolean {
  const end = (block + 1) * sha1Bytes;
  for (let at = block * sha1Bytes; at < end; at++) if (some[at] !== others[at]) return false;
  return true;
}

function checkLength(senders: readonly unknown[], hashes: Uint8Array): void {
  if (hashes.length === senders.length * sha1Bytes) return;
  throw new RangeError(`${hashes.length} bytes of hashes for ${senders.length} blocks`);
}
