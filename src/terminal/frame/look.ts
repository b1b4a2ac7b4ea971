// What a terminal can show: colours or none, and the characters of bars and arrows, which not every one has.

export type Tone = 'good' | 'bad' | 'careful' | 'quiet' | 'busy';

export interface Look {
  readonly hasColours: boolean;
  /** Whether it shows more than ASCII. */
  readonly hasSymbols: boolean;
}

/** SGR: of the sixteen colours, since those are the user's own. */
const codes: Readonly<Record<Tone, number>> = {
  good: 32,
  bad: 31,
  careful: 33,
  quiet: 2,
  busy: 36,
};

export function paint({ hasColours }: Look, tone: Tone, text: string): string {
  return hasColours && text !== '' ? `\x1b[${codes[tone]}m${text}\x1b[0m` : text;
}

export interface Symbols {
  readonly ellipsis: string;
  readonly down: string;
  readonly up: string;
  readonly between: string;
  readonly full: string;
  readonly empty: string;
}

const plain: Symbols = {
  ellipsis: '...',
  down: 'v',
  up: '^',
  between: ' | ',
  full: '#',
  empty: '.',
};
const fine: Symbols = {
  ellipsis: '…',
  down: '↓',
  up: '↑',
  between: ' · ',
  full: '█',
  empty: '░',
};

export function symbolsOf({ hasSymbols }: Look): Symbols {
  return hasSymbols ? fine : plain;
}
