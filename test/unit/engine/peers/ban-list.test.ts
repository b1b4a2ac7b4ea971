import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { type BanList, createBanList } from '../../../../src/engine/peers/ban-list.js';

const minute = 60_000;
const hour = 60 * minute;
const stranger = '198.51.100.1';

function scene(ownHosts: readonly string[] = []): { banList: BanList; wait(ms: number): void } {
  let now = 0;
  return {
    banList: createBanList(ownHosts, () => now),
    wait(ms) {
      now += ms;
    },
  };
}

test('a peer that sent a bad piece is banned for an hour, on every port', () => {
  const { banList, wait } = scene();
  banList.ban(stranger, 6881);
  expect(banList.remainingMs(stranger)).toBe(hour);
  expect(banList.remainingMs(stranger, 1)).toBe(hour);
  expect(banList.remainingMs('198.51.100.2', 6881)).toBe(0);
  wait(hour);
  expect(banList.remainingMs(stranger)).toBe(0);
});

test('garbage is forgiven twice within an hour, not a third time', () => {
  const { banList, wait } = scene();
  banList.sentGarbage(stranger);
  wait(30 * minute);
  banList.sentGarbage(stranger);
  wait(31 * minute);
  banList.sentGarbage(stranger);
  expect(banList.remainingMs(stranger)).toBe(0);
  banList.sentGarbage(stranger);
  expect(banList.remainingMs(stranger)).toBe(5 * minute);
});

test('garbage bans those who share the address shortly at first, and longer each time', () => {
  const { banList, wait } = scene();
  const waits = Array.from({ length: 6 }, () => {
    for (let times = 0; times < 3; times++) banList.sentGarbage(stranger);
    const remainingMs = banList.remainingMs(stranger);
    wait(remainingMs);
    return remainingMs / minute;
  });
  expect(waits).toEqual([5, 10, 20, 40, 60, 60]);
});

test('garbage shortens no ban for a bad block', () => {
  const { banList } = scene();
  banList.ban(stranger);
  for (let times = 0; times < 3; times++) banList.sentGarbage(stranger);
  expect(banList.remainingMs(stranger)).toBe(hour);
});

test('whoever has a whole /64 of IPv6 is one, and its neighbours are others', () => {
  const { banList } = scene();
  banList.ban('2001:db8:1:2::1', 6881);
  expect(banList.remainingMs('2001:db8:1:2:ffff::2')).toBe(hour);
  expect(banList.remainingMs('2001:db8:1:3::1')).toBe(0);
  for (const last of ['a', 'b', 'c']) banList.sentGarbage(`2001:db8:5:6::${last}`);
  expect(banList.remainingMs('2001:db8:5:6::d')).toBe(5 * minute);
});

test.each(['127.0.0.1', '127.5.5.5', '::1', '::ffff:127.0.0.1'])(
  'the loopback address %s is never banned: one port is not dialled for a while, longer each time',
  (host) => {
    const { banList, wait } = scene();
    const waits = Array.from({ length: 8 }, () => {
      banList.ban(host, 5);
      const remainingMs = banList.remainingMs(host, 5);
      wait(remainingMs);
      return remainingMs / minute;
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    banList.ban(host, 5);
    expect(banList.remainingMs(host)).toBe(0);
    expect(banList.remainingMs(host, 6)).toBe(0);
  },
);

test('no ban is on peers of this machine that cannot be told apart', () => {
  const { banList } = scene();
  for (let times = 0; times < 10; times += 1) {
    banList.ban('127.0.0.1');
    banList.sentGarbage('127.0.0.1');
  }
  expect(banList.remainingMs('127.0.0.1')).toBe(0);
  expect(banList.remainingMs('127.0.0.1', 0)).toBe(0);
});

test('the addresses of this machine are never banned, nor is the one it is known by outside', () => {
  const { banList } = scene(['203.0.113.9']);
  const assigned = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  for (const host of ['203.0.113.9', ...assigned.map(({ address }) => address)]) {
    banList.ban(host);
    banList.ban(host, 5);
    expect(banList.remainingMs(host)).toBe(0);
  }
});

test('some thousand are remembered, the latest', () => {
  const { banList } = scene();
  const hosts = Array.from({ length: 20_000 }, (_, index) => `10.${index >> 8}.${index & 255}.1`);
  for (const host of hosts) banList.ban(host);
  const banned = hosts.filter((host) => banList.remainingMs(host) > 0);
  expect(banned.length).toBe(5000);
  expect(banned.at(-1)).toBe(hosts.at(-1));
});
