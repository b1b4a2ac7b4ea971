// A client with a helper of its own, in a process that it begins, begins again when it dies, and ends.
import { existsSync } from 'node:fs';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { HelperError } from '../errors.js';
import type { HelperClient } from './helper-client.js';
import { processSource } from './lives/process-source.js';
import { type StartOptions, startArguments } from './lives/start-arguments.js';
import { runClient } from './run-client.js';

export interface HelperProcessOptions extends StartOptions {
  /** What starts it: program and arguments. Default: this package's own, by this program's Node. */
  readonly command?: readonly string[] | undefined;
  /** More options, as the command has them: `['--socket', '/run/user/1000/mine/s']`. */
  readonly args?: readonly string[] | undefined;
  readonly cwd?: string | undefined;
  /** Default: that of this program. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Hears each line that the helper writes for people. Without it, it writes errors alone. */
  readonly onDiagnosticLine?: ((line: string) => void) | undefined;
  /** So often in a row, each having died within a minute, another helper is begun. Default: 5. */
  readonly maxRestarts?: number | undefined;
  /** Closes the client when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves when the helper is there, and the jobs of its session, if it has one, are known. Rejects with what the command says:
 * OPTION_INVALID, PORT_TAKEN, SESSION_BUSY; or with HELPER_LOST.
 */
export async function startHelper(options: HelperProcessOptions = {}): Promise<HelperClient> {
  const {
    command = ownCommand(),
    args = [],
    cwd,
    env,
    onDiagnosticLine,
    maxRestarts,
    signal,
    ...rest
  } = options;
  const source = processSource({
    command: [
      ...command,
      '--json',
      // Should this program be killed, its end of the pipe closes, whatever stands in between.
      ...['--on-eof', 'stop'],
      ...(onDiagnosticLine ? [] : ['--quiet']),
      ...startArguments(rest),
      ...args,
    ],
    cwd,
    env,
    onDiagnosticLine: onDiagnosticLine ?? (() => {}),
    signal,
  });
  return runClient(source, { maxRestarts: maxRestarts ?? 5, signal });
}

/** As it was built, it lies beside this; where this was bundled into a program, it does not. */
function ownCommand(): readonly string[] {
  const { url } = import.meta;
  // In CommonJS that was bundled by others there may be none.
  const command =
    url === undefined ? '' : fileURLToPath(new URL('../bin/bittorrent-helper.js', url));
  if (existsSync(command)) return [execPath, command];
  throw new HelperError(
    'OPTION_INVALID',
    "the helper does not lie beside this program; say with the option command what starts it, as in ['npx', 'bittorrent-helper']",
  );
}
