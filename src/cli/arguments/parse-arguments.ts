// The command line to options. What is wrong with it is told in one sentence, before anything is started.
import { parseArgs } from 'node:util';
import { HelperError } from '../../errors.js';
import type { HelperOptions, OnEof } from '../../options/resolve-options.js';
import { isInstruction, meantBy } from './meant-by.js';
import { optionTable, questions, trackerOptions } from './option-table.js';

/** A process by its number, or whoever started this one. */
export type StopWith = number | 'parent';

export interface RunCommand {
  readonly kind: 'run';
  readonly options: HelperOptions & { readonly onEof: OnEof };
  readonly inspect: boolean;
  readonly quiet: boolean;
  readonly stopWith: StopWith | undefined;
  readonly instructions: readonly string[];
}

export interface TrackerCommand {
  readonly kind: 'tracker';
  readonly options: Pick<HelperOptions, 'host' | 'listen' | 'port'>;
  readonly stopWith: StopWith | undefined;
}

export type ParsedCommand = RunCommand | TrackerCommand | { readonly kind: 'help' | 'version' };

/** Throws OPTION_INVALID or INSTRUCTION_INVALID, with a sentence that names the argument and what was expected. */
export function parseArguments(args: readonly string[]): ParsedCommand {
  const given = parseGiven(args);
  const values = readValues(given.values);
  for (const { name } of questions) {
    if (values.isSet(name)) return { kind: name };
  }
  const [first, ...others] = given.positionals;
  if (first !== 'tracker') return runCommandOf(values, given.positionals);
  const foreign = Object.keys(given.values).find((name) => !trackerOptions.has(name));
  if (foreign !== undefined) {
    const taken = [...trackerOptions].map((name) => `--${name}`).join(', ');
    throw new HelperError('OPTION_INVALID', `--${foreign}: expected of tracker are ${taken} alone`);
  }
  if (others[0] !== undefined) {
    throw new HelperError('OPTION_INVALID', `tracker ${others[0]}: expected options only`);
  }
  return trackerCommandOf(values);
}

function trackerCommandOf(values: Values): TrackerCommand {
  return {
    kind: 'tracker',
    stopWith: stopWith(values.text('stop-with')),
    options: {
      host: values.text('host'),
      listen: values.text('listen'),
      port: values.number('port'),
    },
  };
}

function runCommandOf(values: Values, instructions: readonly string[]): RunCommand {
  const foreign = instructions.find((text) => !isInstruction(text));
  if (foreign !== undefined) throw new HelperError('INSTRUCTION_INVALID', meantBy(foreign));
  return {
    kind: 'run',
    inspect: values.isSet('inspect'),
    quiet: values.isSet('quiet'),
    stopWith: stopWith(values.text('stop-with')),
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
      onEof: onEof(values.text('on-eof') ?? 'finish'),
    },
  };
}

function parseGiven(args: readonly string[]) {
  const known = optionTable.map(({ name, value }) => [
    name,
    { type: value === undefined ? 'boolean' : 'string', multiple: true } as const,
  ]);
  const asking = questions.map(({ name, short }) => [
    name,
    { type: 'boolean', short, multiple: true } as const,
  ]);
  try {
    return parseArgs({
      args: [...args],
      options: Object.fromEntries([...known, ...asking]),
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    // The first sentence names the option; what follows explains Node's own rules.
    const reason = error instanceof Error ? error.message.split(/\. |\n/)[0] : String(error);
    throw new HelperError('OPTION_INVALID', `${reason}; see --help`);
  }
}

type GivenValues = ReturnType<typeof parseArgs>['values'];
type Values = ReturnType<typeof readValues>;

/** Typed access to what was given. An option given twice means its last value. */
function readValues(given: GivenValues) {
  const texts = (name: string) =>
    [given[name] ?? []].flat().filter((value): value is string => typeof value === 'string');
  const text = (name: string) => texts(name).at(-1);
  return {
    texts,
    text,
    isSet: (name: string) => given[name] !== undefined,
    number: (name: string) => {
      const value = text(name);
      if (value === undefined) return undefined;
      if (!/^\d+(\.\d+)?$/.test(value)) {
        throw new HelperError('OPTION_INVALID', `--${name} ${value}: expected a number`);
      }
      return Number(value);
    },
  };
}

function onEof(value: string): OnEof {
  if (value === 'finish' || value === 'stop' || value === 'seed') return value;
  throw new HelperError('OPTION_INVALID', `--on-eof ${value}: expected finish, stop or seed`);
}

function stopWith(value: string | undefined): StopWith | undefined {
  if (value === undefined || value === 'parent') return value;
  const id = Number(value);
  if (/^[1-9]\d*$/.test(value) && id <= maxProcessId) return id;
  throw new HelperError(
    'OPTION_INVALID',
    `--stop-with ${value}: expected the id of a process, or parent`,
  );
}

/** What kill(2) takes: a signed integer of 32 bits. */
const maxProcessId = 0x7fff_ffff;
