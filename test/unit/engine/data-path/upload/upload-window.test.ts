// How much lies ready for a peer, by what it has taken.
import { expect, it } from 'vitest';
import { UploadWindow } from '../../../../../src/engine/data-path/upload/upload-window.js';

const KiB = 1024;
const MiB = 1024 * KiB;

it('is little at first, and grows with what the peer takes', () => {
  const window = new UploadWindow();
  expect([window.bytes, window.aheadBytes]).toEqual([64 * KiB, 64 * KiB]);
  window.offered(0);
  window.took(4 * MiB, 10, false);
  expect([window.bytes, window.aheadBytes]).toEqual([512 * KiB, 512 * KiB]);
});

it('is read twice over for a peer that takes all of it at once', () => {
  const window = new UploadWindow();
  window.offered(0);
  window.took(8 * MiB, 10, false);
  expect([window.bytes, window.aheadBytes]).toEqual([1 * MiB, 2 * MiB]);
});

it('shrinks to what a peer takes that has become slow', () => {
  const window = new UploadWindow();
  window.offered(0);
  window.took(8 * MiB, 10, true);
  window.took(1 * MiB, 8_010, true);
  expect(window.bytes).toBe(64 * KiB);
  expect(window.untakenSinceMs).toBe(8_010);
});
