// The manual page, man(7) in roff, by the tables. The README is the whole of it; here is what is looked up while typing.
import { commandTable, optionsOf } from '../arguments/command-table.js';
import { usageOf, wrapped } from '../arguments/help-text.js';
import { flagOf, type OptionRow, optionTable, questions } from '../arguments/option-table.js';
import { exitCodeTable, instructionTable } from '../arguments/told-tables.js';

const description =
  'A helper process that another program drives over pipes. The parent writes one instruction a line on stdin, and the helper writes one line a change on stdout. Instructions that are given as arguments are carried out first; then stdin is read, unless it is a terminal and instructions were given.';

const progress =
  'A line of stdout is ID:FILE:PERCENT: -1 where a job begins, whole percents, 100 when it is done and safe on disk, or published; -2 where it failed for good, and stderr says why. Jobs are numbered 1, 2, 3 in the order of their lines.';

const seeAlso =
  'The README of the package says it all: the lines, the codes of errors, sessions, the JSON dialect, the library.';

export function manualPage(version: string): string {
  return `.\\" Written by bittorrent-helper man.
.TH BITTORRENT\\-HELPER 1 "" "bittorrent\\-helper ${roff(version)}" "User Commands"
.SH NAME
bittorrent\\-helper \\- make, publish, download and seed torrents for another program
.SH SYNOPSIS
.nf
${['bittorrent-helper [options] [--] [instruction ...]', ...commandTable.map(usageOf)].map(roff).join('\n')}
.fi
.SH DESCRIPTION
${roff(description)}
.PP
${roff(progress)}
.SH INSTRUCTIONS
${instructionTable.map(([form, meaning]) => entry(form, meaning)).join('\n')}
.SH OPTIONS
${optionEntries(optionTable)}
.SH COMMANDS
${commandTable.map(commandSection).join('\n')}
.SH EXIT STATUS
${exitCodeTable.map(([code, meaning]) => entry(`${code}`, meaning)).join('\n')}
.SH SEE ALSO
${roff(seeAlso)}
`;
}

function commandSection(command: (typeof commandTable)[number]): string {
  const options = optionsOf(command);
  return `.SS ${roff(usageOf(command))}
${roff(command.explanation)}
${options.length > 0 ? optionEntries(options) : ''}`.trimEnd();
}

function optionEntries(options: readonly OptionRow[]): string {
  const entries = options.map((option) => {
    const { meaning, default: preset } = option;
    return entry(
      flagOf(option),
      preset === undefined ? meaning : `${meaning} (default: ${preset})`,
    );
  });
  const asking = questions.map(({ name, short, meaning }) =>
    entry(`-${short}, --${name}`, meaning),
  );
  return [...entries, ...asking].join('\n');
}

function entry(what: string, meaning: string): string {
  return `.TP\n.B ${roff(what)}\n${roff(meaning)}`;
}

/** So long may a line of the source be, as roff has it. */
const columns = 78;

/** Text as it stands: no line of it is a request, and a hyphen can be searched for and copied. */
function roff(text: string): string {
  return wrapped(text, columns)
    .map((line) =>
      line
        .replaceAll('\\', '\\e')
        .replaceAll('-', '\\-')
        .replaceAll('…', '...')
        .replaceAll('’', "'")
        .replace(/^[.']/, '\\&$&'),
    )
    .join('\n');
}
