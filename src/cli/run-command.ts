// From the arguments to the exit code: which command it is, and what a wrong one is told.
import { codeFolder } from '../code-cache/code-folder.js';
import { HelperError, toHelperError } from '../errors.js';
import { resolveOptions } from '../options/resolve-options.js';
import { escapeForTerminal } from '../protocol/escape-name.js';
import { helpText } from './help-text.js';
import { parseArguments } from './parse-arguments.js';
import { exitCodes, type Terminal } from './terminal.js';

/** Carries a command out. Resolves with the exit code; never rejects. */
export async function runCommand(terminal: Terminal): Promise<number> {
  try {
    const command = parseArguments(terminal.args);
    switch (command.kind) {
      case 'help':
        terminal.stdout.write(helpText());
        return exitCodes.done;
      case 'version':
        terminal.stdout.write(`${terminal.version}\n`);
        return exitCodes.done;
      case 'tracker': {
        const { runTracker } = await import('./run-tracker.js');
        return await runTracker(command, terminal);
      }
      case 'run': {
        const { startEngineThread } = await import('../engine-thread/host/engine-thread.js');
        // First, so that it loads while the rest does.
        const { stateDir } = resolveOptions(command.options);
        const thread = startEngineThread({ codeFolder: codeFolder(stateDir) });
        const { runHelperProcess } = await import('./run-helper-process.js');
        return await runHelperProcess(command, terminal, thread);
      }
    }
  } catch (error) {
    const { code, message } = toHelperError(error);
    terminal.stderr.write(`bittorrent-helper: ${code}: ${escapeForTerminal(message)}\n`);
    return isUsageError(error) ? exitCodes.usage : exitCodes.internal;
  }
}

/** What slips through every net costs a line. */
export function bugLine(error: unknown): string {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `bittorrent-helper: bug: ${escapeForTerminal(what.replaceAll('\n', ' | '))}\n`;
}

function isUsageError(error: unknown): boolean {
  return (
    error instanceof HelperError &&
    ['OPTION_INVALID', 'PORT_TAKEN', 'SESSION_BUSY'].includes(error.code)
  );
}
