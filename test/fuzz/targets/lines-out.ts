// What a parent reads: a hostile name must not forge a line of progress or of diagnostics, nor get lost on the way.
import type { Diagnostic } from '../../../machines/types.js';
import { quote } from '../../../src/metainfo/quote.js';
import { diagnosticLine } from '../../../src/protocol/diagnostic-line.js';
import { escapeName, unescapeName } from '../../../src/protocol/escape-name.js';
import { progressLine, readProgressLine } from '../../../src/protocol/progress-line.js';
import { mutateBytes } from '../mutate/mutate-bytes.js';
import { check, pure, type Target } from '../target.js';

const samples = [
  'model.bin',
  'a:b c\\n\n2:forged:100\n',
  '\\x0a\\u2028\\\\\\',
  '\u0085\u2028\u2029\u007f\u009f\u001b[2J\r\t',
  '\ud800x\udfff\ud83c\udf44',
  '1:x:100\r\n',
  'a'.repeat(300),
];

/** Whatever some reader may take for the end of a line (Python's str.splitlines takes them all). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const lineEnds = /[\n\v\f\r\u001c-\u001e\u0085\u2028\u2029]/;

const turnsOrHides = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/;

export const linesOut: Target = {
  name: 'lines-out',
  about: 'names in lines of progress and diagnostics',
  samples: () => samples.map((text) => Buffer.from(text, 'utf16le')),
  mutate: mutateBytes([
    '\\\0x\0',
    '\\\0u\0',
    '\n\0',
    '\x28\x20',
    '\x2e\x20',
    '\x66\x20',
    '\0\xd8',
    '\0\xdc',
    ':\0',
    '9\0',
  ]),
  open: pure((bytes) => {
    const name = Buffer.from(bytes).toString('utf16le');
    const escaped = escapeName(name);
    check(!lineEnds.test(escaped), () => 'an escaped name ends a line');
    check(
      !/\p{Cc}|\p{Cs}/u.test(escaped),
      () => 'an escaped name has characters that it must not have',
    );
    check(unescapeName(escaped) === name, () => 'unescaping gives another name');
    check(Buffer.from(escaped).toString() === escaped, () => 'an escaped name is not UTF-8');
    const progress = {
      id: 1 + (bytes.length % 1000),
      file: name,
      percent: (bytes.length % 103) - 2,
    };
    const line = progressLine(progress);
    checkOneLine(line);
    const read = readProgressLine(line);
    check(
      read?.id === progress.id && read.file === name && read.percent === progress.percent,
      () => 'a line of progress reads back as another',
    );
    for (const diagnostic of diagnosticsWith(name)) {
      const told = diagnosticLine(diagnostic);
      checkOneLine(told);
      check(!turnsOrHides.test(told), () => 'a diagnostic looks like another');
    }
    check(!lineEnds.test(quote(name)), () => 'a quoted name ends a line');
    // As a parent would: lines that are no lines of ours.
    readProgressLine(name);
    unescapeName(name);
  }),
};

function checkOneLine(line: string): void {
  check(line.endsWith('\n') && !lineEnds.test(line.slice(0, -1)), () => 'a line is not one line');
}

function diagnosticsWith(name: string): readonly Diagnostic[] {
  const failure = { code: 'INTERNAL', message: name } as const;
  return [
    { kind: 'not-understood', line: name },
    { kind: 'failed', id: 1, file: name, failure },
    { kind: 'warning', id: 1, file: name, failure },
    { kind: 'refused', failure },
    { kind: 'done', id: 1, file: name, contentPath: name },
    {
      kind: 'published',
      id: 1,
      file: name,
      torrentFile: name,
      infoHash: '',
      magnetUri: name,
    },
  ];
}
