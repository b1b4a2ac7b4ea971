// Counts of pieces as columns of a drawing: how high each is, and the path that draws them.
import type { PieceMap } from '../../told/swarm-messages.js';

/** So many pieces each part has. */
export function partLengths({ pieceCount, piecesPerPart, verified }: PieceMap): readonly number[] {
  return verified.map((_, part) => Math.min(piecesPerPart, pieceCount - part * piecesPerPart));
}

/** A column of each share, 0 to 1, a unit wide, on top of that of `below` or on the ground, where y is 1. */
export function columnPath(shares: readonly number[], below: readonly number[] = []): string {
  let path = '';
  let from = 0;
  while (from < shares.length) {
    const [share = 0, base = 0] = [shares[from], below[from]];
    let to = from + 1;
    // Those that are alike are one, so that no line is seen between them.
    while (to < shares.length && shares[to] === share && (below[to] ?? 0) === base) to += 1;
    if (share > 0) path += `M${from} ${round(1 - base)}H${to}V${round(1 - base - share)}H${from}Z`;
    from = to;
  }
  return path;
}

function round(y: number): number {
  return Math.max(0, Math.round(y * 1_000) / 1_000);
}
