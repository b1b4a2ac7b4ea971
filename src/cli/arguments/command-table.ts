// Every command beside the helper itself, by its first word, and which options each takes. What is written of them is
// written from here, as is what may be given.
import { usualTrackerPort } from '../../tracker-protocol/announce-url.js';
import { type OptionRow, optionTable } from './option-table.js';

export type CommandName = 'make' | 'show' | 'watch' | 'inspect' | 'tracker' | 'completion' | 'man';

export const shells = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof shells)[number];

export interface CommandRow {
  readonly name: CommandName;
  /** What follows the name, as it stands in the usage; '': options only. */
  readonly operands: string;
  /** In a line, for a list of commands. */
  readonly meaning: string;
  /** What its own help says of it. */
  readonly explanation: string;
  /** The names of its options, with the meaning that one has here and not for the helper. */
  readonly options: Readonly<Record<string, OptionMeaning | undefined>>;
}

type OptionMeaning = Pick<OptionRow, 'meaning' | 'default'>;

export const commandTable: readonly CommandRow[] = [
  {
    name: 'make',
    operands: 'PATH...',
    meaning: 'write the .torrent of a file or folder, and end',
    explanation:
      'Writes the .torrent that a helper with these options would publish for file:PATH, and its path to stdout, a line each. Nothing is started: a helper, another client or `bittorrent-helper tracker` may serve it later.',
    options: {
      'torrent-dir': { meaning: 'where it is written', default: 'current directory' },
      tracker: {
        meaning: 'announce to this tracker (http, https, udp); repeatable',
        default: 'http and udp, HOST:PORT of the next two',
      },
      'no-tracker': { meaning: 'make a trackerless torrent; needs --public' },
      host: {
        meaning: 'the IP address that stands in the announce URL',
        default: '127.0.0.1',
      },
      'tracker-port': {
        meaning: 'the port that stands there',
        default: `${usualTrackerPort}`,
      },
      public: {
        meaning: 'it may be found by DHT and peer exchange too',
        default: 'it is private',
      },
      'state-dir': { meaning: 'where it is remembered what was hashed before' },
      json: { meaning: 'write a JSON object a line' },
      quiet: undefined,
    },
  },
  {
    name: 'show',
    operands: 'SOURCE',
    meaning: 'write what a torrent holds, without its content',
    explanation:
      'Writes what a torrent holds: name, sizes, files, hashes, trackers. SOURCE is a path, an http(s) URL, a magnet link or an info hash; for the last two the swarm is asked for the metadata, and for nothing else.',
    options: {
      'torrent-dir': {
        meaning: 'where a relative path is looked up',
        default: 'current directory',
      },
      tracker: {
        meaning: 'ask this tracker, too, for who has the torrent; repeatable',
        default: 'those of the magnet link',
      },
      host: undefined,
      listen: { meaning: 'where the peer port listens', default: 'the --host address' },
      port: undefined,
      'no-dht': undefined,
      'give-up': {
        meaning: 'fail with STALLED when it has not come after so long',
        default: '60',
      },
      'state-dir': { meaning: 'where compiled code is kept for the next start' },
      json: { meaning: 'write one JSON object' },
      quiet: undefined,
    },
  },
  {
    name: 'watch',
    operands: 'SOCKET',
    meaning: 'show in this terminal what a helper with --socket SOCKET does',
    explanation:
      'Shows what the helper does that was started with --socket SOCKET, until Ctrl-C or its end. It goes on as it did.',
    options: {},
  },
  {
    name: 'inspect',
    operands: 'FILE',
    meaning: 'show what a helper with --inspect-record FILE did',
    explanation:
      'Serves a page, to this machine alone, that shows what the helper did that was started with --inspect-record FILE, until Ctrl-C. Its URL is the one line on stdout. The helper may still run, or be one of another machine.',
    options: { port: { meaning: 'the port of the page', default: 'a free one' } },
  },
  {
    name: 'tracker',
    operands: '',
    meaning: 'run a tracker alone, HTTP and UDP, for any info hash',
    explanation:
      'Runs a tracker alone, HTTP and UDP on one port, for any info hash, until it is told to stop. Its announce URL is the one line on stdout, written when it is ready.',
    options: {
      host: {
        meaning: 'the IP address that stands in the announce URL',
        default: '127.0.0.1',
      },
      listen: { meaning: 'where it listens', default: 'the --host address' },
      port: { meaning: 'its port', default: `${usualTrackerPort}` },
      'stop-with': undefined,
    },
  },
  {
    name: 'completion',
    operands: shells.join('|'),
    meaning: 'write what makes a shell complete this command',
    explanation:
      'Writes a script that makes the shell complete options, commands, instructions and paths. In ~/.bashrc or ~/.zshrc: eval "$(bittorrent-helper completion bash)", or zsh; in config.fish: bittorrent-helper completion fish | source.',
    options: {},
  },
  {
    name: 'man',
    operands: '',
    meaning: 'write the manual page',
    explanation:
      'Writes the manual page, which `man bittorrent-helper` shows where the package is installed globally; else: bittorrent-helper man | man -l -',
    options: {},
  },
];

/** Undefined: the word is no command. */
export function commandNamed(word: string | undefined): CommandRow | undefined {
  return commandTable.find(({ name }) => name === word);
}

/** The options that it takes, with what they mean there, in the order of the options' own table. */
export function optionsOf({ options }: CommandRow): readonly OptionRow[] {
  return optionTable
    .filter(({ name }) => Object.hasOwn(options, name))
    .map((row) => ({ ...row, ...options[row.name] }));
}
