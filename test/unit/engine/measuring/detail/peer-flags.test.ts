import { expect, it } from 'vitest';
import { peerFlags } from '../../../../../src/engine/measuring/detail/peer-flags.js';

/** As every connection begins (BEP 3). */
const begun = {
  ...{ amInterested: false, peerChoking: true, peerInterested: false, amChoking: true },
  ...{ isSnubbing: false, isIncoming: false, isOfDht: false, isExchanged: false },
  isEncrypted: false,
};

it.each([
  ['', {}],
  ['D', { amInterested: true, peerChoking: false }],
  ['d', { amInterested: true }],
  ['U', { peerInterested: true, amChoking: false }],
  ['u', { peerInterested: true }],
  ['K', { peerChoking: false }],
  ['?', { amChoking: false }],
  ['dS', { amInterested: true, isSnubbing: true }],
  ['IE', { isIncoming: true, isEncrypted: true }],
  ['H', { isOfDht: true }],
  ['X', { isExchanged: true }],
  [
    'DUSIE',
    {
      ...{ amInterested: true, peerChoking: false, peerInterested: true, amChoking: false },
      ...{ isSnubbing: true, isIncoming: true, isEncrypted: true },
    },
  ],
])('says %j', (flags, relation) => {
  expect(peerFlags({ ...begun, ...relation })).toBe(flags);
});
