import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseIpv4Peers,
  parseIpv6Peers,
  peerAddress,
  toCompactPeer,
} from '../../../src/tracker-protocol/compact-peers.js';

const loopback6 = `${'00'.repeat(15)}01`;

describe('a compact list of peers', () => {
  it('has six bytes for an IPv4 peer', () => {
    const bytes = Buffer.from('010203041ae1' + 'ffffffff0001', 'hex');
    expect(parseIpv4Peers(bytes)).toEqual(['1.2.3.4:6881', '255.255.255.255:1']);
  });

  it('has eighteen bytes for an IPv6 peer', () => {
    const bytes = Buffer.from(`${loopback6}0005${'20010db8'.padEnd(31, '0')}f1ae1`, 'hex');
    expect(parseIpv6Peers(bytes)).toEqual(['[::1]:5', '[2001:db8::f]:6881']);
  });

  it('loses only its torn end and peers with port 0', () => {
    expect(parseIpv4Peers(Buffer.from('010203040000' + '050607080009' + '0102', 'hex'))).toEqual([
      '5.6.7.8:9',
    ]);
  });

  it('is read from the middle of a larger buffer', () => {
    expect(parseIpv4Peers(new Uint8Array([9, 9, 1, 2, 3, 4, 0, 5]).subarray(2))).toEqual([
      '1.2.3.4:5',
    ]);
  });

  it('yields nothing but addresses, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        for (const peer of parseIpv4Peers(bytes)) expect(peer).toMatch(/^[\d.]+:\d+$/);
        for (const peer of parseIpv6Peers(bytes)) {
          expect(peer).toMatch(/^(\[[0-9a-f:.]+\]|[\d.]+):\d+$/);
        }
      }),
    );
  });
});

describe('the address of a peer', () => {
  it('is written in one way', () => {
    expect(peerAddress('2001:DB8:0:0::1', 5)).toBe('[2001:db8::1]:5');
    expect(peerAddress('::ffff:1.2.3.4', 5)).toBe('1.2.3.4:5');
    expect(peerAddress('::ffff:102:304', 5)).toBe('1.2.3.4:5');
  });

  it.each([
    ['peer.example', 5],
    ['fe80::1%eth0', 5],
    ['1.2.3', 5],
    ['', 5],
    ['1.2.3.4', 0],
    ['1.2.3.4', 65_536],
    ['1.2.3.4', 1.5],
  ])('is none for %o port %o', (ip, port) => {
    expect(peerAddress(ip, port)).toBeUndefined();
  });
});

describe('a peer', () => {
  it.each([
    ['1.2.3.4', '010203041ae1'],
    ['255.255.255.255', 'ffffffff1ae1'],
    ['::', `${'00'.repeat(16)}1ae1`],
    ['::1', `${'00'.repeat(15)}011ae1`],
    ['2001:DB8::f', `20010db8${'00'.repeat(11)}0f1ae1`],
    ['2001:db8:1:2:3:4:5:6', '20010db80001000200030004000500061ae1'],
    ['fe80::', `fe80${'00'.repeat(14)}1ae1`],
    ['::1.2.3.4', `${'00'.repeat(12)}010203041ae1`],
  ])('at %s is written as %s', (ip, hex) => {
    expect(toCompactPeer(ip, 6881).toString('hex')).toBe(hex);
  });

  it('of IPv6 takes 18 bytes, which are its own', () => {
    fc.assert(
      fc.property(fc.ipV6(), (ip) => {
        const groups = toCompactPeer(ip, 1).subarray(0, 16).toString('hex').match(/.{4}/g) ?? [];
        const written = (address: string) => new URL(`http://[${address}]`).hostname;
        expect(written(groups.join(':'))).toBe(written(ip));
      }),
    );
  });
});
