// @ts-check
// The processes of a benchmark: started here, ended here, by their ids, and nobody else's. Not those of test/support, which are
// TypeScript: the benchmark runs without a build, and what it starts is measured by another program.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * What a process and its children used, to their end.
 *
 * @typedef {object} Usage
 * @property {number} lifeSeconds From its start to its end.
 * @property {number} cpuSeconds
 * @property {number} peakBytes
 */

/**
 * @typedef {object} Running
 * @property {(pattern: RegExp, timeoutMs: number) => Promise<RegExpExecArray>} heard
 *   Resolves at the first line, on stdout or stderr, that matches. Rejects if none will come.
 * @property {(pattern: RegExp, count: number, timeoutMs: number) => Promise<RegExpExecArray>} heardTimes
 *   Likewise, at the last of so many lines.
 * @property {(line: string) => void} tell
 * @property {() => void} closeInput
 * @property {() => Promise<number>} cpuSecondsSoFar 0 where /proc does not tell it.
 * @property {() => Promise<number>} residentBytes What it holds of memory now; likewise.
 * @property {(timeoutMs: number) => Promise<Usage>} ended Rejects if it fails, or does not end.
 * @property {(timeoutMs: number) => Promise<Usage>} abandon SIGTERM: it may end with whatever exit code it likes. SIGKILL if
 *   it does not.
 */

const launcher = join(import.meta.dirname, 'measured.py');
const pidTimeoutMs = 10_000;
const ticksInSecond = 100;

/** @type {Set<{ kill: () => void, gone: Promise<unknown> }>} */
const running = new Set();
let isOver = false;

/** Kills what still runs, and lets nothing be started any more. */
export function endForGood() {
  isOver = true;
  return endAll();
}

/** Kills what still runs. */
export async function endAll() {
  const left = [...running];
  for (const { kill } of left) kill();
  await Promise.all(left.map(({ gone }) => gone));
}

/**
 * @param {string} python
 * @param {readonly string[]} command
 * @returns {Running}
 */
export function startMeasured(python, command) {
  if (isOver) throw new Error('it is over');
  const child = spawn(python, ['-B', launcher, ...command], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    // A proxy of the environment would be asked for loopback addresses, too.
    env: { ...process.env, no_proxy: '*' },
    // Ctrl-C is for the benchmark, which ends the others in its own way.
    detached: true,
  });
  const [, , , reports] = child.stdio;
  const gone = once(child, 'close').catch(() => {});
  /** @type {string[]} */
  const lines = [];
  /** @type {Set<() => void>} */
  const listeners = new Set();
  let isGone = false;
  let pid = 0;
  /** @type {{ exitCode: number, wallSeconds: number, userSeconds: number, systemSeconds: number, peakBytes: number } | undefined} */
  let report;

  const lastLines = () => lines.slice(-3).join(' | ');
  const tellListeners = () => {
    for (const listener of listeners) listener();
  };
  const self = {
    kill() {
      if (pid !== 0 && report === undefined) process.kill(pid, 'SIGKILL');
      else child.kill('SIGKILL');
    },
    gone,
  };
  running.add(self);
  void gone.then(() => {
    isGone = true;
    running.delete(self);
    tellListeners();
  });
  child.stdin.on('error', () => {});
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      tellListeners();
    });
  }
  createInterface({ input: /** @type {import('node:stream').Readable} */ (reports) }).on(
    'line',
    (line) => {
      const told = JSON.parse(line);
      if ('pid' in told) pid = told.pid;
      else report = told;
    },
  );

  /**
   * @template T
   * @param {() => T | undefined} look
   * @param {number} timeoutMs
   * @param {string} what
   * @returns {Promise<T>}
   */
  const until = (look, timeoutMs, what) =>
    new Promise((resolve, reject) => {
      const finish = (/** @type {() => void} */ settle) => {
        listeners.delete(listener);
        clearTimeout(timer);
        settle();
      };
      const giveUp = (/** @type {string} */ why) => {
        finish(() => reject(new Error(`${why} before ${what}; its last lines: ${lastLines()}`)));
      };
      const listener = () => {
        const found = look();
        if (found !== undefined) finish(() => resolve(found));
        else if (isGone) giveUp(`ended (${report?.exitCode})`);
      };
      const timer = setTimeout(() => giveUp(`${timeoutMs / 1000} s went by`), timeoutMs);
      listeners.add(listener);
      listener();
    });

  /**
   * @param {number} timeoutMs
   * @returns {Promise<Usage>}
   */
  const used = async (timeoutMs) => {
    await until(() => (isGone ? true : undefined), timeoutMs, 'it ended');
    if (report === undefined) throw new Error(`could not be started: ${lastLines()}`);
    const { wallSeconds: lifeSeconds, userSeconds, systemSeconds, peakBytes } = report;
    return { lifeSeconds, cpuSeconds: userSeconds + systemSeconds, peakBytes };
  };

  const knownPid = () => until(() => pid || undefined, pidTimeoutMs, 'its process id was known');

  /** @type {Running['heardTimes']} */
  const heardTimes = (pattern, count, timeoutMs) => {
    let seen = 0;
    let left = count;
    const look = () => {
      while (seen < lines.length) {
        const match = pattern.exec(lines[seen] ?? '');
        seen += 1;
        if (match !== null) left -= 1;
        if (match !== null && left === 0) return match;
      }
      return undefined;
    };
    return until(look, timeoutMs, `${count} × ${pattern}`);
  };

  return {
    heard: (pattern, timeoutMs) => heardTimes(pattern, 1, timeoutMs),
    heardTimes,
    tell: (line) => void child.stdin.write(`${line}\n`),
    closeInput: () => void child.stdin.end(),
    cpuSecondsSoFar: async () => cpuSecondsOf(await knownPid()),
    residentBytes: async () => residentBytesOf(await knownPid()),
    async ended(timeoutMs) {
      const usage = await used(timeoutMs);
      if (report?.exitCode === 0) return usage;
      throw new Error(`exit code ${report?.exitCode}; its last lines: ${lastLines()}`);
    },
    async abandon(timeoutMs) {
      if (pid !== 0 && report === undefined) process.kill(pid, 'SIGTERM');
      const timer = setTimeout(self.kill, timeoutMs);
      try {
        return await used(2 * timeoutMs);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/**
 * The threads that live tell it in nanoseconds, the process in ticks of 10 ms, but with the threads that have ended.
 *
 * @param {number} pid
 */
async function cpuSecondsOf(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14);
  const ticked = (Number(user ?? 0) + Number(system ?? 0)) / ticksInSecond;
  const folder = `/proc/${pid}/task`;
  const threads = await readdir(folder).catch(() => []);
  const told = await Promise.all(
    threads.map((thread) => readFile(join(folder, thread, 'schedstat'), 'utf8').catch(() => '0')),
  );
  return Math.max(ticked, told.reduce((sum, each) => sum + Number.parseInt(each, 10), 0) / 1e9);
}

/** @param {number} pid */
async function residentBytesOf(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
