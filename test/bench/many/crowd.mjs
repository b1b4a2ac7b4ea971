// @ts-check
// Five thousand instructions at once to a helper that is ready: when the first line comes, how long `list:` waits while they are
// taken, how long the stop takes, and the longest turn of its main thread.
import { join } from 'node:path';
import { alternate, inOwnFolder } from '../figures/measure.mjs';
import { tell } from '../figures/tell.mjs';
import { allActive, startCrowded, timeoutMs } from './crowded-helper.mjs';
import { writeSmallFiles } from './small-files.mjs';

export const crowdedJobs = 5_000;

/** @param {import('../workbench.mjs').Workbench} bench */
export async function measureCrowd(bench) {
  const { runs, helperDist, againstDist } = bench;
  const paths = await writeSmallFiles(join(bench.folder, 'crowd'), crowdedJobs + 1, 1024);
  const [first = '', ...others] = paths;
  const withHelper = (/** @type {string} */ dist) => () =>
    inOwnFolder(bench, async (folder) => {
      const helper = startCrowded(bench, dist, folder, allActive);
      await helper.heard(/: ready: /, timeoutMs);
      helper.tell(`file:${first}`);
      await helper.heard(/^1:.*:100$/, timeoutMs);
      const beganAtMs = performance.now();
      const secondsGone = () => (performance.now() - beganAtMs) / 1000;
      helper.tellAll(others.map((path) => `file:${path}`));
      helper.tell('list:');
      const [firstLineSeconds, listSeconds, allSeconds] = await Promise.all([
        helper.heard(/^(?:[2-9]|\d{2,}):/, timeoutMs).then(secondsGone),
        helper.heardTimes(/^1:.*:100$/, 2, timeoutMs).then(secondsGone),
        helper.heardTimes(/: published: /, paths.length, timeoutMs).then(secondsGone),
      ]);
      const { stopSeconds, holdMs } = await helper.stop();
      return { firstLineSeconds, listSeconds, allSeconds, stopSeconds, holdMs };
    });
  return alternate(
    runs,
    {
      helper: withHelper(helperDist),
      against: againstDist === undefined ? undefined : withHelper(againstDist),
    },
    (name, each) =>
      tell(
        `many crowd ${name.padEnd(10)} ${Object.entries(each)
          .map(([figure, value]) => `${figure} ${value.toFixed(2)}`)
          .join('  ')}`,
      ),
  );
}
