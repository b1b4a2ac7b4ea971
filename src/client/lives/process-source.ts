// A helper of one's own: a process that is begun here, and ends with its client.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { withTimeout } from '../../async/with-timeout.js';
import { HelperError, isErrorCode, systemCode } from '../../errors.js';
import { lostError } from '../wire/connection.js';
import { takeLines } from '../wire/lines-in.js';
import { beginLife, type HelperSource, type Life } from './life.js';

export interface ProcessParts {
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly cwd: string | undefined;
  readonly env: NodeJS.ProcessEnv | undefined;
  /** Hears each line that it writes for people. */
  readonly onDiagnosticLine: (line: string) => void;
  /** Ends one that is not ready yet. */
  readonly signal: AbortSignal | undefined;
}

/** A graceful stop takes 5 s at most. */
const stopMs = 6_000;

export function processSource({
  command: [program = '', ...args],
  cwd,
  env,
  onDiagnosticLine,
  signal,
}: ProcessParts): HelperSource {
  return {
    isShared: false,
    async open(onNotification, closing) {
      const child = spawn(program, args, { cwd, env, stdio: 'pipe', windowsHide: true });
      const exited = new Promise<void>((resolve) => {
        for (const end of ['exit', 'error']) child.once(end, () => resolve());
      });
      let lastLine = '';
      const heard = takeLines(child.stderr, (line) => {
        lastLine = line;
        onDiagnosticLine(line);
      });
      await started(child, program);
      const abort = () => void child.kill('SIGKILL');
      signal?.addEventListener('abort', abort);
      const life = beginLife({
        input: child.stdout,
        output: child.stdin,
        onNotification,
        closing,
        async whyEnded() {
          // One that says no more and does not end is of no use.
          await withTimeout(stopMs, exited);
          child.kill('SIGKILL');
          await exited;
          await withTimeout(100, heard);
          return errorOf(child, lastLine);
        },
        end: (request) => stop(child, exited, request),
      });
      return life.finally(() => signal?.removeEventListener('abort', abort));
    },
  };
}

async function started(child: ChildProcessWithoutNullStreams, program: string): Promise<void> {
  try {
    await once(child, 'spawn');
  } catch (error) {
    const message = `${program} cannot be started (${systemCode(error)})`;
    throw new HelperError('HELPER_LOST', message, { cause: error });
  }
}

async function stop(
  child: ChildProcessWithoutNullStreams,
  exited: Promise<void>,
  request: Life['request'],
): Promise<void> {
  request('helper.quit').catch(() => {});
  // Also for one that does not read it: the end of its instructions means the same.
  child.stdin.end();
  await withTimeout(stopMs, exited);
  child.kill('SIGKILL');
  await exited;
}

/** Its last line says what was wrong with how it was started. */
function errorOf({ exitCode, signalCode }: ChildProcessWithoutNullStreams, lastLine: string) {
  const [, code = '', message = ''] = /^bittorrent-helper: ([A-Z_]+): (.*)$/.exec(lastLine) ?? [];
  if (exitCode === usageExitCode && isErrorCode(code)) return new HelperError(code, message);
  const how = signalCode === null ? `exit code ${exitCode}` : signalCode;
  const said = lastLine === '' ? '' : `; it said last: ${lastLine}`;
  return lostError(`its process has ended (${how})${said}`);
}

const usageExitCode = 2;
