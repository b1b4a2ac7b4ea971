// The pieces of a torrent from the first to the last: what is there, what is being fetched, and below that how often the connected
// peers have it.
import type { PieceMap } from '../../told/swarm-messages.js';
import { columnPath, partLengths } from './piece-columns.js';
import { shownCount } from './tables/amounts.js';

export function PiecesBar({ pieces }: { readonly pieces: PieceMap }) {
  const { pieceCount, verified, underWay, copies, unavailable } = pieces;
  const [there, coming] = [sum(verified), sum(underWay)];
  const lengths = partLengths(pieces);
  const most = Math.max(1, ...copies);
  const rarest = Math.min(...copies);
  const share = (counts: readonly number[]) =>
    counts.map((count, part) => count / (lengths[part] ?? 1));
  const [done, begun] = [share(verified), share(underWay)];
  const nowhere = done.map((own, part) => (own < 1 && copies[part] === 0 ? 1 : 0));
  const story = [
    `${shownCount(there)} of ${shownCount(pieceCount)} are there`,
    ...(coming > 0 ? [`${shownCount(coming)} are being fetched`] : []),
    ...(unavailable > 0 ? [`${shownCount(unavailable)} nobody here has`] : []),
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
        <path class="none" d={columnPath(nowhere)} />
      </svg>
      <ul class="swarm-legend">
        <li class="there">there</li>
        <li class="coming">being fetched</li>
        <li class="copies">
          copies among the peers: {rarest === most ? rarest : `${rarest} to ${most}`}
        </li>
        <li class="none">nobody here has it</li>
      </ul>
    </section>
  );
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}
