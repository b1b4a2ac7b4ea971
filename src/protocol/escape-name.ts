// Names as they stand in a line: control characters and the backslash written as in a C string, so that no name can
// end a line or begin another, whichever characters the reader takes for line ends. Python's str.splitlines, for one,
// also splits at U+0085, U+2028 and U+2029. What cannot be written as UTF-8, a lone surrogate, is escaped as well.

// C0 and DEL, C1, the backslash, the two Unicode separators, and surrogates that are not half of a pair.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const unsafe = /[\u0000-\u001f\u007f-\u009f\\\u2028\u2029]|\p{Cs}/gu;
/** What turns the text around it, or is not seen: the marks and overrides of direction, zero-width space, byte order mark. */
const hidden = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
const escaped = /\\(?:([\\nrt])|x([0-9a-f]{2})|u([0-9a-f]{4}))/g;

const letterOf: ReadonlyMap<string, string> = new Map([
  ['\\', '\\'],
  ['\n', 'n'],
  ['\r', 'r'],
  ['\t', 't'],
]);
const characterOf: ReadonlyMap<string, string> = new Map(
  [...letterOf].map(([character, letter]) => [letter, character]),
);

/**
 * Escapes a name for a line of progress or diagnostics: `\\`, `\n`, `\r`, `\t`, `\x` with exactly two hex digits for
 * the other characters up to U+009F, and `\u` with exactly four for the rest. Any text survives the way there and back.
 */
export function escapeName(text: string): string {
  return text.replace(unsafe, (character) => {
    const letter = letterOf.get(character);
    if (letter !== undefined) return `\\${letter}`;
    const hex = character.charCodeAt(0).toString(16);
    return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
  });
}

/**
 * Escapes what a person reads in a terminal: as `escapeName`, and whatever would make it look like something else. The
 * joiners (U+200C, U+200D) are part of words and emoji, and stay.
 */
export function escapeForTerminal(text: string): string {
  return escapeName(text).replace(
    hidden,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The name that was escaped. A backslash that begins none of our escapes is left as it stands. */
export function unescapeName(text: string): string {
  return text.replace(escaped, (whole, letter?: string, byte?: string, unit?: string) => {
    if (letter !== undefined) return characterOf.get(letter) ?? whole;
    return String.fromCharCode(Number.parseInt(byte ?? unit ?? '', 16));
  });
}
