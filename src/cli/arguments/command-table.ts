// Every command beside the helper itself, by its first word, and which options each takes. What is written of them is
// written from here, as is what may be given.
import { type OptionRow, optionTable } from './option-table.js';

export type CommandName = 'watch' | 'tracker';

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
    name: 'watch',
    operands: 'SOCKET',
    meaning: 'show in this terminal what a helper with --socket SOCKET does',
    explanation:
      'Shows what the helper does that was started with --socket SOCKET, until Ctrl-C or its end. It goes on as it did.',
    options: {},
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
      port: { meaning: 'its port', default: '6969' },
      'stop-with': undefined,
    },
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
