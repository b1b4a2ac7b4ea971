import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { Change } from '../../../machines/types.js';
import { createChangeQueue } from '../../../src/helper/events/change-queue.js';
import { writeProgress } from '../../../src/stdio/write-progress.js';
import { StalledReader } from '../../support/stdio/stalled-reader.js';

const change = (id: number, percent: number, repeated = false): Change => ({
  type: 'progress',
  id,
  kind: 'download',
  file: 'f',
  percent,
  state: 'downloading',
  repeated,
});

const paused: Change = {
  ...{ type: 'state', id: 1, kind: 'download', file: 'f' },
  ...{ state: 'paused', percent: 0, repeated: false },
};

/** A queue whose changes are written to `output`. */
function writing(output: PassThrough | StalledReader) {
  const changes = createChangeQueue({ onDone: () => {} });
  return { changes, written: writeProgress(changes.batches(), output) };
}

/** As above, and its reader has stalled over the first line. */
async function stalled() {
  const output = new StalledReader();
  const { changes, written } = writing(output);
  changes.push(change(9, -1));
  await vi.waitFor(() => expect(output.taken).toHaveLength(1));
  return { output, changes, written };
}

describe('writeProgress', () => {
  it('writes one line a change, without waiting for the next', async () => {
    const output = new PassThrough();
    const { changes, written } = writing(output);
    for (const percent of [-1, 0]) {
      const taken = once(output, 'data');
      changes.push(change(1, percent));
      expect(String(await taken)).toBe(`1:f:${percent}\n`);
    }
    changes.close();
    await written;
  });

  it('writes nothing for states alone', async () => {
    const taken: string[] = [];
    const output = new Writable({
      write(chunk, _, done) {
        taken.push(String(chunk));
        done();
      },
    });
    const batches = async function* () {
      yield [paused];
      yield [paused, change(1, 0), paused];
    };
    await writeProgress(batches(), output);
    // The last one only asks whether what came before has been taken.
    expect(taken).toEqual(['1:f:0\n', '']);
  });

  it('skips percents of a job for a slow reader, but neither its first line nor its last', async () => {
    const { output, changes, written } = await stalled();
    for (let percent = -1; percent <= 100; percent += 1) changes.push(change(1, percent));
    for (let percent = -1; percent <= 50; percent += 1) changes.push(change(2, percent));
    changes.push(change(2, -2));
    changes.close();
    await output.readOn(written);
    expect(output.taken.join('')).toBe('9:f:-1\n1:f:-1\n1:f:99\n1:f:100\n2:f:-1\n2:f:50\n2:f:-2\n');
  });

  it('writes nothing for a state', async () => {
    const output = new PassThrough();
    const { changes, written } = writing(output);
    for (const each of [change(1, 0), paused, change(1, 1), paused]) changes.push(each);
    changes.close();
    await written;
    expect(String(output.read())).toBe('1:f:1\n');
  });

  it('keeps the order of the changes', async () => {
    const { output, changes, written } = await stalled();
    for (const [id, percent] of [
      [1, 10],
      [2, 20],
      [1, 11],
      [3, -1],
    ] as const) {
      changes.push(change(id, percent));
    }
    changes.close();
    await output.readOn(written);
    expect(output.taken.slice(1)).toEqual(['2:f:20\n1:f:11\n3:f:-1\n']);
  });

  it('keeps one repeated line a job waiting, and skips no percent for it', async () => {
    const { output, changes, written } = await stalled();
    for (let asked = 0; asked < 1000; asked += 1) changes.push(change(1, 7, true));
    changes.push(change(1, 8));
    changes.push(change(1, 8, true));
    changes.push(change(2, 100, true));
    changes.close();
    await output.readOn(written);
    expect(output.taken.slice(1)).toEqual(['1:f:8\n1:f:8\n2:f:100\n']);
  });

  it('is done only when every line has been taken', async () => {
    const { output, changes, written } = await stalled();
    const onWritten = vi.fn();
    void written.then(onWritten);
    changes.close();
    await nextTurn();
    expect(onWritten).not.toHaveBeenCalled();
    await output.readOn(written);
    expect(onWritten).toHaveBeenCalled();
  });

  it('rejects when the reader is gone', async () => {
    const { output, written } = await stalled();
    output.goAway(new Error('EPIPE'));
    await expect(written).rejects.toThrow('EPIPE');
  });

  it('rejects when the stream is closed under it', async () => {
    const { output, written } = await stalled();
    output.destroy();
    await expect(written).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
  });
});
