// @ts-check
// One run of a swarm: all are ready, then all are given the torrent of one seeder, and nobody's start counts.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { compare, inOwnFolder } from './figures/measure.mjs';
import { pieceBytesOf } from './programs/publishers.mjs';

const announceTimeoutMs = 30_000;

/**
 * @typedef {object} SwarmResult
 * @property {number} wallSeconds From the moment when all were ready till the last one had everything.
 * @property {number} firstSeconds Till the first one had everything.
 * @property {number} done How many leechers were, before time was up.
 * @property {number} cpuSeconds Of all leechers together, from the moment when all were ready to their end.
 * @property {number} seederCpuSeconds Likewise.
 * @property {number} copies What the seeder says it has sent, over the content.
 * @property {number} pieceBytes
 * @property {readonly string[]} complaints Why those that were not done were not.
 */

/**
 * @typedef {object} SwarmRun
 * @property {import('./programs/torrent.mjs').Content} content
 * @property {number | undefined} pieceBytes Undefined: what the helper chooses.
 * @property {number} leechers
 * @property {number | undefined} uploadBytesPerSecond Of the seeder.
 * @property {import('./programs/downloaders.mjs').Downloader} downloader
 * @property {import('./programs/publishers.mjs').Publish} publish
 */

/**
 * @param {import('./workbench.mjs').Workbench} bench
 * @param {SwarmRun} run
 * @returns {Promise<SwarmResult>}
 */
export async function playSwarm(bench, { leechers: count, downloader, publish, ...what }) {
  return inOwnFolder(bench, async (folder) => {
    const { announceUrl, announcers } = bench.tracker.openSwarm([]);
    const seeder = await publish({ ...what, announceUrl, folder });
    const seederIds = await announced(announcers);
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
    const startsCpuSeconds = sum(
      await Promise.all(leechers.map((leecher) => leecher.cpuSecondsSoFar())),
    );
    const publishingCpuSeconds = await seeder.cpuSecondsSoFar();
    const startedAtMs = performance.now();
    const secondsGone = () => (performance.now() - startedAtMs) / 1000;
    for (const leecher of leechers) leecher.begin();
    const outcomes = await Promise.allSettled(
      leechers.map((leecher) => leecher.done(bench.limitMs).then(secondsGone)),
    );
    const wallSeconds = secondsGone();
    const isDone = outcomes.map(({ status }) => status === 'fulfilled');
    const usages = await Promise.all(
      leechers.map((leecher, index) => (isDone[index] ? leecher.end() : leecher.abandon())),
    );
    const seederUsage = await seeder.end();
    const doneFolders = folders.filter((_, index) => isDone[index]);
    for (const each of doneFolders) await compare([what.content], each, downloader.name);
    const sentBytes = sum(seederIds.map((id) => announcers.get(id)?.uploadedBytes ?? 0));
    return {
      wallSeconds,
      firstSeconds: Math.min(...outcomes.flatMap((each) => ('value' in each ? each.value : []))),
      cpuSeconds: sum(usages.map(({ cpuSeconds }) => cpuSeconds)) - startsCpuSeconds,
      seederCpuSeconds: seederUsage.cpuSeconds - publishingCpuSeconds,
      done: doneFolders.length,
      copies: sentBytes / what.content.lengthBytes,
      pieceBytes: await pieceBytesOf(seeder.torrent),
      complaints: outcomes.flatMap((each) => ('reason' in each ? String(each.reason) : [])),
    };
  });
}

/**
 * Who has announced before anybody else was there.
 *
 * @param {ReadonlyMap<string, unknown>} announcers
 */
async function announced(announcers) {
  const giveUpAtMs = performance.now() + announceTimeoutMs;
  while (announcers.size === 0) {
    if (performance.now() > giveUpAtMs) throw new Error('the seeder did not announce');
    await setTimeout(20);
  }
  return [...announcers.keys()];
}

/** @param {readonly number[]} figures */
function sum(figures) {
  return figures.reduce((total, figure) => total + figure, 0);
}
