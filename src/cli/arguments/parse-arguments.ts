// The command line to options. What is wrong with it is told in one sentence, before anything is started.
import { HelperError } from '../../errors.js';
import type { HelperOptions, OnEof } from '../../options/resolve-options.js';
import {
  type CommandName,
  type CommandRow,
  commandNamed,
  type Shell,
  shells,
} from './command-table.js';
import { parseGiven, readValues, type Values } from './given-values.js';
import { isInstruction, meantBy } from './meant-by.js';
import { questions } from './option-table.js';
import {
  type InspectOption,
  inspectOf,
  type Output,
  onEofOf,
  outputOf,
  pathOption,
  portOption,
  type SocketOption,
  type StopWith,
  socketOf,
  stopWithOf,
} from './option-values.js';

export interface RunCommand {
  readonly kind: 'run';
  readonly output: Output;
  readonly socket: SocketOption | undefined;
  readonly options: HelperOptions & { readonly onEof: OnEof };
  readonly inspect: InspectOption | undefined;
  /** The file into which it is written what the machines do. */
  readonly record: string | undefined;
  readonly quiet: boolean;
  readonly stopWith: StopWith | undefined;
  readonly instructions: readonly string[];
}

export interface TrackerCommand {
  readonly kind: 'tracker';
  readonly options: Pick<HelperOptions, 'host' | 'listen' | 'port'>;
  readonly stopWith: StopWith | undefined;
}

export interface MakeCommand {
  readonly kind: 'make';
  readonly paths: readonly string[];
  readonly options: Pick<
    HelperOptions,
    'torrentDir' | 'tracker' | 'noTracker' | 'host' | 'trackerPort' | 'public' | 'stateDir'
  >;
  readonly isJson: boolean;
  readonly quiet: boolean;
}

export interface ShowCommand {
  readonly kind: 'show';
  readonly source: string;
  readonly options: Pick<
    HelperOptions,
    'torrentDir' | 'tracker' | 'host' | 'listen' | 'port' | 'noDht' | 'giveUp' | 'stateDir'
  >;
  readonly isJson: boolean;
  readonly quiet: boolean;
}

/** Shows a running helper, by its socket. */
export interface WatchCommand {
  readonly kind: 'watch';
  readonly socketPath: string;
}

/** Shows what was recorded of a helper. */
export interface InspectCommand {
  readonly kind: 'inspect';
  readonly file: string;
  readonly port: number | undefined;
}

export interface CompletionCommand {
  readonly kind: 'completion';
  readonly shell: Shell;
}

export interface ManCommand {
  readonly kind: 'man';
}

export interface HelpCommand {
  readonly kind: 'help';
  /** Undefined: of the helper itself. */
  readonly of: CommandName | undefined;
}

export type ParsedCommand =
  | RunCommand
  | TrackerCommand
  | MakeCommand
  | ShowCommand
  | WatchCommand
  | InspectCommand
  | CompletionCommand
  | ManCommand
  | HelpCommand
  | { readonly kind: 'version' };

/** Throws OPTION_INVALID or INSTRUCTION_INVALID, with a sentence that names the argument and what was expected. */
export function parseArguments(args: readonly string[]): ParsedCommand {
  const given = parseGiven(args);
  const values = readValues(given.values);
  const [first, ...operands] = given.positionals;
  const command = commandNamed(first);
  const asked = questions.find(({ name }) => values.isSet(name))?.name;
  if (asked === 'help') return { kind: 'help', of: command?.name };
  if (asked === 'version') return { kind: 'version' };
  if (command === undefined) return runCommandOf(values, given.positionals);
  refuseForeign(command, Object.keys(given.values));
  switch (command.name) {
    case 'tracker':
      refuseOperands(command, operands);
      return trackerCommandOf(values);
    case 'completion':
      return { kind: 'completion', shell: shellOf(command, operands) };
    case 'man':
      refuseOperands(command, operands);
      return { kind: 'man' };
    case 'make':
      return makeCommandOf(values, command, operands);
    case 'show':
      return showCommandOf(values, onlyOperand(command, operands));
    case 'watch':
      return { kind: 'watch', socketPath: onlyOperand(command, operands) };
    case 'inspect':
      return {
        kind: 'inspect',
        file: onlyOperand(command, operands),
        port: portOption('--port', values.text('port')),
      };
  }
}

