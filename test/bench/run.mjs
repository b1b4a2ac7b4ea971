// @ts-check
// What a download costs, beside libtorrent: CPU time, speed and memory, in alternating runs. A table at the end.
//
//     npm run bench -- [row ...] [--runs 5] [--helper DIST] [--against DIST] [--json FILE]      after a build
//         [--only ours] [--piece-length BYTES] [--limit SECONDS]      the last two are for swarms
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findPython } from '../support/clients/find-python.mjs';
import { alternate, measureStart } from './figures/measure.mjs';
import { median } from './figures/statistics.mjs';
import { evaluate, renderTable } from './figures/table.mjs';
import { tell } from './figures/tell.mjs';
import { readOptions } from './options.mjs';
import { fifty } from './rows/fifty.mjs';
import { making } from './rows/making.mjs';
import {
  many,
  manyCrowd,
  manyDownloads,
  manyFailing,
  manyFiles,
  manyGrowth,
  manyInspected,
  manySeeded,
  manyTracker,
  manyWatched,
} from './rows/many.mjs';
import { one } from './rows/one.mjs';
import { ours, seeding } from './rows/pairs.mjs';
import { encrypted, large32m, small16k, small256k, twenty } from './rows/plain.mjs';
import { swarm16, swarm16Slow, swarm30 } from './rows/swarm.mjs';
import { setUp } from './workbench.mjs';

/** @type {Readonly<Record<string, (bench: import('./workbench.mjs').Workbench) => Promise<import('./figures/lines.mjs').Line[]>>>} */
const rows = {
  one,
  memory: one,
  fifty,
  'small-256k': small256k,
  'small-16k': small16k,
  'large-32m': large32m,
  twenty,
  encrypted,
  seeding,
  ours,
  'swarm-16': swarm16,
  'swarm-16-slow': swarm16Slow,
  'swarm-30': swarm30,
  making,
  many,
  'many-seeded': manySeeded,
  'many-crowd': manyCrowd,
  'many-failing': manyFailing,
  'many-downloads': manyDownloads,
  'many-files': manyFiles,
  'many-tracker': manyTracker,
  'many-watched': manyWatched,
  'many-inspected': manyInspected,
  'many-growth': manyGrowth,
};
/** `many` is all of its own rows but the last, which takes long. */
const plainRows = Object.keys(rows).filter((row) => !row.startsWith('many'));

const options = readOptions(process.argv.slice(2), {
  rows: Object.keys(rows),
  dist: join(import.meta.dirname, '../../dist'),
});
const asked = options.rows.length > 0 ? options.rows : plainRows;
/** @type {import('./figures/table.mjs').Starts} */
const noStarts = { helper: Number.NaN, against: Number.NaN, libtorrent: Number.NaN };
const cpuMeaning = `CPU time is user and system time of the whole process,
from its start to its end; of seeding, ours and swarms, from when all were ready to their end.`;
const python = findPython();
if (python === undefined) console.log(`skipped: ${asked.join(' ')}: python3 has no libtorrent`);
else await run(python);

/** @param {string} python */
async function run(python) {
  const bench = await setUp(python, options);
  let isStopped = false;
  const stop = (/** @type {NodeJS.Signals} */ signal) => {
    isStopped = true;
    tell(`${signal}: clearing up`);
    void bench.close().finally(() => process.exit(130));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    /** @type {import('./figures/lines.mjs').Line[]} */
    const lines = [];
    const failures = [];
    for (const measure of new Set(asked.map((row) => rows[row]))) {
      try {
        lines.push(...((await measure?.(bench)) ?? []));
      } catch (thrown) {
        if (isStopped) return;
        const row = asked.find((each) => rows[each] === measure);
        failures.push(`FAILED: ${row}: ${thrown instanceof Error ? thrown.message : thrown}`);
        tell(failures.at(-1) ?? '');
        process.exitCode = 1;
      }
    }
    const isStartShown = lines.some(({ startsIn }) => startsIn !== undefined);
    const starts = isStartShown ? await measureStarts(bench) : noStarts;
    report(lines, starts, failures);
    if (options.jsonFile !== undefined) {
      const evaluated = lines.map((line) => ({ ...line, ...evaluate(line, starts) }));
      await writeFile(
        options.jsonFile,
        JSON.stringify({ starts, lines: evaluated, failures }, null, 2),
      );
    }
  } finally {
    await bench.close();
  }
}

/** @param {import('./workbench.mjs').Workbench} bench */
async function measureStarts(bench) {
  const { runs, helper, against, libtorrent } = bench;
  const {
    helper: ours,
    against: others,
    libtorrent: theirs,
  } = await alternate(runs, {
    helper: () => measureStart(bench, helper),
    against: against && (() => measureStart(bench, against)),
    libtorrent: libtorrent && (() => measureStart(bench, libtorrent)),
  });
  const cpu = (/** @type {readonly import('./programs/processes.mjs').Usage[]} */ usages) =>
    median(usages.map(({ cpuSeconds }) => cpuSeconds));
  return { helper: cpu(ours), against: cpu(others), libtorrent: cpu(theirs) };
}

/**
 * @param {readonly import('./figures/lines.mjs').Line[]} lines
 * @param {import('./figures/table.mjs').Starts} starts
 * @param {readonly string[]} failures
 */
function report(lines, starts, failures) {
  const hasAgainst = options.againstDist !== undefined;
  // The memory is a figure of the row `one`, and can be asked for alone.
  const shown = lines.filter(({ row }) => row !== 'one' || asked.includes(row));
  console.log(renderTable(shown, starts, hasAgainst));
  console.log();
  console.log(`Medians of ${options.runs}, with the lowest and the highest. ${cpuMeaning}`);
  if (starts !== noStarts) {
    const others = [
      ['helper', starts.helper],
      ['against', starts.against],
      ['libtorrent', starts.libtorrent],
    ]
      .filter(([, seconds]) => !Number.isNaN(seconds))
      .map(([name, seconds]) => `${name} ${Number(seconds).toFixed(2)} s`);
    console.log(`A start alone takes ${others.join(', ')}; the ratio "no start" is without it.`);
  }
  for (const { row, figure, note } of shown) if (note) console.log(`${row}, ${figure}: ${note}.`);
  for (const failure of failures) console.log(failure);
}
