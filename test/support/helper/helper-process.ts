// The built command as another program sees it: a process with lines going in and lines coming out. Whatever a test
// starts here is ended with that test, by its id.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { eachLine } from '../processes/child-lines.js';
import { withoutProxies } from '../processes/without-proxies.js';
import { before } from '../waiting.js';
import { type Publication, publicationIn, readyIn } from './helper-lines.js';

export const root = join(import.meta.dirname, '../../..');
const { HELPER_DIST = 'dist' } = process.env;
/** Where the build lies; `npm test` makes and uses dist/. */
export const dist = resolve(root, HELPER_DIST);
export const command = join(dist, 'bin/bittorrent-helper.js');

/** Far more than anything takes here, even on a busy machine. */
const patienceMs = 15_000;

export interface StartOptions {
  readonly cwd?: string;
  readonly stdin?: 'pipe' | 'ignore';
  readonly env?: Readonly<Record<string, string>>;
  /** Nobody reads this stream until `readOn`. */
  readonly unread?: 'stdout' | 'stderr';
}

export interface HelperProcess {
  readonly child: ChildProcess;
  /** The lines so far, without their line ends. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** Waits for a line on stdout: this one, or the first that matches, from line number `from` (0 …) on. */
  line(wanted: string | RegExp, from?: number): Promise<string>;
  /** The same on stderr. */
  diagnostic(wanted: string | RegExp, from?: number): Promise<string>;
  /** Waits until a `file:` job is published, and gives back what stderr tells of it. */
  published(id: number): Promise<Publication>;
  /** Waits until it is ready; its peer port. */
  peerPort(): Promise<number>;
  /** What the job's lines on stdout said so far. */
  percents(id: number): number[];
  /** Writes lines to stdin. */
  write(...lines: readonly string[]): void;
  /** Writes to stdin as it stands, without a line end. */
  writeRaw(bytes: string | Uint8Array): void;
  closeInput(): void;
  kill(signal: NodeJS.Signals): void;
  /** Begins to read the stream that was left unread. */
  readOn(): void;
  /** The exit code, or the signal that ended it; every line that is read has been heard then. */
  exit(withinMs?: number): Promise<number | NodeJS.Signals>;
}

/** Starts the command. Its working directory should be a folder of the test's own. */
export function start(
  args: readonly string[],
  { cwd, stdin = 'pipe', env, unread }: StartOptions = {},
): HelperProcess {
  const child = spawn(process.execPath, [command, ...args], {
    cwd,
    stdio: [stdin, 'pipe', 'pipe'],
    env: withoutProxies(env),
  });
  return watch(child, unread);
}

/** Listens to a process that was started in another way, and ends it with the test. */
export function watch(child: ChildProcess, unread?: StartOptions['unread']): HelperProcess {
  const describe = () =>
    [
      `\n$ ${child.spawnargs.slice(1).join(' ')}`,
      ...stdout.lines.map((line) => `  ${line}`),
      ...stderr.lines.map((line) => `! ${line}`),
      child.exitCode === null ? '(still running)' : `(exit code ${child.exitCode})`,
    ].join('\n');
  const stdout = collectLines(child.stdout, unread !== 'stdout');
  const stderr = collectLines(child.stderr, unread !== 'stderr');
  // Writing to a process that is gone is part of some stories.
  child.stdin?.on('error', () => {});
  const exited = once(child, 'exit');
  exited.catch(() => {});
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await exited;
    for (const stream of child.stdio) stream?.destroy();
  });

  const waitFor = (lines: Lines, wanted: string | RegExp, from: number) =>
    before(patienceMs, lines.find(wanted, from), () => `no line ${wanted}${describe()}`);

  const helper: HelperProcess = {
    child,
    stdout: stdout.lines,
    stderr: stderr.lines,
    line: (wanted, from = 0) => waitFor(stdout, wanted, from),
    diagnostic: (wanted, from = 0) => waitFor(stderr, wanted, from),
    async published(id) {
      const line = await helper.diagnostic(
        new RegExp(`: job ${id} \\(.*\\): published: .+ magnet:`),
      );
      const publication = publicationIn(line);
      if (publication === undefined) throw new Error(`nothing is published by: ${line}`);
      return publication;
    },
    async peerPort() {
      return readyIn(await helper.diagnostic(/: ready: /))?.peerPort ?? 0;
    },
    percents: (id) =>
      stdout.lines
        .filter((line) => line.startsWith(`${id}:`))
        .map((line) => Number(line.slice(line.lastIndexOf(':') + 1))),
    write: (...lines) => helper.writeRaw(lines.map((line) => `${line}\n`).join('')),
    writeRaw: (bytes) => void child.stdin?.write(bytes),
    closeInput: () => void child.stdin?.end(),
    kill: (signal) => void child.kill(signal),
    readOn() {
      stdout.read();
      stderr.read();
    },
    async exit(withinMs = patienceMs) {
      const [code, signal] = await before(withinMs, exited, () => `no exit${describe()}`);
      await Promise.all([stdout.ended(), stderr.ended()]);
      return code ?? signal;
    },
  };
  return helper;
}

interface Lines {
  readonly lines: readonly string[];
  read(): void;
  find(wanted: string | RegExp, from: number): Promise<string>;
  /** Resolves when the stream has ended, or at once if nobody reads it. */
  ended(): Promise<void>;
}

function collectLines(stream: Readable | null, isRead: boolean): Lines {
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  let ended = Promise.resolve();
  const take = (line: string) => {
    lines.push(line);
    for (const listener of listeners) listener();
  };
  const read = () => {
    if (!stream || stream.readableFlowing) return;
    ended = new Promise((resolve) => {
      stream.once('close', resolve);
    });
    eachLine(stream, take);
  };
  stream?.on('error', () => {});
  if (isRead) read();

  const isWanted = (line: string, wanted: string | RegExp) =>
    typeof wanted === 'string' ? line === wanted : wanted.test(line);
  return {
    lines,
    read,
    ended: () => ended,
    find: (wanted, from) =>
      new Promise((resolve) => {
        let next = from;
        const look = () => {
          const found = lines.slice(next).find((line) => isWanted(line, wanted));
          next = Math.max(next, lines.length);
          if (found === undefined) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        look();
      }),
  };
}
