// What a table of peers shows of each, by what it can be put in order, and what the letters of their flags mean.
import type { PeerMeasure } from '../../../told/swarm-messages.js';
import { shownCount, shownIfAny, shownShare } from './amounts.js';

export interface PeerColumn {
  readonly name: string;
  readonly title: string;
  /** Numbers stand at the right, and the largest come first. */
  readonly isNumber: boolean;
  /** Where there is little room it is left out. */
  readonly isSpare?: true;
  readonly text: (peer: PeerMeasure, pieceCount: number) => string;
  readonly order: (peer: PeerMeasure) => string | number;
}

const sources: Readonly<Record<PeerMeasure['source'], string>> = {
  user: 'its user',
  tracker: 'tracker',
  dht: 'DHT',
  exchange: 'a peer',
  incoming: 'itself',
};

export const peerColumns: readonly PeerColumn[] = [
  {
    ...{ name: 'address', title: 'address and port of the connection', isNumber: false },
    text: ({ address }) => address,
    order: ({ address }) => address,
  },
  {
    ...{ name: 'client', title: 'what it says that it is', isNumber: false },
    text: ({ client }) => client,
    order: ({ client }) => client.toLowerCase(),
  },
  {
    ...{ name: 'from', title: 'who named it to us', isNumber: false, isSpare: true },
    text: ({ source }) => sources[source],
    order: ({ source }) => sources[source],
  },
  {
    ...{ name: 'flags', title: 'how it and we stand; told below', isNumber: false },
    text: ({ flags }) => flags,
    order: ({ flags }) => flags,
  },
  {
    ...{ name: 'has', title: 'so much of the torrent it has', isNumber: true },
    text: ({ pieces }, pieceCount) => shownShare(pieces, pieceCount),
    order: ({ pieces }) => pieces,
  },
  {
    ...{ name: '↓ /s', title: 'content that comes from it in a second', isNumber: true },
    text: ({ downBytesPerSecond }) => shownIfAny(downBytesPerSecond),
    order: ({ downBytesPerSecond }) => downBytesPerSecond,
  },
  {
    ...{ name: '↑ /s', title: 'content that goes to it in a second', isNumber: true },
    text: ({ upBytesPerSecond }) => shownIfAny(upBytesPerSecond),
    order: ({ upBytesPerSecond }) => upBytesPerSecond,
  },
  {
    ...{ name: 'came', title: 'content that has come from it', isNumber: true, isSpare: true },
    text: ({ bytesDown }) => shownIfAny(bytesDown),
    order: ({ bytesDown }) => bytesDown,
  },
  {
    ...{ name: 'went', title: 'content that has gone to it', isNumber: true, isSpare: true },
    text: ({ bytesUp }) => shownIfAny(bytesUp),
    order: ({ bytesUp }) => bytesUp,
  },
  {
    ...{ name: 'owed', title: 'blocks that it owes us / that we owe it', isNumber: true },
    text: ({ blocksAsked, blocksOwed }) =>
      blocksAsked + blocksOwed > 0 ? `${shownCount(blocksAsked)} / ${shownCount(blocksOwed)}` : '',
    order: ({ blocksAsked, blocksOwed }) => blocksAsked + blocksOwed,
  },
];

export interface PeerOrder {
  readonly column: string;
  readonly isReversed: boolean;
}

/** Those who bring most first. */
export const firstOrder: PeerOrder = { column: '↓ /s', isReversed: false };

/** In the column's own order, or the other way round; those that are alike by their addresses. */
export function inOrder(
  peers: readonly PeerMeasure[],
  { column, isReversed }: PeerOrder,
): readonly PeerMeasure[] {
  const by = peerColumns.find(({ name }) => name === column);
  if (by === undefined) return peers;
  const sign = by.isNumber === isReversed ? 1 : -1;
  return [...peers].sort(
    (one, other) =>
      sign * compare(by.order(one), by.order(other)) || compare(one.address, other.address),
  );
}

function compare(one: string | number, other: string | number): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** As src/engine/measuring/detail/peer-flags.ts gives them. */
const flagMeanings: readonly (readonly [flag: string, meaning: string])[] = [
  ['D', 'we download from it'],
  ['d', 'we want to, and it chokes us'],
  ['U', 'it may download from us'],
  ['u', 'it wants to, and we choke it'],
  ['K', 'it lets us, and we want nothing'],
  ['?', 'we let it, and it wants nothing'],
  ['S', 'it snubs us'],
  ['I', 'it dialled us'],
  ['H', 'found in the DHT'],
  ['X', 'found by peer exchange'],
  ['E', 'encrypted'],
];

/** Of the letters that are there. */
export function meaningsOf(peers: readonly PeerMeasure[]) {
  return flagMeanings.filter(([flag]) => peers.some(({ flags }) => flags.includes(flag)));
}
