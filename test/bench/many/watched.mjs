// @ts-check
// What it costs to listen to a thousand jobs that all move, beside nobody listening. Their engine has no network.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { alternate, inOwnFolder } from '../figures/measure.mjs';
import { tell } from '../figures/tell.mjs';
import { writeSmallFiles } from './small-files.mjs';

const run = promisify(execFile);
const { version } = createRequire(import.meta.url)('../../../package.json');
const jobs = 1_000;
const program = join(import.meta.dirname, 'watched-jobs.mjs');

/**
 * @typedef {object} Watched Shares of a core, and how many numbers came.
 * @property {number} silent
 * @property {number} listened
 * @property {number} toldASecond
 */

/** @param {import('../workbench.mjs').Workbench} bench */
export async function measureWatched(bench) {
  const contents = join(bench.folder, 'watched');
  await writeSmallFiles(contents, jobs, 1_000);
  const engine = join(bench.folder, 'moving-engine.cjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'moving-engine.ts')],
    outfile: engine,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
    // As the helper knows its own.
    footer: { js: `//bittorrentHelperEngine="${version}"` },
  });
  const withHelper = (/** @type {string} */ dist) => () =>
    inOwnFolder(bench, async (folder) => {
      const { stdout } = await run(process.execPath, [program, dist, engine, folder, contents]);
      /** @type {Watched} */
      const figures = JSON.parse(stdout);
      return figures;
    });
  const { runs, helperDist, againstDist } = bench;
  const against = againstDist === undefined ? undefined : withHelper(againstDist);
  return alternate(runs, { helper: withHelper(helperDist), against }, (name, each) =>
    tell(
      `many watched ${name.padEnd(10)} ${(each.silent * 100).toFixed(2)} % of a core while nobody listens, ${(each.listened * 100).toFixed(2)} % at ${each.toldASecond.toFixed(0)} a second`,
    ),
  );
}
