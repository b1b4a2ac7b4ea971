// A program in a process of its own: its lines as they come, what it is told, and its end, by its own id and nothing else.
// Whoever starts one here ends it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { eachLine } from './child-lines.js';
import { withoutProxies } from './without-proxies.js';

export interface StartOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Ctrl-C is not for it, but for the one who started it. */
  readonly isDetached?: boolean;
  readonly onStdout?: (line: string) => void;
  readonly onStderr?: (line: string) => void;
}

export interface RunningProcess {
  readonly pid: number;
  readonly isRunning: boolean;
  /** Rejects if it cannot be started. */
  readonly started: Promise<void>;
  /** The exit code, or the signal that ended it; all its lines have been told then. Rejects if it cannot be started. */
  readonly exit: Promise<number | NodeJS.Signals>;
  write(text: string | Uint8Array): void;
  closeInput(): void;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL to one that does not heed it. */
  stop(): Promise<void>;
  /** Stops reading its stdout for a while. */
  pauseReading(): void;
  readOn(): void;
}

const endTimeoutMs = 8_000;

/** `command` is the program and its arguments. */
export function startProcess(command: readonly string[], options: StartOptions): RunningProcess {
  const { cwd, env, isDetached = false, onStdout = () => {}, onStderr = () => {} } = options;
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd,
    stdio: 'pipe',
    env: withoutProxies(env),
    detached: isDetached,
  });
  const started = once(child, 'spawn').then(() => {});
  const exit = started.then(() => exitOf(child));
  for (const each of [started, exit]) each.catch(() => {});
  child.on('error', () => {});
  eachLine(child.stdout, onStdout);
  eachLine(child.stderr, onStderr);
  // Writing to a process that is gone is part of some stories.
  child.stdin.on('error', () => {});
  return {
    pid: child.pid ?? 0,
    get isRunning() {
      return child.exitCode === null && child.signalCode === null;
    },
    started,
    exit,
    write: (text) => void child.stdin.write(text),
    closeInput: () => void child.stdin.end(),
    kill: (signal) => void child.kill(signal),
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), endTimeoutMs);
      await exit.catch(() => {});
      clearTimeout(timer);
    },
    pauseReading: () => void child.stdout.pause(),
    readOn: () => void child.stdout.resume(),
  };
}

async function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  const [code, signal] = await once(child, 'close');
  return code ?? signal;
}
