// A program that a story runs, with all the lines that it has written so far.
import { type RunningProcess, startProcess } from '../../support/processes/running-process.js';

export interface StoryProgram extends Pick<RunningProcess, 'stop'> {
  readonly name: string;
  /** What it wrote to stdout and to stderr. */
  readonly lines: readonly string[];
  readonly errorLines: readonly string[];
  /** Undefined while it runs; null if a signal ended it, or it could not be started. */
  readonly exitCode: number | null | undefined;
  /** Writes a line to its stdin. */
  tell(line: string): void;
}

/** `command` is the program and its arguments. */
export function startProgram(name: string, command: readonly string[], cwd: string): StoryProgram {
  const lines: string[] = [];
  const errorLines: string[] = [];
  let exitCode: number | null | undefined;
  const running = startProcess(command, {
    cwd,
    onStdout: (line) => lines.push(line),
    onStderr: (line) => errorLines.push(line),
  });
  running.exit.then(
    (code) => {
      exitCode = typeof code === 'number' ? code : null;
    },
    (error: unknown) => {
      errorLines.push(String(error));
      exitCode = null;
    },
  );
  return {
    name,
    lines,
    errorLines,
    get exitCode() {
      return exitCode;
    },
    tell: (line) => running.write(`${line}\n`),
    stop: () => running.stop(),
  };
}
