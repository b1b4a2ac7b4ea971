// @ts-check
// Those that seed what others fetch, under one hood: a process that seeds a torrent that leads to a tracker.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { helperCommand, helperOptions } from './downloaders.mjs';
import { startMeasured } from './processes.mjs';
import { startSeeders } from './seeders.mjs';
import { makeInfo, writeTorrent } from './torrent.mjs';

const timeoutMs = 60_000;

/**
 * @typedef {object} Publication
 * @property {import('./torrent.mjs').Content} content
 * @property {number | undefined} pieceBytes Undefined: what the helper chooses.
 * @property {string} announceUrl
 * @property {string} folder
 * @property {number | undefined} [uploadBytesPerSecond] Undefined: no limit.
 */

/**
 * @typedef {object} Published
 * @property {string} torrent
 * @property {() => Promise<number>} cpuSecondsSoFar
 * @property {() => Promise<import('./processes.mjs').Usage>} end Its last word to the tracker is how much it has sent.
 */

/**
 * Resolves when it is seeded.
 *
 * @typedef {(what: Publication) => Promise<Published>} Publish
 */

/**
 * It makes the torrent itself, unless the length of the pieces is given: then it is handed one whose content is there.
 *
 * @param {string} python
 * @param {string} dist
 * @returns {Publish}
 */
export function helperPublisher(python, dist) {
  return async ({ content, pieceBytes, announceUrl, folder: runFolder, uploadBytesPerSecond }) => {
    const folder = join(runFolder, 'seeder');
    await mkdir(folder);
    const helper = startMeasured(python, [
      ...helperCommand(dist),
      ...helperOptions(folder, content.folder),
      ...['--tracker', announceUrl],
      ...(uploadBytesPerSecond === undefined ? [] : ['--up', `${uploadBytesPerSecond}`]),
    ]);
    await helper.heard(/: ready: /, timeoutMs);
    const torrent = await seed();
    await helper.heard(/^1:.*:100$/, timeoutMs);
    return {
      torrent,
      cpuSecondsSoFar: () => helper.cpuSecondsSoFar(),
      end() {
        helper.tell('quit:');
        return helper.ended(timeoutMs);
      },
    };

    async function seed() {
      if (pieceBytes === undefined) {
        helper.tell(`file:${join(content.folder, content.name)}`);
        const [, made = ''] = await helper.heard(/: published: (.+) [0-9a-f]{40} /, timeoutMs);
        return made;
      }
      const given = join(folder, 'given.torrent');
      await writeTorrent(given, await makeInfo(content, pieceBytes), announceUrl);
      helper.tell(`torrent:${given}`);
      return given;
    }
  };
}

/**
 * @param {string} python
 * @returns {Publish}
 */
export function libtorrentPublisher(python) {
  return async ({ content, pieceBytes, announceUrl, folder, uploadBytesPerSecond }) => {
    if (pieceBytes === undefined) throw new Error('libtorrent is told the length of the pieces');
    const torrent = join(folder, 'published.torrent');
    await writeTorrent(torrent, await makeInfo(content, pieceBytes), announceUrl);
    const seeder = await startSeeders({
      python,
      torrents: [torrent],
      folder: content.folder,
      count: 1,
      encryption: 'as it comes',
      servesAllAtOnce: false,
      uploadBytesPerSecond,
    });
    return { torrent, cpuSecondsSoFar: seeder.cpuSecondsSoFar, end: () => seeder.end() };
  };
}

/**
 * The length of the pieces that a helper chooses for that content.
 *
 * @param {string} python
 * @param {string} dist
 * @param {import('./torrent.mjs').Content} content
 * @param {string} folder
 */
export async function chosenPieceBytes(python, dist, content, folder) {
  const options = [...helperOptions(folder), '--no-tracker', '--public'];
  const helper = startMeasured(python, [...helperCommand(dist), ...options]);
  helper.tell(`file:${join(content.folder, content.name)}`);
  const [, torrent = ''] = await helper.heard(/: published: (.+) [0-9a-f]{40} /, timeoutMs);
  helper.tell('quit:');
  await helper.ended(timeoutMs);
  return pieceBytesOf(torrent);
}

/** @param {string} torrent */
export async function pieceBytesOf(torrent) {
  const [, digits] = /12:piece lengthi(\d+)e/.exec(await readFile(torrent, 'latin1')) ?? [];
  if (digits === undefined) throw new Error(`${torrent} tells no length of its pieces`);
  return Number(digits);
}
