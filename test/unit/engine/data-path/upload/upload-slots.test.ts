// How many slots come of lines of all kinds, each a model: so much goes out, shared by those who hold slots.
import { describe, expect, it } from 'vitest';
import { UploadSlots } from '../../../../../src/engine/data-path/upload/upload-slots.js';

const KiB = 1024;
const MiB = 1024 * KiB;

interface Line {
  readonly bytesPerSecond: number;
  /** What each peer takes at most. */
  readonly peerBytesPerSecond?: number;
  readonly limit?: number;
}

/** More wait than there are slots. Gives back how many there were at the end of each second. */
function slotsOf(
  { bytesPerSecond, peerBytesPerSecond = Number.POSITIVE_INFINITY, limit }: Line,
  seconds: number,
): number[] {
  const slots = new UploadSlots(limit);
  return Array.from({ length: seconds }, (_, second) => {
    const most = Math.min(bytesPerSecond, limit ?? bytesPerSecond);
    slots.measure(Math.min(most, slots.count * peerBytesPerSecond), second * 1_000);
    return slots.count;
  });
}

describe('slots', () => {
  it('are eight before anything is known', () => {
    expect(new UploadSlots().count).toBe(8);
  });

  it('are few on a slow line, which more of them would only divide', () => {
    const counts = slotsOf({ bytesPerSecond: 100 * KiB }, 600);
    expect(Math.max(...counts)).toBeLessThanOrEqual(10);
    // What is tried now and then is given up again.
    expect(counts.filter((count) => count > 8).length).toBeLessThan(100);
    expect(counts.filter((count) => count > 8).length).toBeGreaterThan(0);
  });

  it('are many at once on a quick one', () => {
    expect(slotsOf({ bytesPerSecond: 100 * MiB }, 1)).toEqual([500]);
    expect(slotsOf({ bytesPerSecond: MiB }, 1)).toEqual([32]);
  });

  it('are as many as before when a quick line is slow for a while', () => {
    const slots = new UploadSlots();
    slots.measure(2 * MiB, 0);
    slots.measure(100 * KiB, 1_000);
    expect(slots.count).toBe(64);
  });

  it('grow by trials where all peers are slow and the line is not', () => {
    const counts = slotsOf({ bytesPerSecond: 10 * MiB, peerBytesPerSecond: 5 * KiB }, 300);
    expect(counts[8]).toBe(8);
    for (const [second, count] of counts.entries()) {
      const before = counts[second - 1] ?? 8;
      expect(count).toBeGreaterThanOrEqual(before);
      expect(count).toBeLessThanOrEqual(before + Math.ceil(before / 5));
    }
    expect(counts.at(-1)).toBeGreaterThan(200);
  });

  it('stop to grow where the line is full', () => {
    const counts = slotsOf({ bytesPerSecond: 300 * KiB, peerBytesPerSecond: 5 * KiB }, 1_000);
    const full = 300 / 5;
    expect(Math.max(...counts)).toBeLessThan(full * 1.5);
    expect(Math.min(...counts.slice(500))).toBeGreaterThanOrEqual(full * 0.8);
  });

  it('are never more than five hundred', () => {
    const counts = slotsOf({ bytesPerSecond: 100 * MiB, peerBytesPerSecond: 5 * KiB }, 2_000);
    expect(Math.max(...counts)).toBe(500);
  });

  it.each([
    [10 * KiB, 4],
    [200 * KiB, 6],
    [300 * KiB, 8],
    [MiB, 8],
  ])('are for a limit of %d bytes a second %d at first', (limit, count) => {
    expect(new UploadSlots(limit).count).toBe(count);
  });

  it('stay few within a limit, and become as many as it is good for', () => {
    const few = slotsOf({ bytesPerSecond: 100 * MiB, limit: 20 * KiB }, 600);
    expect(Math.max(...few)).toBeLessThanOrEqual(5);
    expect(slotsOf({ bytesPerSecond: 100 * MiB, limit: 2 * MiB }, 1)).toEqual([64]);
  });
});
