// Runs the tests that drive real actors, and sums up what of the machines they take: `npm run coverage:machines`. Fails on what no test
// takes, unless scripts/coverage/untaken.mjs says why. Into coverage/ go machines.json, which the inspector's page shows as
// heat on the charts, and machines.txt, to be read.
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSource } from '../schema/load-source.mjs';
import { complaintsOf } from './complaints.mjs';
import { coverageTable, everyTransition } from './coverage-table.mjs';
import { sumSteps } from './sum-steps.mjs';
import { untaken } from './untaken.mjs';

const root = join(import.meta.dirname, '../..');
const page = join(root, 'dist/inspector');

const charts = JSON.parse(await readFile(join(page, 'charts.json'), 'utf8'));
const { refusedTransitions } = await loadSource('src/inspection/charts/refused-guards.ts');
const steps = await mkdtemp(join(tmpdir(), 'machine-steps-'));
try {
  runTests();
  const coverage = sumSteps(charts, await stepsIn(steps), refusedTransitions);
  const table = coverageTable(charts, coverage);
  const folder = join(root, 'coverage');
  const file = join(folder, 'machines.json');
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${JSON.stringify(coverage, null, 2)}\n`);
  await writeFile(
    join(folder, 'machines.txt'),
    `${table}\n\n${everyTransition(charts, coverage)}\n`,
  );
  await copyFile(file, join(page, 'coverage.json'));
  process.stdout.write(`\n${table}\n`);
  const complaints = complaintsOf(coverage, untaken);
  if (complaints.length > 0) {
    process.stderr.write(`\n${complaints.join('\n')}\nsee scripts/coverage/untaken.mjs\n`);
    process.exitCode = 1;
  }
} finally {
  await rm(steps, { recursive: true, force: true });
}

function runTests() {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--config', 'vitest.coverage.config.ts', '--reporter=dot'];
  const env = { ...process.env, MACHINE_STEPS: steps };
  const { status } = spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' });
  if (status !== 0) throw new Error('a test failed, so there is nothing to sum up');
}

async function stepsIn(folder) {
  const texts = (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8'));
  const lines = (await Promise.all(texts)).join('').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}
