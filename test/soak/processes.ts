// The processes of a soak: started here, ended here, by their ids, and nobody else's.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

export interface StartOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly onStdout?: (line: string) => void;
  readonly onStderr?: (line: string) => void;
}

export interface RunningProcess {
  readonly pid: number;
  readonly isRunning: boolean;
  /** The exit code, or the signal that ended it; all its lines have been heard then. */
  readonly exit: Promise<number | NodeJS.Signals>;
  write(text: string | Uint8Array): void;
  closeInput(): void;
  kill(signal: NodeJS.Signals): void;
  /** Stops reading its stdout for a while. */
  pauseReading(): void;
  readOn(): void;
}

export interface Processes {
  /** Rejects if it cannot be started. */
  start(options: StartOptions): Promise<RunningProcess>;
  /** Kills what still runs. */
  endAll(): Promise<void>;
}

export function createProcesses(): Processes {
  const running = new Set<RunningProcess>();
  return {
    async start({ command, args, cwd, env, onStdout, onStderr }) {
      const child = spawn(command, args, {
        cwd,
        stdio: 'pipe',
        // A proxy of the environment would be asked for loopback addresses, too.
        env: { ...process.env, no_proxy: '*', ...env },
        // Ctrl-C is for the soak, which ends the others in its own way.
        detached: true,
      });
      const exit = exitOf(child);
      await once(child, 'spawn');
      eachLine(child.stdout, onStdout);
      eachLine(child.stderr, onStderr);
      // Writing to a process that is gone is part of the soak.
      child.stdin.on('error', () => {});
      const started: RunningProcess = {
        pid: child.pid ?? 0,
        get isRunning() {
          return child.exitCode === null && child.signalCode === null;
        },
        exit,
        write: (text) => void child.stdin.write(text),
        closeInput: () => void child.stdin.end(),
        kill: (signal) => void child.kill(signal),
        pauseReading: () => void child.stdout.pause(),
        readOn: () => void child.stdout.resume(),
      };
      running.add(started);
      void exit.finally(() => running.delete(started)).catch(() => {});
      return started;
    },
    async endAll() {
      await Promise.all(
        [...running].map(({ kill, exit }) => {
          kill('SIGKILL');
          return exit;
        }),
      );
    },
  };
}

async function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  const [code, signal] = await once(child, 'close');
  return code ?? signal;
}

/** Splits at LF and at nothing else, so that a line end forged by a name would show. */
function eachLine(stream: Readable, take: (line: string) => void = () => {}): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const [first = '', ...others] = text.split('\n');
    rest += first;
    for (const next of others) {
      take(rest);
      rest = next;
    }
  });
  stream.on('error', () => {});
}
