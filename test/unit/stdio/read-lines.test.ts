import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputLine } from '../../../machines/types.js';
import { readBatches, readLines, type UnsupportedInput } from '../../../src/stdio/read-lines.js';

type Read = InputLine | UnsupportedInput;

async function linesOf(chunks: Iterable<Uint8Array>, limitBytes?: number): Promise<Read[]> {
  const lines: Read[] = [];
  for await (const line of readLines(Readable.from(chunks), limitBytes)) lines.push(line);
  return lines;
}

const bytes = (text: string) => Buffer.from(text, 'utf8');
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const text = (line: string, ended = true) => ({ kind: 'text', text: line, ended });

describe('readLines', () => {
  it('takes LF and CRLF for line ends, and nothing else', async () => {
    expect(await linesOf([bytes('a\nb\r\nc\rd\r\r\n\u2028e\u0085f\x0bg\n')])).toEqual([
      text('a'),
      text('b'),
      text('c\rd\r'),
      text('\u2028e\u0085f\x0bg'),
    ]);
  });

  it('hands out empty lines', async () => {
    expect(await linesOf([bytes('\n\r\n')])).toEqual([text(''), text('')]);
  });

  it('tells a last line that has no line end', async () => {
    expect(await linesOf([bytes('a\nb')])).toEqual([text('a'), text('b', false)]);
    expect(await linesOf([bytes('a\r')])).toEqual([text('a\r', false)]);
  });

  it('finds no line in empty input', async () => {
    expect(await linesOf([])).toEqual([]);
    expect(await linesOf([new Uint8Array(), new Uint8Array()])).toEqual([]);
  });

  it('takes the byte order mark away that the input begins with, and no other', async () => {
    expect(await linesOf([bytes('\ufeffa\n\ufeffb\n')])).toEqual([text('a'), text('\ufeffb')]);
    expect(await linesOf([bytes('\ufeff\ufeffa\n')])).toEqual([text('\ufeffa')]);
    expect(await linesOf([bytes('\n\ufeffa\n')])).toEqual([text(''), text('\ufeffa')]);
    expect(await linesOf([bytes('\ufeff')])).toEqual([]);
  });

  it('reads a first line as it stands that only begins like a byte order mark', async () => {
    const cut = { kind: 'fault', fault: 'not-utf8', head: '\ufffd', ended: false };
    expect(await linesOf([Buffer.of(0xef, 0xbb)])).toMatchObject([{ ...cut, head: '' }]);
    expect(await linesOf([Buffer.of(0xff)])).toEqual([cut]);
    expect(await linesOf([bytes('\uff10\n')])).toEqual([text('\uff10')]);
  });

  it.each([
    ['with a byte order mark', utf16('\ufefffile:a\nfile:b\n')],
    ['big endian with a byte order mark', utf16('\ufefffile:a\nfile:b\n').swap16()],
    ['without one', utf16('file:a\nfile:b\n')],
    ['big endian without one', utf16('file:a\nfile:b\n').swap16()],
    ['beginning with an empty line', utf16('\nfile:b\n')],
    ['of one letter', utf16('\ufeffx')],
  ])('finds no line in UTF-16 %s, and says so once', async (_, input) => {
    const answer = [{ kind: 'unsupported', encoding: 'UTF-16' }];
    expect(await linesOf([input])).toEqual(answer);
    expect(await linesOf([...input].map((byte) => Buffer.of(byte)))).toEqual(answer);
  });

  it('takes a NUL in a first line for what it is', async () => {
    expect(await linesOf([bytes('a\0b\n')])).toEqual([text('a\0b')]);
    expect(await linesOf([bytes('\0\0\n')])).toEqual([text('\0\0')]);
  });

  it('does not hold a first line back that says what it is', async () => {
    const input = new PassThrough();
    const lines = readLines(input);
    input.write('x\n');
    expect(await lines.next()).toEqual({ done: false, value: text('x') });
    input.destroy();
  });

  it('puts characters together that were cut', async () => {
    const magnet = bytes('🧲\n');
    expect(
      await linesOf([magnet.subarray(0, 1), magnet.subarray(1, 3), magnet.subarray(3)]),
    ).toEqual([text('🧲')]);
  });

  it('refuses a line that is not UTF-8 and reads the next', async () => {
    const line = Buffer.concat([bytes('file:a'), Buffer.of(0xff, 0x0d, 0x0a), bytes('b\n')]);
    expect(await linesOf([line])).toEqual([
      { kind: 'fault', fault: 'not-utf8', head: 'file:a\ufffd', ended: true },
      text('b'),
    ]);
  });

  it('takes a line of 64 KiB, and refuses a longer one as a whole', async () => {
    const longest = 'x'.repeat(64 * 1024);
    const tooLong = { kind: 'fault', fault: 'too-long', head: 'x'.repeat(200), ended: true };
    expect(await linesOf([bytes(`${longest}\n`)])).toEqual([text(longest)]);
    expect(await linesOf([bytes(`${longest}\r\n`)])).toEqual([text(longest)]);
    expect(await linesOf([bytes(`${longest}x\nb\n`)])).toEqual([tooLong, text('b')]);
    expect(await linesOf([bytes(`${longest}xx\r\nb\n`)])).toEqual([tooLong, text('b')]);
  });

  it('refuses a last line that is too long, though it never ended', async () => {
    const chunk = bytes('x'.repeat(64 * 1024));
    const endless = Array.from({ length: 500 }, () => chunk);
    expect(await linesOf(endless)).toEqual([
      { kind: 'fault', fault: 'too-long', head: 'x'.repeat(200), ended: false },
    ]);
  });

  it('shows no half character of a line that is too long', async () => {
    const [line] = await linesOf([bytes(`x${'🧲'.repeat(20_000)}\n`)]);
    expect(line).toMatchObject({ head: `x${'🧲'.repeat(49)}` });
  });

  it('gives the same lines however the bytes are cut into chunks', async () => {
    const byte = fc.oneof(
      fc.constantFrom(0x00, 0x0a, 0x0d, 0x61, 0xc3, 0xa9, 0xef, 0xbb, 0xbf, 0xfe, 0xff),
      fc.integer({ min: 0, max: 255 }),
    );
    const input = fc.array(byte, { maxLength: 60 }).map((all) => Uint8Array.from(all));
    await fc.assert(
      fc.asyncProperty(input, fc.array(fc.nat(60)), async (whole, cuts) => {
        const ends = [0, ...cuts.sort((a, b) => a - b), whole.length];
        const chunks = ends.slice(1).map((end, index) => whole.subarray(ends[index], end));
        expect(await linesOf(chunks, 8)).toEqual(await linesOf([whole], 8));
      }),
    );
  });

  it('gives lines that make up the bytes again', async () => {
    const line = fc.string({ unit: 'binary' }).map((any) => any.replaceAll('\n', ' '));
    await fc.assert(
      fc.asyncProperty(fc.array(line), async (all) => {
        // What may look like the mark of an encoding is not in the first one.
        const given = ['first', ...all];
        const read = await linesOf([bytes(given.map((one) => `${one}\r\n`).join(''))]);
        expect(read).toEqual(given.map((one) => text(one)));
      }),
    );
  });

  it('lets other things happen during a flood of lines', async () => {
    let turns = 0;
    let lineCount = 0;
    const ticking = setInterval(() => {
      turns += 1;
    }, 0);
    for await (const _ of readLines(Readable.from([Buffer.alloc(200_000, '\n')]))) lineCount += 1;
    clearInterval(ticking);
    expect(lineCount).toBe(200_000);
    expect(turns).toBeGreaterThan(1);
  });

  it('keeps together what came together, as far as that is not too much', async () => {
    const chunks = [bytes('a\nb\nc'), bytes('d\n'), bytes('\n'.repeat(1_000)), bytes('e')];
    const lineCounts: number[] = [];
    for await (const read of readBatches(Readable.from(chunks))) {
      lineCounts.push('encoding' in read ? NaN : read.length);
    }
    expect(lineCounts.slice(0, 2)).toEqual([2, 1]);
    expect(lineCounts.at(-1)).toBe(1);
    const flood = lineCounts.slice(2, -1);
    expect(flood.reduce((sum, count) => sum + count)).toBe(1_000);
    expect(Math.max(...flood)).toBeLessThanOrEqual(64);
    expect(Math.min(...flood)).toBeGreaterThan(0);
  });

  it('hands out a line before the input ends', async () => {
    const input = new PassThrough();
    const lines = readLines(input);
    input.write('a\nb');
    expect(await lines.next()).toEqual({ done: false, value: text('a') });
    await lines.return();
    expect(input.destroyed).toBe(true);
  });

  it('rejects when the input fails', async () => {
    const input = new PassThrough();
    const next = readLines(input).next();
    input.destroy(new Error('gone'));
    await expect(next).rejects.toThrow('gone');
  });
});
