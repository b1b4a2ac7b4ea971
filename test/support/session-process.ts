// Real processes that open a session, say what came of it, and have it until they are killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';

const program = `
import { openSession } from './src/session/open-session.js';
const [, , stateDir, name] = process.argv;
process.stdout.write('ready\\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
try {
  const session = await openSession({ stateDir, name });
  session.record({ type: 'began', id: session.lastId + 1, instruction: { kind: 'seed', given: '/a' } });
  process.stdout.write('open\\n');
} catch (error) {
  process.stdout.write(error.code + '\\n');
}
`;

export interface SessionProcess {
  readonly child: ChildProcess;
  /** Tells it to open the session, and resolves with `open` or the code of the error. */
  open(): Promise<string>;
  kill(): Promise<void>;
}

/** Writes the program that the processes run; returns how to start one, which resolves when it waits for the word. */
export async function buildSessionProgram(dir: string) {
  const outfile = join(dir, 'session-process.mjs');
  await build({
    stdin: {
      contents: program,
      resolveDir: join(import.meta.dirname, '../..'),
      sourcefile: 'session-process.mjs',
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
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
