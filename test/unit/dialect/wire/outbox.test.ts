import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { Outbox, type ProgressReport } from '../../../../src/dialect/wire/outbox.js';
import type { Notification } from '../../../../src/dialect/wire/write-message.js';
import { StalledReader } from '../../../support/stdio/stalled-reader.js';

const notification = (method: string, json = '{}'): Notification => ({ method, timeMs: 5, json });
const report = (id: number, percent: number): ProgressReport => ({
  id,
  toNotification: (coalesced) =>
    notification('job.progress', JSON.stringify({ id, percent, coalesced })),
});

function opened() {
  const reader = new StalledReader();
  const outbox = new Outbox(reader, () => {});
  outbox.uncork('first\n');
  return { outbox, reader };
}

const linesOf = (taken: readonly string[]) => taken.join('').split('\n').slice(0, -1);
const paramsOf = (taken: readonly string[]) =>
  linesOf(taken).flatMap((line) => (line.startsWith('{') ? JSON.parse(line).params : []));

describe('what waits to leave', () => {
  it('leaves after the first line, which others may wait for', async () => {
    const reader = new StalledReader();
    const outbox = new Outbox(reader, () => {});
    outbox.add('an answer\n');
    outbox.add(notification('job.done'));
    await reader.readOn();
    expect(reader.taken).toEqual([]);
    outbox.uncork('first\n');
    await reader.readOn(outbox.drained());
    expect(linesOf(reader.taken)).toEqual([
      'first',
      'an answer',
      '{"jsonrpc":"2.0","method":"job.done","params":{"seq":1,"timeMs":5}}',
    ]);
  });

  it('is numbered as it leaves, without a gap', async () => {
    const { outbox, reader } = opened();
    for (let percent = 0; percent < 9; percent += 1) outbox.report(report(1, percent));
    outbox.add(notification('job.done', '{"id":1}'));
    outbox.report(report(2, 50));
    await reader.readOn(outbox.drained());
    expect(paramsOf(reader.taken)).toEqual([
      { seq: 1, timeMs: 5, id: 1 },
      { seq: 2, timeMs: 5, id: 1, percent: 8, coalesced: 8 },
      { seq: 3, timeMs: 5, id: 2, percent: 50, coalesced: 0 },
    ]);
  });

  it('is of each job the newest report alone, behind all answers and events, however long nobody reads', async () => {
    const { outbox, reader } = opened();
    await reader.readOn(outbox.drained());
    outbox.add('taken by the stream\n');
    await Promise.resolve();
    for (let percent = 0; percent <= 100; percent += 1) {
      for (const id of [1, 2, 3]) outbox.report(report(id, percent));
      outbox.add(`answer ${percent}\n`);
    }
    await reader.readOn(outbox.drained());
    const lines = linesOf(reader.taken).slice(2);
    expect(lines.slice(0, 101)).toEqual(Array.from({ length: 101 }, (_, n) => `answer ${n}`));
    expect(paramsOf(reader.taken)).toMatchObject(
      [1, 2, 3].map((id) => ({ id, percent: 100, coalesced: 100 })),
    );
  });

  it('says no more of a job that is over', async () => {
    const { outbox, reader } = opened();
    outbox.report(report(1, 10));
    outbox.dropReport(1);
    outbox.add('over\n');
    await reader.readOn(outbox.drained());
    expect(linesOf(reader.taken)).toEqual(['first', 'over']);
  });

  it('waits for room', async () => {
    const { outbox, reader } = opened();
    await reader.readOn(outbox.drained());
    for (const text of ['a'.repeat(70_000), 'b'.repeat(70_000)]) outbox.add(`${text}\n`);
    await Promise.resolve();
    expect(outbox.waitingCharacters).toBe(70_001);
    let hasRoom = false;
    const room = outbox.below(1_000).then(() => {
      hasRoom = true;
    });
    await Promise.resolve();
    expect(hasRoom).toBe(false);
    await reader.readOn(room);
    expect(outbox.waitingCharacters).toBe(0);
  });

  it('is dropped when the reader is cut off, who is told how much that was', async () => {
    const output = new PassThrough({ highWaterMark: 1 });
    const onBroken = vi.fn();
    const outbox = new Outbox(output, onBroken);
    outbox.uncork('first\n');
    await Promise.resolve();
    for (const answer of ['one\n', 'two\n']) outbox.add(answer);
    outbox.report(report(1, 50));
    await Promise.resolve();
    outbox.cutOff();
    expect(onBroken).toHaveBeenCalledOnce();
    outbox.add('too late\n');
    let text = '';
    for await (const chunk of output) text += chunk;
    expect(linesOf([text])[0]).toBe('first');
    expect(JSON.parse(linesOf([text])[1] ?? '')).toMatchObject({
      method: 'events.lost',
      params: { seq: 1, lost: 3 },
    });
    expect(linesOf([text])).toHaveLength(2);
    await outbox.drained();
  });

  it('is of what may be told without end the newest alone, once very much waits', async () => {
    const { outbox, reader } = opened();
    await reader.readOn(outbox.drained());
    outbox.add('taken by the stream\n');
    await Promise.resolve();
    const state = (number: number): Notification => ({
      ...notification(
        'job.state',
        JSON.stringify({ id: number % 10, number, text: 'x'.repeat(1_000) }),
      ),
      slot: `state ${number % 10}`,
    });
    for (let number = 0; number < 10_000; number += 1) outbox.add(state(number));
    const { waitingCharacters } = outbox;
    for (let number = 10_000; number < 30_000; number += 1) outbox.add(state(number));
    expect(outbox.waitingCharacters).toBeLessThanOrEqual(waitingCharacters + 10);
    outbox.add('an answer\n');
    await reader.readOn(outbox.drained());
    const params = paramsOf(reader.taken);
    expect(
      params
        .slice(-10)
        .map(({ number }) => number)
        .sort(),
    ).toEqual(Array.from({ length: 10 }, (_, n) => 29_990 + n));
    expect(params.map(({ seq }) => seq)).toEqual(params.map((_, index) => index + 1));
    expect(linesOf(reader.taken).at(-1)).toBe('an answer');
  });

  it('is let go of when the reader has gone', async () => {
    const { outbox, reader } = opened();
    await reader.readOn(outbox.drained());
    outbox.add('taken\n');
    outbox.add('x'.repeat(100));
    const waiting = [outbox.drained(), outbox.below(1)];
    await Promise.resolve();
    reader.on('error', () => {});
    reader.destroy(new Error('gone'));
    await Promise.all(waiting);
    expect(outbox.waitingCharacters).toBe(0);
  });
});
