// A helper under test, over all its lives: one process at a time, driven as a parent drives it, every promise watched.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readyIn } from '../../support/helper/helper-lines.js';
import type { Journal } from '../journal.js';
import { createRest } from '../waiting/rest.js';
import { Broken, isWrong } from './broken.js';
import { createLedger, type Ledger, type LedgerJob } from './ledger.js';
import type { Processes, RunningProcess } from './processes.js';

export interface TestedHelperOptions {
  readonly name: string;
  readonly folder: string;
  /** The built command. */
  readonly command: string;
  /** Files to load before it, in all its threads. */
  readonly preloads: readonly string[];
  readonly args: readonly string[];
  readonly processes: Processes;
  readonly journal: Journal;
  readonly over: AbortSignal;
}

export interface TestedHelper {
  readonly name: string;
  readonly folder: string;
  readonly pid: number;
  readonly peerPort: number;
  readonly ledger: Ledger;
  /** Where the file lies that tells a fault of the engine. */
  readonly faultFile: string;
  /** Where each of its threads writes the size of its heap, when garbage is collected. */
  readonly heapFolder: string;
  /** How often it was heard that the engine stopped. */
  readonly engineStops: number;
  /** Whether the engine has been there for a while. */
  readonly isEngineUp: boolean;
  /** One more stop of the engine is to come. */
  expectEngineStop(): void;
  /** Begins a job. */
  ask(instruction: string, mustFail?: boolean): Promise<LedgerJob>;
  /** Any other line. */
  tell(line: string | Uint8Array): Promise<void>;
  /** Waits until it is so; complains and throws Broken if it is late. */
  until(isSo: () => boolean, what: string, deadlineMs?: number): Promise<void>;
  /** The same of one job; complains and throws Broken if it is over. */
  untilJob(job: LedgerJob, isSo: () => boolean, what: string, deadlineMs?: number): Promise<void>;
  removed(job: LedgerJob): Promise<void>;
  /** Writes `list:` and waits until every job has answered. */
  probe(): Promise<void>;
  /** While `task` lasts, it is not killed. */
  whileAlive(task: () => Promise<void>): Promise<void>;
  /** While `task` lasts, no answer is expected. */
  whileDeaf(task: () => Promise<void>): Promise<void>;
  pauseReading(): void;
  readOn(): void;
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL, and a new start with the same session. */
  killAndRestart(): Promise<void>;
  /** SIGTERM: the exit code. */
  stop(): Promise<number | NodeJS.Signals>;
}

const patienceMs = 300_000;
const readyMs = 15_000;
const answerMs = 10_000;
const backMs = 60_000;
const settleMs = 2_000;
const stopMs = 6_000;
/** Longer than the engine's start and the wait before it. */
const engineStartMs = 15_000;

