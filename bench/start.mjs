// How long a helper takes to be on its feet: from the start of the process to its first answers on stdout and stderr.
// The promise is the first line: 250 ms until the first instruction has been taken.
//
//     npm run bench:start [runs]          after a build; HELPER_DIST names another build than dist
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const runs = Number(process.argv[2] ?? 20);
const promisedMs = 250;
const command = join(
  import.meta.dirname,
  '..',
  process.env.HELPER_DIST ?? 'dist',
  'bin/bittorrent-helper.js',
);

const folder = await mkdtemp(join(tmpdir(), 'bench-start-'));
const file = join(folder, '1MiB');
try {
  await writeFile(file, Buffer.alloc(2 ** 20, 'x'));
  const measured = [];
  for (let run = 0; run < runs; run += 1) measured.push(await measure());
  const answeredMs = show('first instruction answered', measured, ({ answeredMs }) => answeredMs);
  show('ready line', measured, ({ readyMs }) => readyMs);
  show('1 MiB published', measured, ({ publishedMs }) => publishedMs);
  show('CPU time until then', measured, ({ cpuMs }) => cpuMs);
  const verdict = answeredMs <= promisedMs ? 'kept' : 'BROKEN';
  console.log(`promise of ${promisedMs} ms to the first answer: ${verdict}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** One helper: an instruction that fails at once, and a file that is published. */
async function measure() {
  const args = ['--torrent-dir', folder, `file:${join(folder, 'nothing')}`, `file:${file}`];
  const startedAt = performance.now();
  const helper = spawn(process.execPath, [command, ...args], { stdio: 'pipe' });
  const exit = new Promise((resolve) => helper.once('exit', resolve));
  const heard = (stream, pattern) =>
    new Promise((resolve, reject) => {
      createInterface({ input: stream }).on('line', (line) => {
        if (pattern.test(line)) resolve(performance.now() - startedAt);
      });
      exit.then((code) => reject(new Error(`ended (${code}) before ${pattern}`)));
    });
  const [answeredMs, publishedMs, readyMs] = await Promise.all([
    heard(helper.stdout, /^1:.*:-2$/),
    heard(helper.stdout, /^2:.*:100$/),
    heard(helper.stderr, /: ready: /),
  ]);
  const cpuMs = await cpuTimeMs(helper.pid);
  helper.kill();
  await exit;
  return { answeredMs, readyMs, publishedMs, cpuMs };
}

/** User and system time of a process so far, where /proc tells it (in ticks of 10 ms). */
async function cpuTimeMs(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const [user, system] = stat?.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14) ?? [];
  return (Number(user) + Number(system)) * 10;
}

/** Prints one line, and gives back the median. */
function show(what, measured, figure) {
  const figures = measured.map(figure).sort((a, b) => a - b);
  const median = figures[Math.floor(figures.length / 2)];
  const [min, middle, max] = [figures[0], median, figures.at(-1)].map((ms) =>
    `${ms.toFixed(0)} ms`.padStart(8),
  );
  console.log(`${what.padEnd(28)} min ${min}   median ${middle}   max ${max}`);
  return median;
}
