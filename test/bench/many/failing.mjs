// @ts-check
// What a job costs that fails at once: a helper that is ready is told of files that are not there.
import { join } from 'node:path';
import { alternate, inOwnFolder } from '../figures/measure.mjs';
import { tell } from '../figures/tell.mjs';
import { startCrowded, timeoutMs } from './crowded-helper.mjs';

export const failingJobs = 10_000;

/** @param {import('../workbench.mjs').Workbench} bench */
export async function measureFailing(bench) {
  const { runs, helperDist, againstDist } = bench;
  const withHelper = (/** @type {string} */ dist) => () =>
    inOwnFolder(bench, async (folder) => {
      const helper = startCrowded(bench, dist, folder, []);
      await helper.heard(/: ready: /, timeoutMs);
      const before = await helper.cpuSecondsSoFar();
      const paths = Array.from({ length: failingJobs }, (_, nth) => join(folder, `none-${nth}`));
      helper.tellAll(paths.map((path) => `file:${path}`));
      await helper.heardTimes(/^\d+:.*:-2$/, failingJobs, timeoutMs);
      const cpuMs = ((await helper.cpuSecondsSoFar()) - before) * 1000;
      const { holdMs } = await helper.stop();
      return { cpuMsAJob: cpuMs / failingJobs, holdMs };
    });
  return alternate(
    runs,
    {
      helper: withHelper(helperDist),
      against: againstDist === undefined ? undefined : withHelper(againstDist),
    },
    (name, { cpuMsAJob, holdMs }) =>
      tell(
        `many failing ${name.padEnd(10)} ${cpuMsAJob.toFixed(3)} ms CPU a job  hold ${holdMs.toFixed(0)} ms`,
      ),
  );
}
