// @ts-check
// The libtorrent peers that all downloads come from, each on a port of its own.
import { join } from 'node:path';
import { startMeasured } from './processes.mjs';

const timeoutMs = 60_000;
const script = join(import.meta.dirname, '../../support/clients/libtorrent-seeder.py');

/**
 * @typedef {object} SeederOptions
 * @property {string} python
 * @property {readonly string[]} torrents Paths.
 * @property {string} folder Where the content lies.
 * @property {number} count
 * @property {'as it comes' | 'encrypted only'} encryption
 * @property {boolean} servesAllAtOnce Else as many at a time as libtorrent does by default.
 * @property {number | undefined} [uploadBytesPerSecond] Left out: no limit.
 */

/**
 * Resolves when all of them seed.
 *
 * @param {SeederOptions} options
 */
export async function startSeeders({ python, ...orders }) {
  const seeder = startMeasured(python, [python, '-B', script, JSON.stringify(orders)]);
  const [line] = await seeder.heard(/^\[[\d, ]+\]$/, timeoutMs);
  /** @type {number[]} */
  const ports = JSON.parse(line);
  return {
    ports,
    cpuSecondsSoFar: () => seeder.cpuSecondsSoFar(),
    end() {
      seeder.closeInput();
      return seeder.ended(timeoutMs);
    },
  };
}
