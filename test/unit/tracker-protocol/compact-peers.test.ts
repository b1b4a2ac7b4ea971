import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toCompactPeer } from '../../../src/tracker-protocol/compact-peers.js';

test.each([
  ['1.2.3.4', '010203041ae1'],
  ['255.255.255.255', 'ffffffff1ae1'],
  ['::', `${'00'.repeat(16)}1ae1`],
  ['::1', `${'00'.repeat(15)}011ae1`],
  ['2001:DB8::f', `20010db8${'00'.repeat(11)}0f1ae1`],
  ['2001:db8:1:2:3:4:5:6', '20010db80001000200030004000500061ae1'],
  ['fe80::', `fe80${'00'.repeat(14)}1ae1`],
  ['::1.2.3.4', `${'00'.repeat(12)}010203041ae1`],
])('the peer %s is written as %s', (ip, hex) => {
  expect(toCompactPeer(ip, 6881).toString('hex')).toBe(hex);
});

test('every IPv6 address takes 18 bytes, its own', () => {
  fc.assert(
    fc.property(fc.ipV6(), (ip) => {
      const groups = toCompactPeer(ip, 1).subarray(0, 16).toString('hex').match(/.{4}/g) ?? [];
      const written = (address: string) => new URL(`http://[${address}]`).hostname;
      expect(written(groups.join(':'))).toBe(written(ip));
    }),
  );
});
