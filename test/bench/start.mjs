// How long a helper takes to be on its feet: from the start of the process to its first answers on stdout and stderr, told
// beside `node -e 0` in the same run, turn by turn, as a busy machine slows down both. The promise is the first line.
//
//     npm run bench:start [runs]          after a build; HELPER_DIST names another build than dist
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const runs = Number(process.argv[2] ?? 20);
const promisedTimes = 2.5;
const command = join(
  import.meta.dirname,
  '../..',
  process.env.HELPER_DIST ?? 'dist',
  'bin/bittorrent-helper.js',
);

const folder = await mkdtemp(join(tmpdir(), 'bench-start-'));
const file = join(folder, '1MiB');
try {
  await writeFile(file, Buffer.alloc(2 ** 20, 'x'));
  await saveCode('saved');
  const measured = [];
  for (let run = 0; run < runs; run += 1) {
    const bareMs = await measureBare();
    const saved = await measure('saved');
    const first = await measure(`first-${run}`);
    measured.push({ bareMs, saved, first });
  }
  const bareMs = show('node -e 0', measured, ({ bareMs }) => bareMs);
  const answeredMs = show('first answer', measured, ({ saved }) => saved.answeredMs);
  show('ready line', measured, ({ saved }) => saved.readyMs);
  show('1 MiB published', measured, ({ saved }) => saved.publishedMs);
  show('CPU time until then', measured, ({ saved }) => saved.cpuMs);
  show('first start: first answer', measured, ({ first }) => first.answeredMs);
  show('first start: CPU time', measured, ({ first }) => first.cpuMs);
  const times = answeredMs / bareMs;
  const verdict = times <= promisedTimes ? 'kept' : 'BROKEN';
  console.log(
    `first answer after ${times.toFixed(2)} x node -e 0; promise of ${promisedTimes}: ${verdict}`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Lets a helper live until it has saved the code of its threads. */
async function saveCode(state) {
  const helper = await start(state);
  const code = join(folder, state, 'bittorrent-helper/code');
  const isSaved = async () => {
    const names = await readdir(code).catch(() => []);
    return names.filter((name) => !name.endsWith('.new')).length >= 3;
  };
  for (let left = 100; left > 0 && !(await isSaved()); left -= 1) await delay(100);
  await helper.end();
}

async function measureBare() {
  const startedAt = performance.now();
  const bare = spawn(process.execPath, ['-e', '0'], { stdio: 'pipe' });
  await new Promise((resolve) => bare.once('exit', resolve));
  return performance.now() - startedAt;
}

/** One helper, with a state directory of this name. */
async function measure(state) {
  const helper = await start(state);
  await helper.end();
  return helper;
}

/** An instruction that fails at once, and a file that is published. Resolves when both are answered. */
async function start(state) {
  const torrentDir = join(folder, `torrents-${state}`);
  await mkdir(torrentDir, { recursive: true });
  const args = ['--torrent-dir', torrentDir, `file:${join(folder, 'nothing')}`, `file:${file}`];
  const env = { ...process.env, XDG_STATE_HOME: join(folder, state), no_proxy: '*' };
  const startedAt = performance.now();
  const helper = spawn(process.execPath, [command, ...args], { stdio: 'pipe', env });
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
  const end = () => {
    helper.kill();
    return exit;
  };
  return { answeredMs, readyMs, publishedMs, cpuMs, end };
}

/** What the threads of a process have used so far, where /proc tells it. */
async function cpuTimeMs(pid) {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const used = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/schedstat`, 'utf8').catch(() => '0')),
  );
  const nanoseconds = used.reduce((sum, line) => sum + Number(line.split(' ')[0]), 0);
  return nanoseconds / 1e6;
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
