// What a command that ends by itself has of its process, and how it writes what programs read.
import type { HelperError } from '../../errors.js';

export interface CommandContext {
  /** It is told to stop. */
  readonly signal: AbortSignal;
  /** Says something to people, in one line. */
  readonly tell: (line: string) => void;
  /** One of what was asked for has failed; the rest is done all the same. */
  readonly fail: (error: HelperError) => void;
}

/** What a terminal would obey or not show: JSON leaves it as it is. */
const unshown = /[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** JSON that may be written to a terminal: the same value, with more of its characters escaped. */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replace(
    unshown,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
