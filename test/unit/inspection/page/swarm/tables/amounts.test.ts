import { expect, it } from 'vitest';
import {
  shownBytes,
  shownIfAny,
  shownShare,
  shownSpan,
} from '../../../../../../src/inspection/page/swarm/tables/amounts.js';

it.each([
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_024, '1.0 KiB'],
  [102_000, '99.6 KiB'],
  [102_390, '100 KiB'],
  [1_048_300, '1.0 MiB'],
  [4.4e9, '4.1 GiB'],
  [2 ** 60, '1024 PiB'],
])('shows %d bytes as %s', (bytes, text) => {
  expect(shownBytes(bytes)).toBe(text);
});

it('shows nothing where nothing moves', () => {
  expect([shownIfAny(0), shownIfAny(2_048)]).toEqual(['', '2.0 KiB']);
});

it('says that all is there only where nothing is missing', () => {
  expect(
    [
      [999, 1_000],
      [1_000, 1_000],
      [0, 0],
    ].map(([part = 0, whole = 0]) => shownShare(part, whole)),
  ).toEqual(['99 %', '100 %', '0 %']);
});

it.each([
  [-5_000, '0 s'],
  [119_000, '119 s'],
  [120_000, '2 min'],
  [7_100_000, '118 min'],
  [7_200_000, '2 h'],
  [200 * 3_600_000, '8 d'],
])('shows %d ms as %s', (ms, text) => {
  expect(shownSpan(ms)).toBe(text);
});
