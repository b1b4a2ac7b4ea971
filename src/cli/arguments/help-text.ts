// What --help writes: it fits a terminal of 100 columns.
import {
  type CommandName,
  type CommandRow,
  commandNamed,
  commandTable,
  optionsOf,
} from './command-table.js';
import { flagOf, type OptionRow, optionTable, questions } from './option-table.js';

const columns = 100;
const leftColumns = 28;

const instructions = [
  ['file:PATH', 'make a torrent of the file or folder, publish it, seed it from where it lies'],
  ['torrent:SOURCE', 'download and seed: an http(s) URL, a path, a magnet link or an info hash'],
  ['magnet:?…', 'the same, for a magnet link'],
  ['pause:ID  resume:ID', 'stop, and go on with, all transfer of a job'],
  ['move:ID:DIR', 'move the content of a job into the folder DIR, while it seeds'],
  ['verify:ID', 'read the content of a job again; a download fetches what is missing'],
  ['announce:ID', 'ask the trackers of a job now'],
  ['remove:ID', 'forget the job, keep the data'],
  ['delete:ID', 'forget a download and delete its data'],
  ['list:', 'write the last line of every live job again'],
  ['quit:', 'stop gracefully'],
] as const;

/** What `--help` writes. `of`: a command; undefined: the helper itself. */
export function helpText(of?: CommandName): string {
  const command = commandNamed(of);
  return command === undefined ? helperHelp() : commandHelp(command);
}

function helperHelp(): string {
  return `Usage: bittorrent-helper [options] [--] [instruction ...]
${commandTable.map((command) => `       ${usageOf(command)}`).join('\n')}
       bittorrent-helper --help | --version

Makes, publishes, fetches, downloads and seeds torrents for another program.
Instructions are taken from the arguments, then from stdin, one a line.
Progress goes to stdout as ID:FILE:PERCENT; -1: begun, 100: done, -2: failed.

Instructions:
${instructions.map(([given, meaning]) => row(given, meaning)).join('\n')}

Commands, each with a --help of its own:
${commandTable.map(({ name, operands, meaning }) => row(`${name} ${operands}`, meaning)).join('\n')}

Options:
${optionRows(optionTable)}

Exit codes: 0 all done; 1 internal error; 2 wrong usage; 3 a job failed;
4 told to stop with downloads unfinished or files not yet published;
5 stdout could not be written.
`;
}

function commandHelp(command: CommandRow): string {
  return `Usage: ${usageOf(command)}

${wrapped(command.explanation, columns).join('\n')}

Options:
${optionRows(optionsOf(command))}
`;
}

/** As it stands in the usage: `bittorrent-helper make [options] PATH`. */
export function usageOf({ name, operands }: CommandRow): string {
  return ['bittorrent-helper', name, '[options]', operands].join(' ').trimEnd();
}

function optionRows(options: readonly OptionRow[]): string {
  const rows = options.map((option) => {
    const { meaning, default: preset } = option;
    return row(flagOf(option), preset === undefined ? meaning : `${meaning} (default: ${preset})`);
  });
  const asking = questions.map(({ name, short, meaning }) => row(`-${short}, --${name}`, meaning));
  return [...rows, ...asking].join('\n');
}

function row(left: string, right: string): string {
  const [first = '', ...others] = wrapped(right, columns - leftColumns - 2);
  const indent = ' '.repeat(leftColumns + 2);
  const begun =
    left.length > leftColumns - 2
      ? [`  ${left}`, indent + first]
      : [`  ${left.padEnd(leftColumns)}${first}`];
  return [...begun, ...others.map((line) => indent + line)].join('\n');
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
