import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { type Bans, createBans } from '../../../src/engine/peers/ban-list.js';

const minute = 60_000;
const hour = 60 * minute;
const stranger = '198.51.100.1';

function scene(ownHosts: readonly string[] = []): { bans: Bans; wait(ms: number): void } {
  let now = 0;
  return {
    bans: createBans(ownHosts, () => now),
    wait(ms) {
      now += ms;
    },
  };
}

test('a peer that sent a bad piece is banned for an hour, on every port', () => {
  const { bans, wait } = scene();
  bans.convict(stranger, 6881);
  expect(bans.remainingMs(stranger)).toBe(hour);
  expect(bans.remainingMs(stranger, 1)).toBe(hour);
  expect(bans.remainingMs('198.51.100.2', 6881)).toBe(0);
  wait(hour);
  expect(bans.remainingMs(stranger)).toBe(0);
});

test('garbage is forgiven twice within an hour, not a third time', () => {
  const { bans, wait } = scene();
  bans.sentGarbage(stranger);
  wait(30 * minute);
  bans.sentGarbage(stranger);
  wait(31 * minute);
  bans.sentGarbage(stranger);
  expect(bans.remainingMs(stranger)).toBe(0);
  bans.sentGarbage(stranger);
  expect(bans.remainingMs(stranger)).toBe(hour);
});

test.each(['127.0.0.1', '127.5.5.5', '::1', '::ffff:127.0.0.1'])(
  'the loopback address %s is never banned: one port is not dialled for a while, longer each time',
  (host) => {
    const { bans, wait } = scene();
    const waits = Array.from({ length: 8 }, () => {
      bans.convict(host, 5);
      const remainingMs = bans.remainingMs(host, 5);
      wait(remainingMs);
      return remainingMs / minute;
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    bans.convict(host, 5);
    expect(bans.remainingMs(host)).toBe(0);
    expect(bans.remainingMs(host, 6)).toBe(0);
  },
);

test('nothing is held against peers of this machine that cannot be told apart', () => {
  const { bans } = scene();
  for (let times = 0; times < 10; times += 1) {
    bans.convict('127.0.0.1');
    bans.sentGarbage('127.0.0.1');
  }
  expect(bans.remainingMs('127.0.0.1')).toBe(0);
  expect(bans.remainingMs('127.0.0.1', 0)).toBe(0);
});

test('the addresses of this machine are never banned, nor is the one it is known by outside', () => {
  const { bans } = scene(['203.0.113.9']);
  const assigned = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  for (const host of ['203.0.113.9', ...assigned.map(({ address }) => address)]) {
    bans.convict(host);
    bans.convict(host, 5);
    expect(bans.remainingMs(host)).toBe(0);
  }
});

test('some thousand are remembered, the latest', () => {
  const { bans } = scene();
  const hosts = Array.from({ length: 20_000 }, (_, index) => `10.${index >> 8}.${index & 255}.1`);
  for (const host of hosts) bans.convict(host);
  const banned = hosts.filter((host) => bans.remainingMs(host) > 0);
  expect(banned.length).toBe(5000);
  expect(banned.at(-1)).toBe(hosts.at(-1));
});
