// What counts as progress while nothing is verified.
import { expect, it } from 'vitest';
import { UnverifiedProgress } from '../../../src/engine/unverified-progress.js';
import { KiB, MiB } from '../../support/sizes.js';

function setUp(pieceLengthBytes: number) {
  const told = { count: 0 };
  const progress = new UnverifiedProgress(pieceLengthBytes, () => {
    told.count += 1;
  });
  const receive = (lengthBytes: number) => {
    for (let done = 0; done < lengthBytes; done += 16 * KiB) progress.received(16 * KiB);
  };
  return { told, progress, receive };
}

it('is each MiB of a long piece', () => {
  const { told, receive } = setUp(64 * MiB);
  receive(MiB - 16 * KiB);
  expect(told.count).toBe(0);
  receive(63 * MiB + 16 * KiB);
  expect(told.count).toBe(64);
});

it('is nothing more when four pieces have come and none was good, until one is', () => {
  const { told, progress, receive } = setUp(32 * MiB);
  receive(1_000 * MiB);
  expect(told.count).toBe(128);
  progress.verified();
  receive(1_000 * MiB);
  expect(told.count).toBe(256);
});

it('is nothing at all of short pieces: each that is verified tells of itself', () => {
  const { told, receive } = setUp(16 * MiB);
  receive(100 * MiB);
  expect(told.count).toBe(0);
});
