// The pieces of a torrent from the first to the last: what is there, what is being fetched, and below that how often the connected
// peers have it.
import type { PieceMap } from '../../told/swarm-messages.js';
import { shownCount } from './amounts.js';

export function PiecesBar({ pieces }: { readonly pieces: PieceMap }) {
  const { pieceCount, verified, underWay, copies, unavailable } = pieces;
  const [there, coming] = [sum(verified), sum(underWay)];
  const lengths = partLengths(pieces);
  const most = Math.max(1, ...copies);
  const rarest = Math.min(...copies);
  const share = (counts: readonly number[]) =>
    counts.map((count, part) => count / (lengths[part] ?? 1));
  const [done, begun] = [share(verified), share(underWay)];
  const story = [
    `${shownCount(there)} of ${shownCount(pieceCount)} are there`,
    ...(coming > 0 ? [`${shownCount(coming)} are being fetched`] : []),
    ...(unavailable > 0 ? [`${shownCount(unavailable)} that nobody here has`] : []),
  ].join(', ');
  return (
    <section class="swarm-pieces">
      <h3>
        Pieces <small>{story}</small>
      </h3>
      <svg
        class="swarm-bar"
        viewBox={`0 0 ${verified.length} 1`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`pieces: ${story}`}
      >
        <path class="there" d={columnPath(done)} />
        <path class="coming" d={columnPath(begun, done)} />
      </svg>
      <svg
        class="swarm-copies"
        viewBox={`0 0 ${copies.length} 1`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`copies among the connected peers: ${rarest} of the rarest part, ${most} of the most common`}
      >
        <path class="copies" d={columnPath(copies.map((count) => count / most))} />
        <path class="none" d={columnPath(copies.map((count) => (count > 0 ? 0 : 1)))} />
      </svg>
      <ul class="swarm-legend">
        <li class="there">there</li>
        <li class="coming">being fetched</li>
        <li class="copies">
          copies among the peers: {rarest === most ? rarest : `${rarest} to ${most}`}
        </li>
        <li class="none">no peer has it</li>
      </ul>
    </section>
  );
}

/** So many pieces each part has. */
export function partLengths({ pieceCount, piecesPerPart, verified }: PieceMap): readonly number[] {
  return verified.map((_, part) => Math.min(piecesPerPart, pieceCount - part * piecesPerPart));
}

/** A column of each share, 0 to 1, a unit wide, standing on that of `below` or on the ground, where y is 1. */
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

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}
