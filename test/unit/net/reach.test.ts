import { describe, expect, it } from 'vitest';
import type { Reach } from '../../../machines/types.js';
import { literalAddress, mayLeadTo } from '../../../src/net/reach.js';

const user: Reach = { kind: 'user' };
const document: Reach = { kind: 'document' };
const server = (address?: string): Reach => ({ kind: 'network', address });
/** This machine's, besides the loopback ones. */
const own = ['203.0.113.9', '192.168.1.9', 'fe80::9'];
const mayLead = (reach: Reach, path: string, address: string) =>
  mayLeadTo(reach, path, address, (one) => own.includes(one));

const loopback = ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '64:ff9b::127.0.0.1'];
const local = [
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '169.254.1.1',
  'fe80::1',
  'fc00::1',
];
const wide = ['203.0.113.1', '8.8.8.8', '2001:db8::1'];
const never = [
  '0.0.0.0',
  '::',
  '255.255.255.255',
  '224.0.0.1',
  'ff02::1',
  '169.254.169.254',
  'no address',
];

describe('the user', () => {
  it.each([...loopback, ...local, ...wide, ...never])('leads to %s', (address) => {
    expect(mayLead(user, '/admin', address)).toBe(true);
  });
});

describe('a document', () => {
  it.each([...local, ...wide, ...own])('leads to %s', (address) => {
    expect(mayLead(document, '/anything', address)).toBe(true);
  });

  it.each(loopback)('leads to %s where trackers are asked, and nowhere else', (address) => {
    expect(mayLead(document, '/announce', address)).toBe(true);
    expect(mayLead(document, '/passkey/announce', address)).toBe(true);
    for (const path of [
      '',
      '/',
      '/admin',
      '/announce/',
      '/announce.php',
      '/ANNOUNCE',
      '/announce/x',
    ]) {
      expect(mayLead(document, path, address)).toBe(false);
    }
  });
});

describe('a server of the whole net, or one that is not known', () => {
  const servers = [...wide.map((address) => server(address)), server(), server('169.254.169.254')];

  it.each(wide)('leads to %s', (address) => {
    for (const from of servers) expect(mayLead(from, '/anything', address)).toBe(true);
  });

  it.each([...loopback, ...local])('does not lead to %s', (address) => {
    for (const from of servers) expect(mayLead(from, '/announce', address)).toBe(false);
  });
});

describe('a server of a private net', () => {
  it.each([...wide, ...local])('leads to %s', (address) => {
    for (const from of local) expect(mayLead(server(from), '/anything', address)).toBe(true);
  });

  it.each(loopback)('does not lead to %s', (address) => {
    for (const from of local) expect(mayLead(server(from), '/announce', address)).toBe(false);
  });
});

describe('a server of this machine', () => {
  it.each([...wide, ...local, ...loopback])('leads to %s from a loopback address', (address) => {
    for (const from of loopback) expect(mayLead(server(from), '/anything', address)).toBe(true);
  });

  it.each(loopback)('leads to %s from another, where trackers are asked', (address) => {
    for (const from of own) {
      expect(mayLead(server(from), '/announce', address)).toBe(true);
      expect(mayLead(server(from), '/admin', address)).toBe(false);
    }
  });
});

describe('nobody but the user', () => {
  it.each(never)('leads to %s', (address) => {
    for (const from of [document, server(), server('127.0.0.1'), server(address)]) {
      expect(mayLead(from, '/announce', address)).toBe(false);
    }
  });
});

it.each([
  ['127.0.0.1', '127.0.0.1'],
  ['[::1]', '::1'],
  ['localhost', '127.0.0.1'],
  ['a.LOCALHOST.', '127.0.0.1'],
  ['localhost.example', undefined],
  ['127.example', undefined],
])('of %s the address is %s without being looked up', (host, address) => {
  expect(literalAddress(host)).toBe(address);
});
