// @ts-check
// Many that fetch from one at the same time, and from each other. Told, not judged.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { helperCommand, helperOptions } from '../downloaders.mjs';
import { alternate, compare, inOwnFolder } from '../measure.mjs';
import { startMeasured } from '../processes.mjs';
import { startSeeders } from '../seeders.mjs';
import { tell } from '../tell.mjs';
import { makeInfo, writeTorrent } from '../torrent.mjs';

const kib = 2 ** 10;
const mib = 2 ** 20;
const publishTimeoutMs = 60_000;
const swarmTimeoutMs = 150_000;

export const swarm16 = swarmRow('swarm-16', {
  leechers: 16,
  lengthBytes: 32 * mib,
  pieceBytes: 32 * kib,
});
export const swarm30 = swarmRow('swarm-30', {
  leechers: 30,
  lengthBytes: 100 * mib,
  pieceBytes: 64 * kib,
});

/**
 * @typedef {object} SwarmResult
 * @property {number} wallSeconds From the moment when all were ready till the last one had everything.
 * @property {number} done How many leechers were, before time was up.
 * @property {number} cpuSeconds Of all leechers together.
 * @property {number} copies What the seeder says it has sent, over the content.
 */

/**
 * @typedef {object} SwarmSize
 * @property {number} leechers
 * @property {number} lengthBytes
 * @property {number} pieceBytes What the helper chooses for that length.
 */

/**
 * @typedef {object} Publication
 * @property {import('../workbench.mjs').Workbench} bench
 * @property {import('../torrent.mjs').Content} content
 * @property {number} pieceBytes
 * @property {string} announceUrl
 * @property {string} folder
 */

/**
 * Resolves when it is seeded. `end` ends the seeder, whose last word to the tracker is how much it has sent.
 *
 * @typedef {(what: Publication) => Promise<{ torrent: string, end: () => Promise<unknown> }>} Publish
 */

/**
 * @param {string} row
 * @param {SwarmSize} size
 * @returns {(bench: import('../workbench.mjs').Workbench) => Promise<import('../lines.mjs').Line[]>}
 */
function swarmRow(row, { leechers, lengthBytes, pieceBytes }) {
  return async (bench) => {
    const [content] = await bench.contents(1, lengthBytes);
    if (content === undefined) throw new Error('no content');
    const { runs, helper, against, libtorrent, helperDist, againstDist = '' } = bench;
    const play = (
      /** @type {import('../downloaders.mjs').Downloader} */ downloader,
      /** @type {Publish} */ publish,
    ) => playSwarm(bench, { content, pieceBytes, leechers, downloader, publish });
    const results = await alternate(
      runs,
      {
        helper: () => play(helper, publishWithHelper(helperDist)),
        against: against && (() => play(against, publishWithHelper(againstDist))),
        libtorrent: () => play(libtorrent, publishWithLibtorrent),
      },
      (name, { wallSeconds, cpuSeconds, copies, done }) => {
        const parts = [
          `${wallSeconds.toFixed(2)} s`,
          `${cpuSeconds.toFixed(2)} s CPU`,
          `${copies.toFixed(2)} copies`,
          `${done} of ${leechers} done`,
        ];
        tell(`${row.padEnd(11)} ${name.padEnd(16)} ${parts.join('  ')}`);
      },
    );
    const note = Object.entries(results)
      .map(([name, each]) => [name, Math.min(...each.map(({ done }) => done))])
      .filter(([, done]) => Number(done) < leechers)
      .map(([name, done]) => `${name}: ${done} of ${leechers} done when the time was up`)
      .join('; ');
    const figures = /** @type {const} */ ([
      ['wall s', 'wallSeconds'],
      ['CPU s, all leechers', 'cpuSeconds'],
      ['copies sent', 'copies'],
    ]);
    return figures.map(([figure, key]) => ({
      row,
      figure,
      helper: results.helper.map((each) => each[key]),
      against: results.against.map((each) => each[key]),
      referenceName: 'libtorrent',
      reference: results.libtorrent.map((each) => each[key]),
      judged: 'ratio',
      note: key === 'wallSeconds' ? note : '',
    }));
  };
}

/**
 * @param {import('../workbench.mjs').Workbench} bench
 * @param {object} what
 * @param {import('../torrent.mjs').Content} what.content
 * @param {number} what.pieceBytes
 * @param {number} what.leechers
 * @param {import('../downloaders.mjs').Downloader} what.downloader
 * @param {Publish} what.publish
 * @returns {Promise<SwarmResult>}
 */
async function playSwarm(bench, { content, pieceBytes, leechers: count, downloader, publish }) {
  return inOwnFolder(bench, async (folder) => {
    const { announceUrl, announcers } = bench.tracker.openSwarm([]);
    const seeder = await publish({ bench, content, pieceBytes, announceUrl, folder });
    while (announcers.size === 0) await setTimeout(20);
    const folders = Array.from({ length: count }, (_, index) =>
      join(folder, `leecher-${index + 1}`),
    );
    const leechers = await Promise.all(
      folders.map(async (each) => {
        await mkdir(each);
        const transfer = /** @type {const} */ ({
          torrents: [seeder.torrent],
          encryption: 'as it comes',
        });
        return downloader.start(transfer, each);
      }),
    );
    const startedAtMs = performance.now();
    for (const leecher of leechers) leecher.begin();
    const outcomes = await Promise.allSettled(leechers.map((each) => each.done(swarmTimeoutMs)));
    const wallSeconds = (performance.now() - startedAtMs) / 1000;
    const isDone = outcomes.map(({ status }) => status === 'fulfilled');
    const usages = await Promise.all(
      leechers.map((leecher, index) => (isDone[index] ? leecher.end() : leecher.abandon())),
    );
    await seeder.end();
    const doneFolders = folders.filter((_, index) => isDone[index]);
    for (const each of doneFolders) await compare([content], each, downloader.name);
    const sentBytes = [...announcers.values()]
      .filter(({ wasComplete }) => wasComplete)
      .reduce((sum, { uploadedBytes }) => sum + uploadedBytes, 0);
    return {
      wallSeconds,
      cpuSeconds: usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      done: doneFolders.length,
      copies: sentBytes / content.lengthBytes,
    };
  });
}

/**
 * @param {string} dist
 * @returns {Publish}
 */
function publishWithHelper(dist) {
  return async ({ bench: { python }, content, announceUrl, folder }) => {
    const options = [...helperOptions(folder), '--tracker', announceUrl];
    const helper = startMeasured(python, [...helperCommand(dist), ...options]);
    await helper.heard(/: ready: /, publishTimeoutMs);
    helper.tell(`file:${join(content.folder, content.name)}`);
    const [, torrent = ''] = await helper.heard(
      /: published: (.+) [0-9a-f]{40} /,
      publishTimeoutMs,
    );
    await helper.heard(/^1:.*:100$/, publishTimeoutMs);
    return {
      torrent,
      end() {
        helper.tell('quit:');
        return helper.ended(publishTimeoutMs);
      },
    };
  };
}

/** @type {Publish} */
async function publishWithLibtorrent({ bench, content, pieceBytes, announceUrl, folder }) {
  const torrent = join(folder, 'swarm.torrent');
  await writeTorrent(torrent, await makeInfo(content, pieceBytes), announceUrl);
  const seeders = await startSeeders({
    python: bench.python,
    torrents: [torrent],
    folder: content.folder,
    count: 1,
    encryption: 'as it comes',
    servesAllAtOnce: false,
  });
  return { torrent, end: () => seeders.end() };
}
