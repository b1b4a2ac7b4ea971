// @ts-check
// What a download of many small files costs, one build beside another: each file is made, written, synced, and looked at when
// it goes on record and at the end.
//
//     npm run bench:files -- [--files 10000] [--against ../before/dist] [--runs 3]          after a build
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findPython } from '../support/clients/find-python.mjs';
import { alternate } from './figures/measure.mjs';
import { median } from './figures/statistics.mjs';
import { writeDeepFiles } from './many/small-files.mjs';
import { startMeasured } from './programs/processes.mjs';

const fileBytes = 10 * 1024;
const timeoutMs = 600_000;

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '10000' },
    runs: { type: 'string', default: '3' },
    against: { type: 'string' },
  },
});
const dist = join(import.meta.dirname, '../../dist');
const python = findPython() ?? 'python3';
const folder = await mkdtemp(join(tmpdir(), 'bench-files-'));
try {
  const content = join(folder, 'content');
  await writeDeepFiles(content, Number(values.files), fileBytes);
  const seeder = start(dist, 'seeder', [`file:${content}`]);
  await seeder.heard(/^1:.*:100$/, timeoutMs);
  const { against } = values;
  const results = await alternate(Number(values.runs), {
    helper: () => download(dist),
    against: against === undefined ? undefined : () => download(against),
  });
  await seeder.abandon(timeoutMs);
  for (const [name, measured] of Object.entries(results)) {
    if (measured.length === 0) continue;
    const cpu = median(measured.map(({ cpuSeconds }) => cpuSeconds)).toFixed(1);
    const wall = median(measured.map(({ lifeSeconds }) => lifeSeconds)).toFixed(1);
    const peak = median(measured.map(({ peakBytes }) => peakBytes / 2 ** 20)).toFixed(0);
    console.log(`${name.padEnd(8)} CPU ${cpu} s   wall ${wall} s   peak ${peak} MiB`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** @param {string} build */
async function download(build) {
  const leecher = start(build, 'leecher', ['torrent:content.torrent']);
  await leecher.heard(/^1:.*:100$/, timeoutMs);
  const usage = await leecher.abandon(timeoutMs);
  await rm(join(folder, 'leecher'), { recursive: true });
  return usage;
}

/**
 * @param {string} build
 * @param {string} name
 * @param {readonly string[]} instructions
 */
function start(build, name, instructions) {
  const dirs = ['--torrent-dir', folder, '--download-dir', join(folder, name, 'downloads')];
  const state = ['--state-dir', join(folder, name, 'state')];
  const program = [process.execPath, join(build, 'bin/bittorrent-helper.js'), '--no-dht'];
  return startMeasured(python, [...program, ...dirs, ...state, ...instructions]);
}
