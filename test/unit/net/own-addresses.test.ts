import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { plainAddress } from '../../../src/net/ip-address.js';
import { createOwnAddresses, isOwnAddress, strangerKey } from '../../../src/net/own-addresses.js';
import { toPeerAddress } from '../../../src/net/peer-address.js';

test('loopback addresses are our own', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1'].filter(isOwnAddress)).toHaveLength(3);
});

test('the addresses of the interfaces are our own', () => {
  const addresses = Object.values(networkInterfaces()).flatMap((assigned) => assigned ?? []);
  expect(addresses.every(({ address }) => isOwnAddress(address))).toBe(true);
});

test('an address of someone else is not', () => {
  expect(['203.0.113.9', '2001:db8::9', '', '12.7.0.0', 'localhost'].filter(isOwnAddress)).toEqual(
    [],
  );
});

test('an IPv4 address seen through an IPv6 socket is plain IPv4', () => {
  expect(plainAddress('::ffff:203.0.113.9')).toBe('203.0.113.9');
  expect(plainAddress('::ffff:abcd')).toBe('::ffff:abcd');
});

test('a zone is no part of an address', () => {
  expect(plainAddress('fe80::1%eth0')).toBe('fe80::1');
});

test('our peer port is known at every address we listen on, and where our own peer id answered', () => {
  const own = createOwnAddresses({ host: '203.0.113.9', listen: '0.0.0.0', peerPort: 6881 });
  const has = (host: string, port: number) => {
    const address = toPeerAddress(host, port);
    return address !== undefined && own.has(address);
  };
  expect([has('127.0.0.1', 6881), has('::ffff:127.3.2.1', 6881), has('203.0.113.9', 6881)]).toEqual(
    [true, true, true],
  );
  expect([has('127.0.0.1', 6882), has('203.0.113.10', 6881)]).toEqual([false, false]);
  const behindNat = toPeerAddress('203.0.113.10', 6881);
  if (behindNat) own.learn(behindNat);
  expect(has('203.0.113.10', 6881)).toBe(true);
});

test('strangers count by IPv4 address, or by the /64 of IPv6, and nobody on this machine counts', () => {
  const keys = (...addresses: readonly string[]) => new Set(addresses.map(strangerKey)).size;
  expect(keys('2001:db8:1:2::1', '2001:db8:1:2:ffff::9')).toBe(1);
  expect(keys('2001:db8:1:2::1', '2001:db8:1:3::1')).toBe(2);
  expect(keys('198.51.100.1', '::ffff:198.51.100.1')).toBe(1);
  expect(keys('198.51.100.1', '198.51.100.2')).toBe(2);
  const assigned = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const own = ['127.0.0.1', '::1', '::ffff:127.0.0.1', ...assigned.map(({ address }) => address)];
  expect(own.filter((address) => strangerKey(address) !== undefined)).toEqual([]);
});
