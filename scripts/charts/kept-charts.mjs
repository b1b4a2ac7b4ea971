// The charts of all machines. To lay them out takes seconds: it is done anew only when a machine, or what lays it out, is another.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { placedChart } from './placed-chart.mjs';

/**
 * @param {string} root the folder of the package
 * @returns {Promise<string>} the charts, as JSON
 */
export async function keptCharts(root) {
  const folder = join(root, 'node_modules/.cache/bittorrent-helper');
  const source = await machinesSource(root);
  const kept = join(folder, `charts-${await digestOf(root, source)}.json`);
  try {
    return await readFile(kept, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  await mkdir(folder, { recursive: true });
  const module = join(folder, `machines-${randomUUID()}.mjs`);
  await writeFile(module, source);
  const machines = Object.values(await import(pathToFileURL(module).href)).filter(isMachine);
  await rm(module);
  const charts = JSON.stringify(await Promise.all(machines.map(placedChart)));
  // Another build may be at the same.
  await writeFile(`${kept}.${process.pid}`, charts);
  await rename(`${kept}.${process.pid}`, kept);
  return charts;
}

async function machinesSource(root) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['machines/index.ts'],
    bundle: true,
    format: 'esm',
    external: ['xstate'],
    write: false,
  });
  return outputFiles[0].text;
}

async function digestOf(root, source) {
  const digest = createHash('sha256').update(source);
  const names = (await readdir(import.meta.dirname)).sort();
  const parts = [
    ...names.map((name) => join(import.meta.dirname, name)),
    join(root, 'node_modules/elkjs/package.json'),
  ];
  for (const part of parts) digest.update(await readFile(part));
  return digest.digest('hex').slice(0, 32);
}

function isMachine(exported) {
  return exported?.root !== undefined;
}
