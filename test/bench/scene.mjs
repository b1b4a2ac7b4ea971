// @ts-check
// Seeders of some content, and torrents that lead to as many of them as asked for.
import { join } from 'node:path';
import { startSeeders } from './programs/seeders.mjs';
import { makeInfo, writeTorrent } from './programs/torrent.mjs';

/**
 * @typedef {object} SceneOptions
 * @property {readonly import('./programs/torrent.mjs').Content[]} contents
 * @property {number} pieceBytes
 * @property {number} [seeders]
 * @property {'as it comes' | 'encrypted only'} [encryption]
 */

/**
 * @typedef {import('./programs/downloaders.mjs').Transfer & { contents: readonly import('./programs/torrent.mjs').Content[] }} Task
 */

/**
 * Runs `play` with what gives the task of downloading all of the content from the first `count` seeders.
 *
 * @template T
 * @param {import('./workbench.mjs').Workbench} bench
 * @param {SceneOptions} options
 * @param {(taskWith: (count: number) => Promise<Task>) => Promise<T>} play
 * @returns {Promise<T>}
 */
export async function playScene(bench, options, play) {
  const { contents, pieceBytes, seeders: count = 1, encryption = 'as it comes' } = options;
  const { folder, python, tracker } = bench;
  const infos = await Promise.all(contents.map((content) => makeInfo(content, pieceBytes)));
  const writeAll = async (/** @type {string} */ ending, /** @type {string} */ announceUrl = '') => {
    const torrents = contents.map(({ name }) => join(folder, `${name}${ending}`));
    await Promise.all(
      torrents.map((torrent, index) =>
        writeTorrent(torrent, infos[index] ?? Buffer.of(), announceUrl || undefined),
      ),
    );
    return torrents;
  };
  const torrents = await writeAll('.torrent');
  const servesAllAtOnce = true;
  const seeders = await startSeeders({
    python,
    torrents,
    folder,
    count,
    encryption,
    servesAllAtOnce,
  });
  try {
    return await play(async (fromCount) => {
      const { announceUrl } = tracker.openSwarm(seeders.ports.slice(0, fromCount));
      const announced = await writeAll(`-from-${fromCount}.torrent`, announceUrl);
      return { torrents: announced, contents, encryption };
    });
  } finally {
    await seeders.end();
  }
}
