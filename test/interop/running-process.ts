// One program that a story runs: its lines as they come, and its end. It is ended by its own id and nothing else.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { withoutProxies } from './without-proxies.js';

const endTimeoutMs = 8_000;

export interface RunningProcess {
  readonly name: string;
  /** What it wrote to stdout and to stderr so far. */
  readonly lines: readonly string[];
  readonly errorLines: readonly string[];
  /** Undefined while it runs; null if a signal ended it. */
  readonly exitCode: number | null | undefined;
  /** Writes a line to its stdin. */
  tell(line: string): void;
  /** SIGTERM, and SIGKILL to one that does not heed it. */
  stop(): Promise<void>;
}

/** `command` is the program and its arguments. */
export function startProcess(
  name: string,
  command: readonly string[],
  cwd: string,
): RunningProcess {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd,
    env: withoutProxies(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines = collectLines(child.stdout);
  const errorLines = collectLines(child.stderr);
  let exitCode: number | null | undefined;
  const ended = new Promise<void>((resolve) => {
    const onEnd = (code: number | null) => {
      exitCode = code;
      resolve();
    };
    child.once('close', onEnd);
    child.once('error', (error) => {
      errorLines.push(error.message);
      onEnd(null);
    });
  });
  child.stdin.on('error', () => {});
  return {
    ...{ name, lines, errorLines },
    get exitCode() {
      return exitCode;
    },
    tell: (line) => void child.stdin.write(`${line}\n`),
    stop: () => end(child, ended),
  };
}

function collectLines(stream: Readable): string[] {
  const lines: string[] = [];
  createInterface({ input: stream }).on('line', (line) => lines.push(line));
  return lines;
}

async function end(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  ended: Promise<void>,
): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), endTimeoutMs);
  await ended;
  clearTimeout(timer);
}
