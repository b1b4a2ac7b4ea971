// @ts-check
// A program with a helper and many jobs, all of which move: what the process costs while nobody listens to their numbers, and
// while somebody does. One line of JSON at the end.
//
//     node watched-jobs.mjs DIST ENGINE FOLDER CONTENTS      each file in CONTENTS is a job
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const [dist = '', engineWorkerUrl, folder = '', contents = ''] = process.argv.slice(2);
const files = await readdir(contents);
const measuredMs = 20_000;
/** @type {typeof import('../../../src/index.js')} */
const { createHelper } = await import(pathToFileURL(join(dist, 'src/index.js')).href);

async function cpuShare() {
  const before = process.cpuUsage();
  const beganAtMs = performance.now();
  await setTimeout(measuredMs);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (performance.now() - beganAtMs);
}

const helper = await createHelper({
  ...{ torrentDir: folder, stateDir: folder, downloadDir: folder, engineWorkerUrl },
  ...{ noTracker: true, public: true, noDht: true, maxActive: files.length },
});
await Promise.all(files.map((file) => helper.seed(join(contents, file)).done));
await setTimeout(5_000);
const silent = await cpuShare();

let told = 0;
const over = new AbortController();
const { signal } = over;
const listening = (async () => {
  for await (const changed of helper.statsChanges({ signal })) told += changed.length;
})();
await setTimeout(5_000);
told = 0;
const listened = await cpuShare();
const toldASecond = told / (measuredMs / 1000);
over.abort();
await listening;
await helper.close();
process.stdout.write(`${JSON.stringify({ silent, listened, toldASecond })}\n`);
