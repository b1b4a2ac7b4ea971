// The command line to options. One table tells every option; the help text and the README are written from it.
import { parseArgs } from 'node:util';
import { HelperError } from '../errors.js';
import type { HelperOptions, OnEof } from '../options/resolve-options.js';

export interface OptionRow {
  readonly name: string;
  /** What stands for the value; none: the option is a switch. */
  readonly value?: string;
  readonly meaning: string;
  readonly default?: string;
}

export const optionTable: readonly OptionRow[] = [
  {
    name: 'torrent-dir',
    value: 'DIR',
    meaning:
      'where made .torrent files are written, and where a relative torrent:NAME is looked up',
    default: 'current directory',
  },
  {
    name: 'download-dir',
    value: 'DIR',
    meaning: 'where content is downloaded to',
    default: 'current directory',
  },
  {
    name: 'tracker',
    value: 'URL',
    meaning: 'announce to this tracker (http, https, udp); repeatable',
    default: 'the embedded tracker',
  },
  { name: 'no-tracker', meaning: 'make trackerless torrents, start no tracker; needs --public' },
  {
    name: 'host',
    value: 'ADDRESS',
    meaning:
      'the IP address by which peers reach this machine: it stands in the announce URL, and announces carry it',
    default: '127.0.0.1',
  },
  {
    name: 'listen',
    value: 'ADDRESS',
    meaning: 'where peer port and embedded tracker listen (behind NAT or in a container)',
    default: 'the --host address',
  },
  { name: 'port', value: 'PORT', meaning: 'peer port', default: 'a free one' },
  {
    name: 'tracker-port',
    value: 'PORT',
    meaning: 'port of the embedded tracker',
    default: '6969, or the next free one',
  },
  {
    name: 'public',
    meaning: 'what is made here may be found by DHT and peer exchange too',
    default: 'made torrents are private',
  },
  { name: 'no-dht', meaning: 'never use the DHT' },
  {
    name: 'down',
    value: 'RATE',
    meaning: 'download limit for all torrents together: bytes a second, or 500K, 2M',
    default: 'none',
  },
  { name: 'up', value: 'RATE', meaning: 'upload limit, likewise', default: 'none' },
  {
    name: 'give-up',
    value: 'SECONDS',
    meaning: 'a download that makes no progress for so long fails with STALLED',
    default: 'never',
  },
  {
    name: 'on-eof',
    value: 'finish|stop|seed',
    meaning:
      'when stdin ends: finish downloads and go on seeding files; stop; or keep everything seeding',
    default: 'finish',
  },
  {
    name: 'session',
    value: 'NAME',
    meaning: 'keep the jobs under this name: the next helper with it goes on with them',
    default: 'none',
  },
  {
    name: 'state-dir',
    value: 'DIR',
    meaning: 'where sessions and resume information lie',
    default: "the platform's state directory",
  },
  {
    name: 'max-active',
    value: 'N',
    meaning: 'so many jobs live in the engine, the rest are queued in order',
    default: '200',
  },
  {
    name: 'move-completed',
    value: 'DIR',
    meaning: 'move the data there at 100, and seed on from there',
    default: 'none',
  },
  { name: 'inspect', meaning: "let Stately's inspector watch the machines (loopback only)" },
  { name: 'quiet', meaning: 'nothing on stderr but errors' },
];

export interface RunCommand {
  readonly kind: 'run';
  readonly options: HelperOptions & { readonly onEof: OnEof };
  readonly inspect: boolean;
  readonly quiet: boolean;
  readonly instructions: readonly string[];
}

export interface TrackerCommand {
  readonly kind: 'tracker';
  readonly options: Pick<HelperOptions, 'host' | 'listen' | 'port'>;
}

export type ParsedCommand = RunCommand | TrackerCommand | { readonly kind: 'help' | 'version' };

const trackerOptions = ['host', 'listen', 'port'];

/** Throws OPTION_INVALID, with a sentence that names the option and what was expected. */
export function parseArguments(args: readonly string[]): ParsedCommand {
  return args[0] === 'tracker' ? parseTracker(args.slice(1)) : parseRun(args);
}

function parseTracker(args: readonly string[]): ParsedCommand {
  const rows = optionTable.filter(({ name }) => trackerOptions.includes(name));
  const { values, positionals } = parse(args, rows);
  if (values.isSet('help')) return { kind: 'help' };
  if (positionals[0] !== undefined) {
    throw new HelperError('OPTION_INVALID', `tracker ${positionals[0]}: expected options only`);
  }
  return {
    kind: 'tracker',
    options: {
      host: values.text('host'),
      listen: values.text('listen'),
      port: values.number('port'),
    },
  };
}

function parseRun(args: readonly string[]): ParsedCommand {
  const { values, positionals } = parse(args, optionTable);
  if (values.isSet('help')) return { kind: 'help' };
  if (values.isSet('version')) return { kind: 'version' };
  return {
    kind: 'run',
    inspect: values.isSet('inspect'),
    quiet: values.isSet('quiet'),
    instructions: positionals,
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

function parse(args: readonly string[], rows: readonly OptionRow[]) {
  const given = parseGiven(args, rows);
  return { values: readValues(given.values), positionals: given.positionals };
}

function parseGiven(args: readonly string[], rows: readonly OptionRow[]) {
  const known = rows.map(({ name, value }) => [
    name,
    { type: value === undefined ? 'boolean' : 'string', multiple: true } as const,
  ]);
  const asking = ['help', 'version'].map((name) => [
    name,
    { type: 'boolean', multiple: true } as const,
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
