import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Alarm, AlarmClock } from '../../../src/async/alarm-clock.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Alarms that write down when they rang. */
function scene() {
  const clock = new AlarmClock();
  const rung: string[] = [];
  const alarm = (name: string) =>
    new Alarm(() => rung.push(`${name} ${Math.round(performance.now())}`));
  return { clock, rung, alarm };
}

it('rings each alarm at its moment, in whatever order they were set', async () => {
  const { clock, rung, alarm } = scene();
  const moments = Array.from({ length: 500 }, (_, index) => ((index * 7919) % 500) * 10 + 10);
  for (const atMs of moments) clock.set(alarm('at'), performance.now() + atMs);
  await vi.advanceTimersByTimeAsync(6_000);
  const sorted = [...moments].sort((a, b) => a - b);
  expect(rung).toEqual(sorted.map((atMs) => `at ${atMs}`));
});

it('has one timer, however many are set', () => {
  const { clock, alarm } = scene();
  for (let atMs = 1000; atMs > 0; atMs -= 1) clock.set(alarm('at'), atMs);
  expect(vi.getTimerCount()).toBe(1);
});

it('has none when the last is cleared', () => {
  const { clock, alarm } = scene();
  const both = [alarm('a'), alarm('b')];
  for (const each of both) clock.set(each, performance.now() + 10);
  for (const each of both) clock.clear(each);
  expect([clock.size, vi.getTimerCount()]).toEqual([0, 0]);
});

it('rings an alarm that is set anew at its new moment alone', async () => {
  const { clock, rung, alarm } = scene();
  const [moved, other] = [alarm('moved'), alarm('other')];
  clock.set(moved, performance.now() + 10);
  clock.set(other, performance.now() + 20);
  clock.set(moved, performance.now() + 30);
  await vi.advanceTimersByTimeAsync(100);
  expect(rung).toEqual(['other 20', 'moved 30']);
});

it('rings no alarm that was cleared, be it by one of the same moment', async () => {
  const { clock, rung, alarm } = scene();
  const late = alarm('late');
  const first = new Alarm(() => clock.clear(late));
  clock.set(first, performance.now() + 10);
  clock.set(late, performance.now() + 10);
  await vi.advanceTimersByTimeAsync(100);
  expect(rung).toEqual([]);
});

it('rings a few a turn where many have one moment', async () => {
  const clock = new AlarmClock();
  let rung = 0;
  for (let count = 0; count < 1000; count += 1) {
    clock.set(new Alarm(() => (rung += 1)), performance.now() + 10);
  }
  const rungInTurn: number[] = [];
  while (clock.size > 0) {
    const before = rung;
    await vi.advanceTimersToNextTimerAsync();
    rungInTurn.push(rung - before);
  }
  expect(Math.max(...rungInTurn)).toBeLessThanOrEqual(64);
  expect(rung).toBe(1000);
});

it('rings one that sets itself to the same moment again in the next turn', async () => {
  const clock = new AlarmClock();
  let rung = 0;
  const alarm = new Alarm(() => {
    rung += 1;
    if (rung < 10) clock.set(alarm, performance.now());
  });
  clock.set(alarm, performance.now());
  for (let turn = 1; turn <= 10; turn += 1) {
    await vi.advanceTimersToNextTimerAsync();
    expect(rung).toBe(turn);
  }
});