function refuseForeign({ name, options }: CommandRow, given: readonly string[]): void {
  const foreign = given.find((option) => !Object.hasOwn(options, option));
  if (foreign === undefined) return;
  const taken = Object.keys(options).map((option) => `--${option}`);
  const expected = taken.length > 0 ? `${taken.join(', ')} alone` : 'none';
  throw new HelperError('OPTION_INVALID', `--${foreign}: expected of ${name} are ${expected}`);
}

/** Of a command that takes one. */
function onlyOperand(command: CommandRow, given: readonly string[]): string {
  const [operand = '', foreign] = given;
  if (operand !== '' && foreign === undefined) return operand;
  throw unexpected(command, given);
}

function showCommandOf(values: Values, source: string): ShowCommand {
  return {
    kind: 'show',
    source,
    isJson: values.isSet('json'),
    quiet: values.isSet('quiet'),
    options: {
      torrentDir: values.text('torrent-dir'),
      tracker: values.texts('tracker'),
      host: values.text('host'),
      listen: values.text('listen'),
      port: values.number('port'),
      noDht: values.isSet('no-dht'),
      giveUp: values.number('give-up'),
      stateDir: values.text('state-dir'),
    },
  };
}

function unexpected({ name, operands }: CommandRow, given: readonly string[]): HelperError {
  const what = [name, ...given].join(' ');
  return new HelperError('OPTION_INVALID', `${what}: expected ${name} ${operands}; see --help`);
}

function makeCommandOf(values: Values, command: CommandRow, paths: readonly string[]): MakeCommand {
  if (paths.length === 0 || paths.includes('')) throw unexpected(command, paths);
  return {
    kind: 'make',
    paths,
    isJson: values.isSet('json'),
    quiet: values.isSet('quiet'),
    options: {
      torrentDir: values.text('torrent-dir'),
      tracker: values.texts('tracker'),
      noTracker: values.isSet('no-tracker'),
      host: values.text('host'),
      trackerPort: values.number('tracker-port'),
      public: values.isSet('public'),
      stateDir: values.text('state-dir'),
    },
  };
}

function refuseOperands({ name }: CommandRow, [foreign]: readonly string[]): void {
  if (foreign === undefined) return;
  throw new HelperError('OPTION_INVALID', `${name} ${foreign}: expected options only`);
}

function shellOf(command: CommandRow, given: readonly string[]): Shell {
  const name = onlyOperand(command, given);
  const shell = shells.find((each) => each === name);
  if (shell === undefined) throw unexpected(command, given);
  return shell;
}

function trackerCommandOf(values: Values): TrackerCommand {
  return {
    kind: 'tracker',
    stopWith: stopWithOf(values.text('stop-with')),
    options: {
      host: values.text('host'),
      listen: values.text('listen'),
      port: values.number('port'),
    },
  };
}

function runCommandOf(values: Values, instructions: readonly string[]): RunCommand {
  const foreign = instructions.find((text) => !isInstruction(text));
  if (foreign !== undefined) throw notUnderstood(foreign, values);
  return {
    kind: 'run',
    output: outputOf(values),
    socket: socketOf(values),
    inspect: inspectOf(values.text('inspect')),
    record: pathOption('inspect-record', values.text('inspect-record')),
    quiet: values.isSet('quiet'),
    stopWith: stopWithOf(values.text('stop-with')),
    instructions,
    options: {
      torrentDir: values.text('torrent-dir'),
      downloadDir: values.text('download-dir'),
      tracker: values.texts('tracker'),
      noTracker: values.isSet('no-tracker'),
      host: values.text('host'),
      listen: values.text('listen'),
      port: values.number('port'),
      trackerPort: values.number('tracker-port'),
      public: values.isSet('public'),
      noDht: values.isSet('no-dht'),
      down: values.text('down'),
      up: values.text('up'),
      giveUp: values.number('give-up'),
      session: values.text('session'),
      stateDir: values.text('state-dir'),
      maxActive: values.number('max-active'),
      moveCompleted: values.text('move-completed'),
      onEof: onEofOf(values.text('on-eof') ?? 'finish'),
    },
  };
}

/** The value of an option that may have none stands behind a `=`, and is easily written without. */
function notUnderstood(word: string, values: Values): HelperError {
  if (!values.isSet('inspect') || !/^(?:\d+|stately)$/.test(word)) {
    return new HelperError('INSTRUCTION_INVALID', meantBy(word));
  }
  return new HelperError('OPTION_INVALID', `--inspect ${word}: expected --inspect=${word}`);
}
