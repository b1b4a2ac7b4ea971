import { expect, it } from 'vitest';
import { peerFlags } from '../../../../../../src/engine/measuring/detail/peer-flags.js';
import {
  firstOrder,
  inOrder,
  meaningsOf,
  peerColumns,
} from '../../../../../../src/inspection/page/swarm/tables/peer-columns.js';
import type { PeerMeasure } from '../../../../../../src/inspection/told/swarm-messages.js';

function peer(address: string, more: Partial<PeerMeasure> = {}): PeerMeasure {
  return {
    ...{ address, client: '', source: 'tracker', flags: '', pieces: 0 },
    ...{ bytesDown: 0, bytesUp: 0, downBytesPerSecond: 0, upBytesPerSecond: 0 },
    ...{ blocksAsked: 0, blocksOwed: 0 },
    ...more,
  };
}

const [a, b, c] = [
  peer('a', { downBytesPerSecond: 5, client: 'Zeta' }),
  peer('b', { downBytesPerSecond: 50, client: 'alpha' }),
  peer('c', { downBytesPerSecond: 5, client: 'Beta' }),
];

const names = (peers: readonly PeerMeasure[]) => peers.map(({ address }) => address).join('');

it('puts those who bring most first, and by their addresses those who are alike', () => {
  expect(names(inOrder([c, a, b], firstOrder))).toBe('bac');
  expect(names(inOrder([c, a, b], { ...firstOrder, isReversed: true }))).toBe('acb');
});

it('puts words in the order of the alphabet', () => {
  expect(names(inOrder([a, b, c], { column: 'client', isReversed: false }))).toBe('bca');
  expect(names(inOrder([a, b, c], { column: 'client', isReversed: true }))).toBe('acb');
});

it('has an order and a text for every column, and leaves all as they are for one that it does not have', () => {
  for (const { name, text } of peerColumns) {
    expect(inOrder([a, b, c], { column: name, isReversed: false })).toHaveLength(3);
    expect(text(a, 10)).toEqual(expect.any(String));
  }
  expect(names(inOrder([c, a, b], { column: 'none', isReversed: false }))).toBe('cab');
});

it('says what each letter of a flag means, of those that are there', () => {
  const every = [true, false].map((is) =>
    peerFlags({
      ...{ amInterested: is, peerInterested: is, peerChoking: is, amChoking: is },
      ...{ isSnubbing: is, isIncoming: is, isOfDht: is, isExchanged: is, isEncrypted: is },
    }),
  );
  const peers = [...every, 'DU'].map((flags) => peer('x', { flags }));
  const letters = new Set(peers.flatMap(({ flags }) => [...flags]));
  expect(new Set(meaningsOf(peers).map(([flag]) => flag))).toEqual(letters);
  expect(letters.size).toBe(11);
  expect(meaningsOf([peer('x')])).toEqual([]);
});