export async function startTestedHelper(options: TestedHelperOptions): Promise<TestedHelper> {
  const { name, folder, command, preloads, args, processes, journal, over } = options;
  const complain = (what: string) => journal.complain(`${name}: ${what}`);
  const ledger = createLedger(complain, over);
  const faultFile = join(folder, 'engine-fault');
  const heapFolder = join(folder, 'heap');
  await mkdir(heapFolder, { recursive: true });

  let running: RunningProcess | undefined;
  let peerPort = 0;
  let isToEnd = false;
  let deafness = 0;
  let expectedStops = 0;
  let engineStops = 0;
  let engineSinceMs = 0;
  let removals = 0;
  let intake = Promise.resolve();
  const mortality = createRest();

  const onStderr = (line: string) => {
    journal.note(`${name} ! ${line}`);
    if (isWrong(line)) complain(line);
    else if (!line.startsWith('bittorrent-helper: ')) complain(`stray words on stderr: ${line}`);
    if (line.includes('the engine stopped')) {
      engineStops += 1;
      engineSinceMs = performance.now();
      if (engineStops > expectedStops) complain(`unasked: ${line}`);
    }
    const ready = readyIn(line);
    if (ready !== undefined) {
      peerPort = ready.peerPort;
      engineSinceMs = performance.now();
    }
    ledger.takeDiagnostic(line);
    ledger.bell.ring();
  };
  const onStdout = (line: string) => {
    journal.note(`${name} > ${line}`);
    ledger.takeProgress(line);
  };

  const until = async (isSo: () => boolean, what: string, deadlineMs = patienceMs) => {
    const beganMs = performance.now();
    if (await ledger.bell.until(isSo, deadlineMs)) {
      return journal.lasted(
        what.replace(/^job \d+( \(.*\))?/, 'a job'),
        performance.now() - beganMs,
      );
    }
    complain(`after ${deadlineMs / 1000} s not yet: ${what}`);
    throw new Broken(what);
  };

  const begin = async () => {
    isToEnd = false;
    peerPort = 0;
    const live = await processes.start([process.execPath, command, ...args], {
      cwd: folder,
      env: {
        NODE_OPTIONS: preloads.map((path) => `--require=${path}`).join(' '),
        ENGINE_FAULT: faultFile,
        HEAP_FIGURES: heapFolder,
      },
      onStdout,
      onStderr,
    });
    running = live;
    void live.exit.then((code) => {
      if (!isToEnd && running === live) complain(`ended by itself (${code})`);
    });
    await until(() => peerPort !== 0, 'ready', readyMs);
  };

  const write = async (line: string | Uint8Array) => {
    await intake;
    running?.write(typeof line === 'string' ? `${line}\n` : line);
  };

  /** Takes no instruction, and meets no other fault, while `task` lasts. */
  const whileShut = async (task: () => Promise<void>) => {
    await mortality.begin();
    let open = () => {};
    intake = new Promise((resolve) => {
      open = resolve;
    });
    try {
      await task();
    } finally {
      open();
      mortality.end();
    }
  };

  const helper: TestedHelper = {
    name,
    folder,
    ledger,
    faultFile,
    heapFolder,
    get pid() {
      return running?.pid ?? 0;
    },
    get peerPort() {
      return peerPort;
    },
    get engineStops() {
      return engineStops;
    },
    get isEngineUp() {
      return performance.now() - engineSinceMs > engineStartMs;
    },
    expectEngineStop() {
      expectedStops += 1;
    },
    async ask(instruction, mustFail = false) {
      await intake;
      // In one step with writing it, so that the books have the ids in the order of the lines.
      const job = ledger.begin(instruction, mustFail);
      journal.note(`${name} < ${instruction.slice(0, 300)} (job ${job.id})`);
      running?.write(`${instruction}\n`);
      return job;
    },
    async tell(line) {
      journal.note(`${name} < ${typeof line === 'string' ? line.slice(0, 300) : '(bytes)'}`);
      await write(line);
    },
    until,
    async untilJob(job, isSo, what, deadlineMs) {
      const orOver = () => isSo() || job.fate !== 'live';
      await until(orOver, `job ${job.id} (${job.given}) is ${what}`, deadlineMs);
      if (isSo()) return;
      complain(`job ${job.id} is over (${job.fate}) before it is ${what}: ${job.told.at(-1)}`);
      throw new Broken(what);
    },
    async removed(job) {
      removals += 1;
      try {
        await until(() => job.fate !== 'live', `job ${job.id} is removed`);
      } finally {
        removals -= 1;
      }
      if (job.fate === 'removed') return;
      complain(`job ${job.id} failed instead of being removed: ${job.told.at(-1)}`);
      throw new Broken('removed');
    },
    async probe() {
      if (deafness > 0) return;
      await intake;
      const beganMs = performance.now();
      const silent = ledger.expectLists(1);
      running?.write('list:\n');
      const isAnswered = await ledger.bell.until(() => silent() === 0 || deafness > 0, answerMs);
      if (deafness > 0) return;
      journal.lasted('list: answered', performance.now() - beganMs);
      if (!isAnswered) complain(`list: not answered by ${silent()} jobs after ${answerMs} ms`);
    },
    whileAlive: (task) => mortality.during(task),
    async whileDeaf(task) {
      deafness += 1;
      ledger.bell.ring();
      try {
        await task();
      } finally {
        deafness -= 1;
      }
    },
    pauseReading: () => running?.pauseReading(),
    readOn: () => running?.readOn(),
    signal: (signal) => running?.kill(signal),
    killAndRestart: () =>
      whileShut(async () => {
        // What was asked for this very moment may not be in the session yet.
        await delay(settleMs);
        await ledger.bell.until(() => removals === 0, answerMs);
        if (removals > 0) return;
        // A torrent that is not known yet may take its time.
        const back = ledger.liveJobs.filter(({ percent }) => percent !== undefined);
        await helper.whileDeaf(async () => {
          isToEnd = true;
          running?.kill('SIGKILL');
          await running?.exit;
          ledger.beginLife();
          await begin();
        });
        const isBack = ({ isPausedByUser, isSeed, percent, fate }: LedgerJob) =>
          fate !== 'live' || percent !== undefined || (isPausedByUser && isSeed);
        const missing = () => back.filter((job) => !isBack(job));
        const beganMs = performance.now();
        const areBack = await ledger.bell.until(() => missing().length === 0, backMs);
        journal.lasted('every job back after a kill', performance.now() - beganMs);
        if (!areBack) complain(`lost by a kill: ${missing().map(({ id }) => `job ${id}`)}`);
      }),
    async stop() {
      isToEnd = true;
      const stopping = running;
      if (!stopping) return 0;
      const beganMs = performance.now();
      stopping.kill('SIGTERM');
      const code = await Promise.race([
        stopping.exit,
        delay(stopMs, 'late' as const, { ref: false }),
      ]);
      journal.lasted('stopped by SIGTERM', performance.now() - beganMs);
      if (code !== 'late') return code;
      complain(`did not end within ${stopMs} ms of SIGTERM`);
      return 'SIGKILL';
    },
  };
  await begin();
  return helper;
}
