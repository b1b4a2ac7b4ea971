import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { isOwnAddress, plainAddress } from '../../../src/tracker/own-address.js';

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
