import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLineWriter } from '../../../src/stdio/write-lines.js';
import { StalledReader } from '../../support/stdio/stalled-reader.js';

const leftOut = (count: number) => `${count} missing\n`;

describe('createLineWriter', () => {
  it('writes every line for a reader that keeps up in the end', async () => {
    const output = new StalledReader();
    const writer = createLineWriter(output, { leftOut });
    const lines = Array.from({ length: 100 }, (_, index) => `${index}\n`);
    for (const line of lines) writer.write(line);
    await Promise.all([writer.end(), output.readOn()]);
    expect(output.taken.join('')).toBe(lines.join(''));
  });

  it('writes what is said at one time at once', async () => {
    const output = new StalledReader();
    const writer = createLineWriter(output, { leftOut });
    for (const line of ['a\n', 'b\n', 'c\n']) writer.write(line);
    await Promise.all([writer.end(), output.readOn()]);
    expect(output.taken).toEqual(['a\nb\nc\n']);
  });

  it('keeps no more than a bound for a reader that does not, and says what is missing', async () => {
    const output = new StalledReader();
    const writer = createLineWriter(output, { leftOut });
    for (let index = 0; index < 5000; index += 1) writer.write(`${index}\n`);
    await Promise.all([writer.end(), output.readOn()]);
    const lines = output.taken.join('').split('\n');
    expect(lines.slice(-4)).toEqual(['1254', '1255', '3744 missing', '']);
    writer.write('again\n');
    await turn();
    expect(output.taken.at(-1)).toBe('again\n');
  });

  it('drops everything once the stream is broken', async () => {
    const output = new StalledReader();
    const writer = createLineWriter(output, { leftOut });
    writer.write('a\n');
    await turn();
    writer.write('b\n');
    output.goAway(new Error('EPIPE'));
    await writer.end();
    writer.write('c\n');
    await writer.end();
    expect(output.taken).toEqual(['a\n']);
  });
});
