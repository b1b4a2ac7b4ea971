// @ts-check
// Files that are published, rest, come back with their session, and are left: what a torrent costs in each of these. Libtorrent
// makes and seeds the same from Python, and announces to nobody.
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { alternate, inOwnFolder } from '../figures/measure.mjs';
import { tell } from '../figures/tell.mjs';
import { startMeasured } from '../programs/processes.mjs';
import { allActive, startCrowded, timeoutMs } from './crowded-helper.mjs';
import { writeSmallFiles } from './small-files.mjs';

const fileBytes = 64 * 1024;
/** After the last line: compiled code is kept, and memory is given back. */
const settleMs = 60_000;
const restMs = 60_000;
const publisher = join(import.meta.dirname, '../../support/clients/libtorrent-publisher.py');

/**
 * @typedef {object} Seeded
 * @property {number} publishCpuSeconds Its start included.
 * @property {number} publishSeconds
 * @property {number} firstLineSeconds
 * @property {number} restCpuSecondsAMinute
 * @property {number} residentBytes All at rest.
 * @property {number} torrentBytes What it has more than at its start, for each.
 * @property {number} restartSeconds From the start to the last of the jobs that came back. NaN of libtorrent.
 * @property {number} restartCpuSeconds
 * @property {number} stopSeconds
 */

/**
 * @param {import('../workbench.mjs').Workbench} bench
 * @param {string} row
 * @param {number} count
 * @param {boolean} [isResting] Whether it is watched at rest.
 */
export async function measureSeeded(bench, row, count, isResting = true) {
  const paths = await writeSmallFiles(join(bench.folder, `seeded-${count}`), count, fileBytes);
  const { runs, helperDist, againstDist, libtorrent } = bench;
  const withHelper = (/** @type {string} */ dist) => () =>
    inOwnFolder(bench, (folder) => runHelper(bench, dist, folder, paths, isResting));
  return alternate(
    runs,
    {
      helper: withHelper(helperDist),
      against: againstDist === undefined ? undefined : withHelper(againstDist),
      libtorrent:
        libtorrent &&
        (() => inOwnFolder(bench, (folder) => runLibtorrent(bench, folder, paths, isResting))),
    },
    (name, each) =>
      tell(
        `${row} ${count} ${name.padEnd(10)} ${Object.entries(each)
          .map(([figure, value]) => `${figure} ${value.toFixed(2)}`)
          .join('  ')}`,
      ),
  );
}

/**
 * @param {import('../workbench.mjs').Workbench} bench
 * @param {string} dist
 * @param {string} folder
 * @param {readonly string[]} paths
 * @param {boolean} isResting
 * @returns {Promise<Seeded>}
 */
async function runHelper(bench, dist, folder, paths, isResting) {
  const options = [...allActive, '--session', 'many', '--on-eof', 'seed'];
  let idleBytes = 0;
  const begin = async (/** @type {readonly string[]} */ lines) => {
    const beganAtMs = performance.now();
    const secondsGone = () => (performance.now() - beganAtMs) / 1000;
    const helper = startCrowded(bench, dist, folder, options, false);
    if (lines.length > 0) {
      await helper.heard(/: ready: /, timeoutMs);
      idleBytes = await helper.residentBytes();
      helper.tellAll(lines);
    }
    const [first, seconds] = await Promise.all([
      helper.heard(/^\d+:/, timeoutMs).then(secondsGone),
      helper.heardTimes(/^\d+:.*:100$/, paths.length, timeoutMs).then(secondsGone),
    ]);
    return { helper, seconds, first, cpuSeconds: await helper.cpuSecondsSoFar() };
  };
  const published = await begin(paths.map((path) => `file:${path}`));
  const rest = isResting ? await atRest(published.helper, idleBytes, paths.length) : noRest;
  const { stopSeconds } = await published.helper.stop();
  const restarted = await begin([]);
  await restarted.helper.stop();
  return {
    publishCpuSeconds: published.cpuSeconds,
    publishSeconds: published.seconds,
    firstLineSeconds: published.first,
    ...rest,
    restartSeconds: restarted.seconds,
    restartCpuSeconds: restarted.cpuSeconds,
    stopSeconds,
  };
}

/**
 * @param {import('../workbench.mjs').Workbench} bench
 * @param {string} folder
 * @param {readonly string[]} paths
 * @param {boolean} isResting
 * @returns {Promise<Seeded>}
 */
async function runLibtorrent({ python }, folder, paths, isResting) {
  const beganAtMs = performance.now();
  const libtorrent = startMeasured(python, [python, '-B', publisher, folder]);
  await libtorrent.heard(/^ready$/, timeoutMs);
  const idleBytes = await libtorrent.residentBytes();
  for (const path of paths) libtorrent.tell(path);
  libtorrent.tell('');
  await libtorrent.heard(/^seeding$/, timeoutMs);
  const publishSeconds = (performance.now() - beganAtMs) / 1000;
  const publishCpuSeconds = await libtorrent.cpuSecondsSoFar();
  const rest = isResting ? await atRest(libtorrent, idleBytes, paths.length) : noRest;
  const stopAtMs = performance.now();
  libtorrent.closeInput();
  await libtorrent.ended(timeoutMs);
  return {
    publishCpuSeconds,
    publishSeconds,
    firstLineSeconds: Number.NaN,
    ...rest,
    restartSeconds: Number.NaN,
    restartCpuSeconds: Number.NaN,
    stopSeconds: (performance.now() - stopAtMs) / 1000,
  };
}

const noRest = {
  restCpuSecondsAMinute: Number.NaN,
  residentBytes: Number.NaN,
  torrentBytes: Number.NaN,
};

/**
 * @param {Pick<import('../programs/processes.mjs').Running, 'cpuSecondsSoFar' | 'residentBytes'>} running
 * @param {number} idleBytes
 * @param {number} count
 */
async function atRest(running, idleBytes, count) {
  await setTimeout(settleMs);
  const before = await running.cpuSecondsSoFar();
  await setTimeout(restMs);
  const cpuSeconds = (await running.cpuSecondsSoFar()) - before;
  const residentBytes = await running.residentBytes();
  return {
    restCpuSecondsAMinute: (cpuSeconds * 60_000) / restMs,
    residentBytes,
    torrentBytes: (residentBytes - idleBytes) / count,
  };
}
