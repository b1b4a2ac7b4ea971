import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import type { Change } from '../../machines/vocabulary.js';
import { createProgressWriter } from '../../src/stdio/write-progress.js';
import { StalledReader } from './stalled-reader.js';

const change = (id: number, percent: number, repeated = false): Change => ({
  id,
  file: 'f',
  percent,
  state: 'downloading',
  repeated,
});

describe('createProgressWriter', () => {
  it('writes one line a change, at once', () => {
    const output = new PassThrough();
    const writer = createProgressWriter(output, { onBroken: vi.fn() });
    writer.write(change(1, -1));
    writer.write(change(1, 0));
    expect(output.read().toString()).toBe('1:f:-1\n1:f:0\n');
  });

  it('skips percents of a job for a slow reader, but neither its first line nor its last', async () => {
    const output = new StalledReader();
    const writer = createProgressWriter(output, { onBroken: vi.fn() });
    for (let percent = -1; percent <= 100; percent += 1) writer.write(change(1, percent));
    for (let percent = -1; percent <= 50; percent += 1) writer.write(change(2, percent));
    writer.write(change(2, -2));
    await output.readOn();
    expect(output.taken.join('')).toBe('1:f:-1\n1:f:99\n1:f:100\n2:f:-1\n2:f:50\n2:f:-2\n');
  });

  it('keeps the order of the changes', async () => {
    const output = new StalledReader();
    const writer = createProgressWriter(output, { onBroken: vi.fn() });
    writer.write(change(9, -1));
    writer.write(change(1, 10));
    writer.write(change(2, 20));
    writer.write(change(1, 11));
    writer.write(change(3, -1));
    await output.readOn();
    expect(output.taken.slice(1)).toEqual(['2:f:20\n', '1:f:11\n', '3:f:-1\n']);
  });

  it('keeps one repeated line a job waiting, and skips no percent for it', async () => {
    const output = new StalledReader();
    const writer = createProgressWriter(output, { onBroken: vi.fn() });
    writer.write(change(9, -1));
    for (let asked = 0; asked < 1000; asked += 1) writer.write(change(1, 7, true));
    writer.write(change(1, 8));
    writer.write(change(1, 8, true));
    writer.write(change(2, 100, true));
    await output.readOn();
    expect(output.taken.slice(1)).toEqual(['1:f:8\n', '1:f:8\n', '2:f:100\n']);
  });

  it('ends when every line has been taken', async () => {
    const output = new StalledReader();
    const writer = createProgressWriter(output, { onBroken: vi.fn() });
    writer.write(change(1, -1));
    writer.write(change(1, 0));
    const onEnd = vi.fn();
    const end = writer.end().then(onEnd);
    await new Promise((resolve) => setImmediate(resolve));
    expect(onEnd).not.toHaveBeenCalled();
    await output.readOn();
    await end;
    expect(output.taken).toEqual(['1:f:-1\n', '1:f:0\n']);
  });

  it('ends at once when there is nothing to write', async () => {
    await createProgressWriter(new PassThrough(), { onBroken: vi.fn() }).end();
  });

  it('tells once that the reader is gone, and drops what comes after', async () => {
    const output = new StalledReader();
    const onBroken = vi.fn();
    const writer = createProgressWriter(output, { onBroken });
    writer.write(change(1, -1));
    writer.write(change(1, 0));
    const end = writer.end();
    output.goAway(new Error('EPIPE'));
    await end;
    writer.write(change(1, 1));
    await writer.end();
    expect(output.taken).toEqual(['1:f:-1\n']);
    expect(onBroken).toHaveBeenCalledExactlyOnceWith(new Error('EPIPE'));
  });

  it('takes a stream that is closed under it for broken', async () => {
    const output = new StalledReader();
    const onBroken = vi.fn();
    const writer = createProgressWriter(output, { onBroken });
    writer.write(change(1, -1));
    output.destroy();
    await writer.end();
    expect(onBroken).toHaveBeenCalledOnce();
  });
});
