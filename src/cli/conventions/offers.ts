// What may stand in a place of the command line, as far as its name in the tables tells.
import type { CommandRow } from '../arguments/command-table.js';
import type { OptionRow } from '../arguments/option-table.js';

export type Offer =
  | { readonly kind: 'folders' | 'files' | 'nothing' }
  | { readonly kind: 'words'; readonly words: readonly string[] };

/** Of an option that takes a value; undefined: it takes none. */
export function valueOffer({ value }: OptionRow): Offer | undefined {
  return value === undefined ? undefined : offerOf(value);
}

export function operandOffer({ operands }: CommandRow): Offer {
  return offerOf(operands);
}

function offerOf(name: string): Offer {
  if (name === 'DIR') return { kind: 'folders' };
  if (/^(?:PATH|SOURCE|SOCKET|FILE)\b/.test(name)) return { kind: 'files' };
  // What is to be written as it stands is in small letters.
  const words = name.split('|').filter((word) => /^[a-z]+$/.test(word));
  return words.length > 0 ? { kind: 'words', words } : { kind: 'nothing' };
}

/** For bash and zsh, which take a quote out of the quotes. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
