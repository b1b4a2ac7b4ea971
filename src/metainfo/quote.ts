// Shows text that came from elsewhere inside a message: in quotes, short, and without anything that could end a line.

const maxShownLength = 120;

/** `text` in single quotes, control characters as `\x0a`, cut when long. For people: it cannot be read back. */
export function quote(text: string): string {
  const isLong = text.length > maxShownLength;
  const shown = isLong ? `${text.slice(0, maxShownLength)}…` : text;
  return `'${shown.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, escapeCharacter)}'`;
}

/** Bytes that need not be UTF-8; what is none shows as U+FFFD. */
export function quoteBytes(bytes: Uint8Array): string {
  return quote(new TextDecoder().decode(bytes.subarray(0, 4 * maxShownLength)));
}

function escapeCharacter(character: string): string {
  const hex = character.charCodeAt(0).toString(16);
  return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex}`;
}
