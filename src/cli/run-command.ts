// From the arguments to the exit code: which command it is, and what a wrong one is told.
import { codeFolder } from '../code-cache/code-folder.js';
import { type HelperError, toHelperError } from '../errors.js';
import { resolveOptions } from '../options/resolve-options.js';
import { escapeForTerminal } from '../protocol/escape-name.js';
import { helpText } from './arguments/help-text.js';
import type { StopWith } from './arguments/option-values.js';
import { parseArguments } from './arguments/parse-arguments.js';
import type { CommandContext } from './commands/command-context.js';
import { exitCodes, type Terminal } from './terminal.js';
import { writeOut } from './write-out.js';

/** Carries a command out. Resolves with the exit code; never rejects. */
export async function runCommand(terminal: Terminal): Promise<number> {
  try {
    const command = parseArguments(terminal.args);
    switch (command.kind) {
      case 'help':
        await writeOut(terminal.stdout, helpText(command.of));
        return exitCodes.done;
      case 'version':
        await writeOut(terminal.stdout, `${terminal.version}\n`);
        return exitCodes.done;
      case 'tracker': {
        const { runTracker } = await import('./run-tracker.js');
        return await runTracker(command, await toStopWith(command.stopWith, terminal));
      }
      case 'make': {
        const { makeTorrents } = await import('./commands/make-torrents.js');
        return await runToItsEnd(terminal, { isWork: true, ...command }, (context) =>
          makeTorrents(command, context),
        );
      }
      case 'show': {
        const { showTorrent } = await import('./commands/show-torrent.js');
        return await runToItsEnd(terminal, command, (context) => showTorrent(command, context));
      }
      case 'completion':
      case 'man': {
        const { conventionText } = await import('./conventions/convention-text.js');
        await writeOut(terminal.stdout, conventionText(command, terminal.version));
        return exitCodes.done;
      }
      case 'watch': {
        const { runWatch } = await import('./run-watch.js');
        return await runWatch(command, terminal);
      }
      case 'inspect': {
        const { runInspect } = await import('./run-inspect.js');
        return await runInspect(command, terminal);
      }
      case 'run': {
        const { startEngineThread } = await import('../engine-thread/host/engine-thread.js');
        const { stateDir } = resolveOptions(command.options);
        const stopping = await toStopWith(command.stopWith, terminal, command.quiet);
        // First, so that it loads while the rest does.
        const thread = startEngineThread({ codeFolder: codeFolder(stateDir) });
        const { runHelperProcess } = await import('./run-helper-process.js');
        return await runHelperProcess(command, stopping, thread);
      }
    }
  } catch (thrown) {
    const error = toHelperError(thrown);
    terminal.stderr.write(errorLine(error));
    return exitCodeOf(error);
  }
}

/** Writes what a command says that ends by itself. What fails of it is no wrong usage. */
async function runToItsEnd(
  { stdout, stderr, stopSignal }: Terminal,
  { quiet, isWork }: { readonly quiet: boolean; readonly isWork?: boolean },
  run: (context: CommandContext) => AsyncIterable<string>,
): Promise<number> {
  let exitCode: number = exitCodes.done;
  const fail = (error: HelperError) => {
    stderr.write(errorLine(error));
    if (exitCode !== exitCodes.internal) {
      exitCode = error.code === 'INTERNAL' ? exitCodes.internal : exitCodes.failed;
    }
  };
  const tell = (line: string) => {
    if (!quiet) stderr.write(`bittorrent-helper: ${escapeForTerminal(line)}\n`);
  };
  try {
    await writeOut(stdout, run({ signal: stopSignal, tell, fail }), { signal: stopSignal, isWork });
  } catch (thrown) {
    if (stopSignal.aborted) return exitCodes.unfinished;
    const error = toHelperError(thrown);
    const code = exitCodeOf(error);
    if (code === exitCodes.usage || code === exitCodes.unwritable) throw error;
    fail(error);
  }
  return exitCode;
}

/** The terminal, told to stop also when the process that was named has ended. */
async function toStopWith(
  stopWith: StopWith | undefined,
  terminal: Terminal,
  isQuiet = false,
): Promise<Terminal> {
  if (stopWith === undefined) return terminal;
  const stop = new AbortController();
  const { stopSignal, stderr, parentId } = terminal;
  if (stopSignal.aborted) stop.abort();
  stopSignal.addEventListener('abort', () => stop.abort());
  const onEnd = (id: number) => {
    if (!isQuiet && !stop.signal.aborted) {
      stderr.write(`bittorrent-helper: process ${id} has ended, so this one stops\n`);
    }
    stop.abort();
  };
  const { watchProcesses } = await import('./processes/watch-processes.js');
  await watchProcesses(stopWith, { parentId, onEnd });
  return { ...terminal, stopSignal: stop.signal };
}

function errorLine({ code, message }: HelperError): string {
  return `bittorrent-helper: ${code}: ${escapeForTerminal(message)}\n`;
}

/** What slips through every net costs a line. */
export function bugLine(error: unknown): string {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `bittorrent-helper: bug: ${escapeForTerminal(what.replaceAll('\n', ' | '))}\n`;
}

function exitCodeOf({ code }: HelperError): number {
  if (code === 'STDOUT_UNWRITABLE') return exitCodes.unwritable;
  return usageErrors.has(code) ? exitCodes.usage : exitCodes.internal;
}

const usageErrors: ReadonlySet<string> = new Set([
  ...['OPTION_INVALID', 'INSTRUCTION_INVALID', 'PORT_TAKEN', 'SESSION_BUSY', 'HELPER_LOST'],
  ...['SOCKET_BUSY', 'SOCKET_UNUSABLE'],
  ...['RECORDING_EXISTS', 'RECORDING_UNWRITABLE', 'RECORDING_UNREADABLE'],
]);
