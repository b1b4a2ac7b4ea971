// What --help writes: it fits a terminal of 100 columns.
import {
  type CommandName,
  type CommandRow,
  commandNamed,
  commandTable,
  optionsOf,
} from './command-table.js';
import { flagOf, type OptionRow, optionTable, questions } from './option-table.js';
import { exitCodeTable, instructionTable } from './told-tables.js';

const columns = 100;
const leftColumns = 28;

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
${instructionTable.map(([given, meaning]) => row(given, meaning)).join('\n')}

Commands, each with a --help of its own:
${commandTable.map(({ name, operands, meaning }) => row(`${name} ${operands}`, meaning)).join('\n')}

Options:
${optionRows(optionTable)}

Exit codes:
${exitCodeTable.map(([code, meaning]) => row(`${code}`, meaning)).join('\n')}
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
export function usageOf({ name, operands, options }: CommandRow): string {
  const some = Object.keys(options).length > 0 ? ['[options]'] : [];
  return ['bittorrent-helper', name, ...some, operands].join(' ').trimEnd();
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

/** The words of a text, in lines of at most so many characters. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
