// Whether a terminal has colours and more than ASCII, by what it and its user's environment say.
import type { Look } from './frame/look.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Colourful {
  /** What Node makes of the terminal's name. */
  hasColors?(): boolean;
}

export function terminalLook(output: Colourful, env: Environment): Look {
  return { hasColours: hasColours(output, env), hasSymbols: hasSymbols(env) };
}

/** NO_COLOR, set to anything, goes before all else: https://no-color.org */
function hasColours(output: Colourful, env: Environment): boolean {
  const { NO_COLOR = '', FORCE_COLOR, TERM = '' } = env;
  if (NO_COLOR !== '' || FORCE_COLOR === '0' || FORCE_COLOR === 'false') return false;
  // Node takes them for colourful.
  if (/^vt\d|-m$|-mono$/.test(TERM)) return false;
  return output.hasColors?.() ?? false;
}

/** The console of Linux has few characters. Windows says nothing; what does there has them. */
function hasSymbols({ LC_ALL, LC_CTYPE, LANG, TERM, WT_SESSION, TERM_PROGRAM }: Environment) {
  if (TERM === 'linux') return false;
  const locale = LC_ALL || LC_CTYPE || LANG || '';
  return /utf-?8/i.test(locale) || WT_SESSION !== undefined || TERM_PROGRAM === 'vscode';
}
