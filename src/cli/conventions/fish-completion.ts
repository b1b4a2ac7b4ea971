// Completion for fish: one `complete` for each thing that may be offered, and when.
import { type CommandRow, commandTable, optionsOf } from '../arguments/command-table.js';
import { type OptionRow, optionTable, questions } from '../arguments/option-table.js';
import { instructionTable } from '../arguments/told-tables.js';
import { type Offer, operandOffer, valueOffer } from './offers.js';

export function fishCompletion(): string {
  const names = commandTable.map(({ name }) => name).join(' ');
  const ofHelper = `not __fish_seen_subcommand_from ${names}`;
  const lines = [
    complete({ condition: '', rest: '-f' }),
    ...questions.map(({ name, short, meaning }) =>
      complete({ condition: '', rest: `-s ${short} -l ${name}`, meaning }),
    ),
    ...commandTable.map(({ name, meaning }) =>
      complete({ condition: '__fish_use_subcommand', rest: `-a ${name}`, meaning }),
    ),
    ...instructionTable.map(([form, meaning]) =>
      complete({ condition: ofHelper, rest: `-a ${form.replace(/:.*/, ':')}`, meaning }),
    ),
    ...['file', 'torrent'].map((prefix) =>
      complete({
        condition: `${ofHelper}; and string match -q "${prefix}:*" -- (commandline -ct)`,
        rest: `-a '(__fish_complete_path (string replace "${prefix}:" "" -- (commandline -ct)) | string replace -r "^" ${prefix}:)'`,
      }),
    ),
    ...optionTable.map((option) => optionLine(option, ofHelper)),
    ...commandTable.flatMap(commandLines),
  ];
  return `# What fish completes of bittorrent-helper. In ~/.config/fish/config.fish:
#     bittorrent-helper completion fish | source
${lines.join('\n')}
`;
}

function commandLines(command: CommandRow): readonly string[] {
  const condition = `__fish_seen_subcommand_from ${command.name}`;
  const operands = offering(operandOffer(command));
  return [
    ...(operands === '' ? [] : [complete({ condition, rest: operands.trim() })]),
    ...optionsOf(command).map((option) => optionLine(option, condition)),
  ];
}

function optionLine(option: OptionRow, condition: string): string {
  const offer = valueOffer(option);
  const value = offer === undefined ? '' : ` -x${offering(offer)}`;
  return complete({ condition, rest: `-l ${option.name}${value}`, meaning: option.meaning });
}

function offering(offer: Offer): string {
  switch (offer.kind) {
    case 'folders':
      return " -a '(__fish_complete_directories)'";
    case 'files':
      return " -a '(__fish_complete_path)'";
    case 'words':
      return ` -a '${offer.words.join(' ')}'`;
    case 'nothing':
      return '';
  }
}

interface Line {
  /** A command of fish that tells whether it is offered; '': always. */
  readonly condition: string;
  readonly rest: string;
  readonly meaning?: string;
}

function complete({ condition, rest, meaning }: Line): string {
  return [
    'complete -c bittorrent-helper',
    ...(condition === '' ? [] : [`-n '${condition}'`]),
    rest,
    ...(meaning === undefined ? [] : [`-d '${meaning.replaceAll(/[\\']/g, '\\$&')}'`]),
  ].join(' ');
}
