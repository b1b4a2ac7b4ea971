// The peers of a swarm, a row each, in the order that its reader chooses: the first of them, or all, which are two hundred at most.
import { useState } from 'preact/hooks';
import type { PeerMeasure } from '../../../told/swarm-messages.js';
import { shownCount } from './amounts.js';
import { firstOrder, inOrder, meaningsOf, type PeerColumn, peerColumns } from './peer-columns.js';

/** Each is drawn anew every second. */
const firstRows = 50;

export interface PeersTableProps {
  readonly peers: readonly PeerMeasure[];
  /** How many are connected, told or not. */
  readonly connected: number;
  readonly seeds: number;
  readonly pieceCount: number;
}

export function PeersTable({ peers, connected, seeds, pieceCount }: PeersTableProps) {
  const [order, choose] = useState(firstOrder);
  const [isWhole, showWhole] = useState(false);
  const rows = isWhole ? peers.length : firstRows;
  const leftOut = connected - peers.length;
  const chooseColumn = ({ name }: PeerColumn) =>
    choose({ column: name, isReversed: name === order.column && !order.isReversed });
  const sorted = ({ name, isNumber }: PeerColumn) => {
    if (name !== order.column) return 'none';
    return isNumber === order.isReversed ? 'ascending' : 'descending';
  };
  const classOf = ({ isNumber, isSpare }: PeerColumn) =>
    `${isNumber ? 'number' : ''} ${isSpare ? 'spare' : ''}`.trim();
  return (
    <section class="swarm-peers">
      <h3>
        Peers{' '}
        <small>
          {connected === 0 ? 'nobody is connected' : `${shownCount(connected)} connected`}
          {seeds > 0 && `, ${shownCount(seeds)} with everything`}
          {leftOut > 0 && `; ${shownCount(leftOut)} that move least are not shown`}
        </small>
      </h3>
      {peers.length > 0 && (
        <table>
          <thead>
            <tr>
              {peerColumns.map((column) => (
                <th
                  key={column.name}
                  scope="col"
                  class={classOf(column)}
                  title={column.title}
                  aria-sort={sorted(column)}
                >
                  <button type="button" onClick={() => chooseColumn(column)}>
                    {column.name}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {inOrder(peers, order)
              .slice(0, rows)
              .map((peer) => (
                <tr key={peer.address}>
                  {peerColumns.map((column) => {
                    const text = column.text(peer, pieceCount);
                    return (
                      <td key={column.name} class={classOf(column) || column.name} title={text}>
                        {text}
                      </td>
                    );
                  })}
                </tr>
              ))}
          </tbody>
        </table>
      )}
      {peers.length > firstRows && (
        <button type="button" onClick={() => showWhole(!isWhole)}>
          {isWhole ? `show the first ${firstRows}` : `show all ${peers.length}`}
        </button>
      )}
      <dl class="swarm-flags">
        {meaningsOf(peers).map(([flag, meaning]) => (
          <div key={flag}>
            <dt>{flag}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
