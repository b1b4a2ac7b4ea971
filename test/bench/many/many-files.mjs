// @ts-check
// One torrent of very many small files: published, and downloaded by a helper from the helper that published it.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { alternate, inOwnFolder } from '../figures/measure.mjs';
import { tell } from '../figures/tell.mjs';
import { startCrowded, timeoutMs } from './crowded-helper.mjs';
import { writeDeepFiles } from './small-files.mjs';

const fileBytes = 10 * 1024;

/**
 * @param {import('../workbench.mjs').Workbench} bench
 * @param {number} count
 */
export async function measureManyFiles(bench, count) {
  const content = join(bench.folder, `files-${count}`);
  await writeDeepFiles(content, count, fileBytes);
  const { runs, helperDist, againstDist } = bench;
  const withHelper = (/** @type {string} */ dist) => () =>
    inOwnFolder(bench, (folder) => run(bench, dist, folder, content));
  const results = await alternate(
    runs,
    {
      helper: withHelper(helperDist),
      against: againstDist === undefined ? undefined : withHelper(againstDist),
    },
    (name, each) =>
      tell(
        `many files ${count} ${name.padEnd(10)} ${Object.entries(each)
          .map(([figure, value]) => `${figure} ${value.toFixed(2)}`)
          .join('  ')}`,
      ),
  );
  await rm(content, { recursive: true });
  return results;
}

/**
 * @param {import('../workbench.mjs').Workbench} bench
 * @param {string} dist
 * @param {string} folder
 * @param {string} content
 */
async function run(bench, dist, folder, content) {
  const start = async (/** @type {string} */ name) => {
    await mkdir(join(folder, name));
    const helper = startCrowded(bench, dist, join(folder, name), []);
    await helper.heard(/: ready: /, timeoutMs);
    const before = await helper.cpuSecondsSoFar();
    const beganAtMs = performance.now();
    return async (/** @type {string} */ line) => {
      helper.tell(line);
      await helper.heard(/^1:.*:100$/, timeoutMs);
      const seconds = (performance.now() - beganAtMs) / 1000;
      return { helper, seconds, cpuSeconds: (await helper.cpuSecondsSoFar()) - before };
    };
  };
  const published = await (await start('seeder'))(`file:${content}`);
  const [, torrent] = await published.helper.heard(/: published: (.+) [0-9a-f]{40} /, timeoutMs);
  const downloaded = await (await start('leecher'))(`torrent:${torrent}`);
  const seeder = await published.helper.stop();
  const leecher = await downloaded.helper.stop();
  return {
    publishSeconds: published.seconds,
    publishCpuSeconds: published.cpuSeconds,
    publishHoldMs: seeder.holdMs,
    downloadSeconds: downloaded.seconds,
    downloadCpuSeconds: downloaded.cpuSeconds,
    downloadHoldMs: leecher.holdMs,
    downloadPeakMib: leecher.peakBytes / 2 ** 20,
  };
}
