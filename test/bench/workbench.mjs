// @ts-check
// What all rows share: the folder, the tracker, the content, and who is compared.
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { helperDownloader, libtorrentDownloader, stateDir } from './programs/downloaders.mjs';
import { endForGood } from './programs/processes.mjs';
import { makeContent } from './programs/torrent.mjs';
import { startTracker } from './programs/tracker.mjs';
import { warmUp } from './warm-up.mjs';

/** The most that lies there at one time: all content, and what thirty leechers make of theirs. */
const roomBytes = 7 * 2 ** 30;

/**
 * @typedef {object} Workbench
 * @property {string} python
 * @property {string} folder
 * @property {number} runs
 * @property {string} helperDist
 * @property {string | undefined} againstDist
 * @property {import('./programs/tracker.mjs').Tracker} tracker
 * @property {import('./programs/downloaders.mjs').Downloader} helper
 * @property {import('./programs/downloaders.mjs').Downloader | undefined} against
 * @property {import('./programs/downloaders.mjs').Downloader | undefined} libtorrent
 * @property {number | undefined} pieceBytes
 * @property {number} limitMs
 * @property {(count: number, lengthBytes: number) => Promise<import('./programs/torrent.mjs').Content[]>} contents
 *   The same ones for whoever asks for the same.
 * @property {() => Promise<void>} close
 */

/**
 * @param {string} python
 * @param {import('./options.mjs').Options} options
 * @returns {Promise<Workbench>}
 */
export async function setUp(python, options) {
  const { runs, helperDist, againstDist, isOursAlone, pieceBytes, limitMs } = options;
  const folder = await mkdtemp(join(await roomyFolder(), 'bench-'));
  const tracker = await startTracker();
  /** @type {Map<string, Promise<import('./programs/torrent.mjs').Content>>} */
  const made = new Map();
  const content = (/** @type {string} */ name, /** @type {number} */ lengthBytes) => {
    const known = made.get(name) ?? makeContent(folder, name, lengthBytes);
    made.set(name, known);
    return known;
  };
  const helperDists = againstDist === undefined ? [helperDist] : [helperDist, againstDist];
  await Promise.all(helperDists.map((dist) => warmUp(python, dist, folder)));
  return {
    python,
    folder,
    runs,
    helperDist,
    againstDist,
    tracker,
    helper: helperDownloader(python, 'helper', helperDist),
    against:
      againstDist === undefined ? undefined : helperDownloader(python, 'against', againstDist),
    libtorrent: isOursAlone ? undefined : libtorrentDownloader(python),
    pieceBytes,
    limitMs,
    async contents(count, lengthBytes) {
      const names = Array.from({ length: count }, (_, index) => `${lengthBytes}-${index + 1}`);
      const contents = [];
      for (const name of names) contents.push(await content(name, lengthBytes));
      return contents;
    },
    async close() {
      await endForGood();
      tracker.close();
      for (const each of [folder, stateDir]) {
        await rm(each, { recursive: true, force: true, maxRetries: 10 });
      }
    },
  };
}

/** In memory, if there is room: the disk is not what is measured. */
async function roomyFolder() {
  const inMemory = '/dev/shm';
  const found = await statfs(inMemory).catch(() => undefined);
  return found !== undefined && found.bavail * found.bsize >= roomBytes ? inMemory : tmpdir();
}
