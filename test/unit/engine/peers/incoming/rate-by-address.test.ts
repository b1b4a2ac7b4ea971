// How often something may happen, by address and in all.
import { expect, it } from 'vitest';
import { RateByAddress } from '../../../../../src/engine/peers/incoming/rate-by-address.js';

function setUp() {
  const clock = { nowMs: 0 };
  const rate = new RateByAddress(
    { perAddress: { perSecond: 1, burst: 3 }, inAll: { perSecond: 5, burst: 10 } },
    () => clock.nowMs,
  );
  const times = (address: string | undefined, tries: number) =>
    Array.from({ length: tries }, () => rate.take(address)).filter(Boolean).length;
  return { clock, times };
}

it('lets an address do at once what it has not used, and then a little', () => {
  const { clock, times } = setUp();
  expect(times('a', 10)).toBe(3);
  clock.nowMs += 2_000;
  expect(times('a', 10)).toBe(2);
  clock.nowMs += 3_600_000;
  expect(times('a', 10)).toBe(3);
});

it('bounds what all do together, whoever they are', () => {
  const { clock, times } = setUp();
  const strangers = Array.from({ length: 1_000 }, (_, nth) => `stranger ${nth}`);
  expect(strangers.filter((stranger) => times(stranger, 1) === 1)).toHaveLength(10);
  clock.nowMs += 1_000;
  expect(strangers.filter((stranger) => times(stranger, 1) === 1)).toHaveLength(5);
});

it('is taken by nobody who is refused', () => {
  const { times } = setUp();
  expect(times('a', 100)).toBe(3);
  expect(times(undefined, 100)).toBe(7);
});

it('counts who is on this machine among all alone', () => {
  const { times } = setUp();
  expect(times(undefined, 100)).toBe(10);
});
