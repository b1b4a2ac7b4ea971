// Every option of the command line. The help, the manual page, the completions and the README are written from it, and
// what may be given is read by it. Which of them a command takes is said in command-table.ts.

export interface OptionRow {
  readonly name: string;
  /** What stands for the value; none: the option is a switch. */
  readonly value?: string;
  /**
   * What may stand behind a `=`, `--name[=value]`, and nowhere else: words as they stand, the first of which is meant where nothing
   * does; or, in capitals, what stands for a value that is read elsewhere, and is '' where nothing does.
   */
  readonly optionalValue?: string;
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
    default: '200 at work, and any number that seed or are paused',
  },
  {
    name: 'move-completed',
    value: 'DIR',
    meaning: 'move the data there at 100, and seed on from there',
    default: 'none',
  },
  {
    name: 'json',
    optionalValue: '1',
    meaning: 'speak the JSON dialect on stdout; stdin is understood in both',
    default: 'lines',
  },
  {
    name: 'socket',
    value: 'PATH',
    meaning: 'let others watch by the JSON dialect over this socket',
    default: 'none',
  },
  { name: 'socket-control', meaning: 'let them give instructions, too; needs --socket' },
  {
    name: 'lines',
    meaning: 'write lines to a terminal, too, where instructions are arguments',
    default: 'a live view there',
  },
  {
    name: 'stop-with',
    value: 'PID|parent',
    meaning: 'stop gracefully when that process has ended; parent: the one that started the helper',
    default: 'go on',
  },
  {
    name: 'inspect',
    optionalValue: 'PORT|stately',
    meaning:
      "serve a page, to this machine alone, that shows what the machines do; stately: Stately's inspector instead",
    default: 'no page; a free port',
  },
  {
    name: 'inspect-record',
    value: 'FILE',
    meaning: 'write down what the machines do, for bittorrent-helper inspect FILE',
    default: 'none',
  },
  { name: 'quiet', meaning: 'nothing on stderr but errors' },
];

/** What a command may be asked instead of being carried out. */
export const questions = [
  { name: 'help', short: 'h', meaning: 'write this' },
  { name: 'version', short: 'V', meaning: 'write the version' },
] as const;

/** How it is given: `--port PORT`. */
export function flagOf({ name, value, optionalValue }: OptionRow): string {
  if (optionalValue !== undefined) return `--${name}[=${optionalValue}]`;
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}
