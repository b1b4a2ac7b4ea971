// @ts-check
// What it costs to inspect a helper while it publishes two thousand small files, and what it costs where nobody inspects.
import { join } from 'node:path';
import { alternate, inOwnFolder } from '../figures/measure.mjs';
import { tell } from '../figures/tell.mjs';
import { allActive, startCrowded, timeoutMs } from './crowded-helper.mjs';
import { writeSmallFiles } from './small-files.mjs';

export const inspectedJobs = 2_000;

/** @param {import('../workbench.mjs').Workbench} bench */
export async function measureInspected(bench) {
  const { runs, helperDist, againstDist } = bench;
  const paths = await writeSmallFiles(join(bench.folder, 'inspected'), inspectedJobs, 1024);
  const publish = (/** @type {string} */ dist, /** @type {readonly string[]} */ options) =>
    inOwnFolder(bench, async (folder) => {
      const helper = startCrowded(bench, dist, folder, [...allActive, ...options], false);
      await helper.heard(/: ready: /, timeoutMs);
      const before = await helper.cpuSecondsSoFar();
      helper.tellAll(paths.map((path) => `file:${path}`));
      await helper.heardTimes(/: published: /, inspectedJobs, timeoutMs);
      const cpuSeconds = (await helper.cpuSecondsSoFar()) - before;
      await helper.stop();
      return cpuSeconds;
    });
  const withHelper = (/** @type {string} */ dist) => async () => ({
    aloneCpuSeconds: await publish(dist, []),
    inspectedCpuSeconds: await publish(dist, ['--inspect']),
  });
  return alternate(
    runs,
    {
      helper: withHelper(helperDist),
      against: againstDist === undefined ? undefined : withHelper(againstDist),
    },
    (name, { aloneCpuSeconds, inspectedCpuSeconds }) =>
      tell(
        `many inspected ${name.padEnd(10)} ${aloneCpuSeconds.toFixed(2)} s CPU alone, ${inspectedCpuSeconds.toFixed(2)} s inspected`,
      ),
  );
}
