// @ts-check
// Those that are compared, under one hood: a process that is ready, begins when told, says when it has all, and ends.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMeasured } from './processes.mjs';

const startTimeoutMs = 30_000;
const endTimeoutMs = 30_000;
const leecherScript = join(import.meta.dirname, '../../support/clients/libtorrent-leecher.py');

/**
 * @typedef {object} Transfer
 * @property {readonly string[]} torrents Paths.
 * @property {'as it comes' | 'encrypted only'} encryption
 */

/**
 * @typedef {object} Leecher
 * @property {() => void} begin
 * @property {(timeoutMs: number) => Promise<void>} done It seeds on.
 * @property {() => Promise<number>} cpuSecondsSoFar
 * @property {() => Promise<import('./processes.mjs').Usage>} end When it has all.
 * @property {() => Promise<import('./processes.mjs').Usage>} abandon At any time.
 */

/**
 * @typedef {object} Downloader
 * @property {string} name
 * @property {(transfer: Transfer, folder: string) => Promise<Leecher>} start Resolves when it is ready.
 */

/** All helpers of one user share theirs, and with it the code that Node compiled for the first of them. */
export const stateDir = await mkdtemp(join(tmpdir(), 'bench-state-'));

/**
 * The options that every helper of the benchmark gets: nothing of its own leaves the folder or the machine.
 *
 * @param {string} folder
 * @param {string} [downloadDir]
 */
export function helperOptions(folder, downloadDir = folder) {
  return [
    ...['--host', '127.0.0.1', '--no-dht', '--download-dir', downloadDir],
    ...['--torrent-dir', folder, '--state-dir', stateDir],
  ];
}

/** @param {string} dist */
export function helperProgram(dist) {
  return join(dist, 'bin', 'bittorrent-helper.js');
}

/** @param {string} dist */
export function helperCommand(dist) {
  return [process.execPath, helperProgram(dist)];
}

/**
 * @param {string} python
 * @param {string} name
 * @param {string} dist
 * @param {readonly string[]} [options] More of them.
 * @returns {Downloader}
 */
export function helperDownloader(python, name, dist, options = []) {
  return {
    name,
    async start({ torrents }, folder) {
      const helper = startMeasured(python, [
        ...[...helperCommand(dist), ...helperOptions(folder), ...options],
      ]);
      await helper.heard(/: ready: /, startTimeoutMs);
      return {
        begin() {
          for (const torrent of torrents) helper.tell(`torrent:${torrent}`);
        },
        async done(timeoutMs) {
          await helper.heardTimes(/^\d+:.*:(?:100|-2)$/, torrents.length, timeoutMs);
          // They have all been heard: there is one, or there is none.
          const failed = await helper.heard(/^\d+:.*:-2$/, 0).catch(() => undefined);
          if (failed) throw new Error(`${name} failed: ${failed[0]}`);
        },
        cpuSecondsSoFar: () => helper.cpuSecondsSoFar(),
        end() {
          helper.tell('quit:');
          return helper.ended(endTimeoutMs);
        },
        abandon: () => helper.abandon(endTimeoutMs),
      };
    },
  };
}

/**
 * @param {string} python
 * @returns {Downloader}
 */
export function libtorrentDownloader(python) {
  return {
    name: 'libtorrent',
    async start({ torrents, encryption }, folder) {
      const orders = JSON.stringify({ torrents, folder, encryption });
      const leecher = startMeasured(python, [python, '-B', leecherScript, orders]);
      await leecher.heard(/^ready$/, startTimeoutMs);
      return {
        begin: () => leecher.tell('go'),
        async done(timeoutMs) {
          await leecher.heard(/^done$/, timeoutMs);
        },
        cpuSecondsSoFar: () => leecher.cpuSecondsSoFar(),
        end() {
          leecher.closeInput();
          return leecher.ended(endTimeoutMs);
        },
        abandon: () => leecher.abandon(endTimeoutMs),
      };
    },
  };
}
