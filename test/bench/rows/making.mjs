// @ts-check
// A torrent of 1 GiB, made within a helper that runs, and by mktorrent.
import { spawnSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { alternate, inOwnFolder } from '../figures/measure.mjs';
import { tell } from '../figures/tell.mjs';
import { helperCommand, helperOptions, stateDir } from '../programs/downloaders.mjs';
import { startMeasured } from '../programs/processes.mjs';
import { chosenPieceBytes } from '../programs/publishers.mjs';

const timeoutMs = 60_000;

/**
 * @typedef {object} Made
 * @property {number} wallSeconds The helper's: from the instruction to its last line. mktorrent's: from start to end.
 * @property {number} cpuSeconds The helper's: from the moment when it was ready to its end.
 */

/**
 * @param {import('../workbench.mjs').Workbench} bench
 * @returns {Promise<import('../figures/lines.mjs').Line[]>}
 */
export async function making(bench) {
  const [content] = await bench.contents(1, 2 ** 30);
  if (content === undefined) throw new Error('no content');
  const { runs, python, helperDist, againstDist, libtorrent } = bench;
  const isWithMktorrent = libtorrent !== undefined && !spawnSync('mktorrent', ['-h']).error;
  /** @type {string | undefined} */
  let pieces;
  const inFolder =
    (/** @type {(folder: string) => Promise<{ torrent: string, made: Made }>} */ make) => () =>
      inOwnFolder(bench, async (folder) => {
        const { torrent, made } = await make(folder);
        const found = await hashesOf(torrent);
        pieces ??= found;
        if (found !== pieces) throw new Error('the torrents are not of the same pieces');
        return made;
      });
  const pieceBytes = await inOwnFolder(bench, (folder) =>
    chosenPieceBytes(python, helperDist, content, folder),
  );
  const byHelper = (/** @type {string} */ dist) =>
    inFolder((folder) => makeWithHelper(bench, dist, content, folder));
  const results = await alternate(
    runs,
    {
      helper: byHelper(helperDist),
      against: againstDist === undefined ? undefined : byHelper(againstDist),
      mktorrent: isWithMktorrent
        ? inFolder((folder) => makeWithMktorrent(bench, content, pieceBytes, folder))
        : undefined,
    },
    (name, { wallSeconds, cpuSeconds }) =>
      tell(
        `making        ${name.padEnd(10)} ${wallSeconds.toFixed(2)} s  ${cpuSeconds.toFixed(2)} s CPU`,
      ),
  );
  const figures = /** @type {const} */ ([
    ['wall s', 'wallSeconds', { must: 1.25, aim: 1 }],
    ['CPU s', 'cpuSeconds', {}],
  ]);
  return figures.map(([figure, key, limits]) => ({
    row: 'making',
    figure,
    helper: results.helper.map((each) => each[key]),
    against: results.against.map((each) => each[key]),
    referenceName: 'mktorrent',
    reference: results.mktorrent.map((each) => each[key]),
    comparedBy: 'ratio',
    ...limits,
    note: isWithMktorrent ? '' : 'mktorrent was not run',
  }));
}

/**
 * @param {import('../workbench.mjs').Workbench} bench
 * @param {string} dist
 * @param {import('../programs/torrent.mjs').Content} content
 * @param {string} folder
 */
async function makeWithHelper({ python, tracker }, dist, content, folder) {
  const { announceUrl } = tracker.openSwarm([]);
  // What was hashed once is not hashed again.
  await rm(join(stateDir, 'made'), { recursive: true, force: true });
  const options = [...helperOptions(folder), '--tracker', announceUrl];
  const helper = startMeasured(python, [...helperCommand(dist), ...options]);
  await helper.heard(/: ready: /, timeoutMs);
  const startCpuSeconds = await helper.cpuSecondsSoFar();
  const startedAtMs = performance.now();
  helper.tell(`file:${join(content.folder, content.name)}`);
  await helper.heard(/^1:.*:100$/, timeoutMs);
  const wallSeconds = (performance.now() - startedAtMs) / 1000;
  const [, torrent = ''] = await helper.heard(/: published: (.+) [0-9a-f]{40} /, timeoutMs);
  helper.tell('quit:');
  const usage = await helper.ended(timeoutMs);
  return { torrent, made: { wallSeconds, cpuSeconds: usage.cpuSeconds - startCpuSeconds } };
}

/**
 * @param {import('../workbench.mjs').Workbench} bench
 * @param {import('../programs/torrent.mjs').Content} content
 * @param {number} pieceBytes
 * @param {string} folder
 */
async function makeWithMktorrent({ python, tracker }, content, pieceBytes, folder) {
  const torrent = join(folder, 'made.torrent');
  const { lifeSeconds: wallSeconds, cpuSeconds } = await startMeasured(python, [
    ...['mktorrent', '-p', '-t', '2', '-l', `${Math.log2(pieceBytes)}`],
    ...['-a', tracker.openSwarm([]).announceUrl, '-o', torrent],
    join(content.folder, content.name),
  ]).ended(timeoutMs);
  return { torrent, made: { wallSeconds, cpuSeconds } };
}

/** @param {string} torrent */
async function hashesOf(torrent) {
  const bytes = await readFile(torrent, 'latin1');
  const found = /6:pieces(\d+):/.exec(bytes);
  if (found === null) throw new Error(`${torrent} has no pieces`);
  const begin = found.index + found[0].length;
  return bytes.slice(begin, begin + Number(found[1]));
}
