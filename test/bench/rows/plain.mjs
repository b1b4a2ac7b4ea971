// @ts-check
// The rows that are one task and one figure: CPU time over libtorrent's.

import { cpuLine } from '../figures/lines.mjs';
import { playScene } from '../scene.mjs';
import { runSideBySide } from '../side-by-side.mjs';

const kib = 2 ** 10;
const mib = 2 ** 20;

/**
 * @typedef {object} PlainRow
 * @property {number} count
 * @property {number} lengthBytes
 * @property {number} pieceBytes
 * @property {'as it comes' | 'encrypted only'} [encryption]
 * @property {{ must: number, aim: number }} limits
 */

export const small256k = plain('small-256k', {
  count: 1,
  lengthBytes: 1024 * mib,
  pieceBytes: 256 * kib,
  limits: { must: 1.3, aim: 1 },
});

export const small16k = plain('small-16k', {
  count: 1,
  lengthBytes: 256 * mib,
  pieceBytes: 16 * kib,
  limits: { must: 2, aim: 1.2 },
});

/** Beyond 16 MiB a piece lies on disk while it comes, and is read back to be hashed. */
export const large32m = plain('large-32m', {
  count: 1,
  lengthBytes: 768 * mib,
  pieceBytes: 32 * mib,
  limits: { must: 1.3, aim: 1 },
});

export const twenty = plain('twenty', {
  count: 20,
  lengthBytes: 32 * mib,
  pieceBytes: 256 * kib,
  limits: { must: 2, aim: 1.2 },
});

export const encrypted = plain('encrypted', {
  count: 1,
  lengthBytes: 256 * mib,
  pieceBytes: mib,
  encryption: 'encrypted only',
  limits: { must: 1.5, aim: 1.1 },
});

/**
 * @param {string} row
 * @param {PlainRow} what
 * @returns {(bench: import('../workbench.mjs').Workbench) => Promise<import('../figures/lines.mjs').Line[]>}
 */
function plain(row, { count, lengthBytes, pieceBytes, encryption = 'as it comes', limits }) {
  return async (bench) => {
    const contents = await bench.contents(count, lengthBytes);
    return playScene(bench, { contents, pieceBytes, encryption }, async (taskWith) => {
      const task = await taskWith(1);
      return [cpuLine(row, task, await runSideBySide(bench, row, task), limits)];
    });
  };
}
