import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeForTerminal, escapeName, unescapeName } from '../../../src/protocol/escape-name.js';
import { splitLines } from '../../support/stdio/split-lines.js';

// What is escaped, what escapes are made of, and what must be left alone.
const treacherous = fc.constantFrom(
  ...'\n\r\t\0\x1b\x7f\x85\x9f\u2028\u2029\\xnu1b28: é🧲',
  '\ud800',
  '\udfff',
);
const name = fc.oneof(
  fc.array(treacherous).map((parts) => parts.join('')),
  fc.string({ unit: 'binary' }),
);

describe('escapeName', () => {
  it('writes control characters and the backslash as a C string does', () => {
    expect(escapeName('a\nb\rc\td\\e\x1b[2J\x00\x7f\x85')).toBe(
      'a\\nb\\rc\\td\\\\e\\x1b[2J\\x00\\x7f\\x85',
    );
  });

  it('writes the Unicode separators and lone surrogates with four digits', () => {
    expect(escapeName('a\u2028b\u2029c\ud800d\udc00')).toBe('a\\u2028b\\u2029c\\ud800d\\udc00');
  });

  it('leaves spaces, colons, and every other script as they stand', () => {
    expect(escapeName('été: 雪 🧲 "x"')).toBe('été: 雪 🧲 "x"');
  });

  it('never lets a name end a line, whatever the reader splits at', () => {
    fc.assert(fc.property(name, (text) => splitLines(escapeName(text)).length === 1));
  });

  it('gives text that survives UTF-8', () => {
    fc.assert(
      fc.property(name, (text) => {
        const escaped = escapeName(text);
        expect(Buffer.from(escaped, 'utf8').toString('utf8')).toBe(escaped);
      }),
    );
  });
});

describe('escapeForTerminal', () => {
  const turning =
    '\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff';

  it('writes what turns or hides text with four digits, which stand as they are in a name', () => {
    for (const character of turning) {
      const digits = character.charCodeAt(0).toString(16).padStart(4, '0');
      expect(escapeForTerminal(`a${character}b`)).toBe(`a\\u${digits}b`);
      expect(escapeName(character)).toBe(character);
    }
  });

  it('leaves the joiners, and right-to-left scripts, as they stand', () => {
    const text = 'می\u200cخواهم 👩\u200d💻 שלום';
    expect(escapeForTerminal(text)).toBe(text);
  });

  it('gives what is unescaped to the same text again', () => {
    const any = fc.oneof(
      name,
      fc.array(fc.constantFrom(...turning, '\\', 'u')).map((all) => all.join('')),
    );
    fc.assert(fc.property(any, (text) => unescapeName(escapeForTerminal(text)) === text));
  });
});

describe('unescapeName', () => {
  it('gives back any name that was escaped', () => {
    fc.assert(fc.property(name, (text) => unescapeName(escapeName(text)) === text));
  });

  it('leaves a backslash that begins no escape as it stands', () => {
    expect(unescapeName('a\\q\\x1\\u12\\')).toBe('a\\q\\x1\\u12\\');
  });
});
