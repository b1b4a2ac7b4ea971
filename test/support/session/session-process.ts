// Real processes that open a session, say what came of it, and have it until they are killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { bundleProgram } from '../processes/bundle-program.js';

export interface SessionProcess {
  readonly child: ChildProcess;
  /** Tells it to open the session, and resolves with `open` or the code of the error. */
  open(): Promise<string>;
  kill(): Promise<void>;
}

/** Writes the program that the processes run; returns how to start one, which resolves when it waits for the word. */
export async function buildSessionProgram(dir: string) {
  const outfile = await bundleProgram(join(import.meta.dirname, 'session-program.ts'), dir);
  return async (stateDir: string, name: string): Promise<SessionProcess> => {
    const child = spawn(execPath, [outfile, stateDir, name], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    await lines.next();
    return {
      child,
      async open() {
        child.stdin.write('go\n');
        const { value } = await lines.next();
        return String(value);
      },
      async kill() {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
    };
  };
}
