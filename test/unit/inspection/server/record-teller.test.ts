import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startInspector } from '../../../../src/inspection/server/start-inspector.js';
import type { ActorState } from '../../../../src/inspection/told/actor-state.js';
import type { InspectedRecords } from '../../../../src/inspection/told/readable-records.js';
import type { TransitionRecord } from '../../../../src/inspection/told/records.js';
import { openPage, recordsTold } from '../../../support/inspection/page-connection.js';
import { until } from '../../../support/waiting.js';

const took = (seq: number): TransitionRecord => ({
  type: 'transition',
  seq,
  timeMs: seq,
  actor: 1,
  event: { type: 'told', text: 'x'.repeat(10_000) },
  taken: [],
  status: 'active',
  changed: {},
});

const state = (actor: number): ActorState => ({
  actor,
  id: `job-${actor}`,
  src: 'torrent',
  status: 'active',
  context: { file: '/srv/a' },
  startedMs: 1,
  changedMs: 2,
  events: 3,
  taken: [],
});

/** Records without end, of which the newest are remembered, and so many characters are counted as they are read. */
class EndlessRecords implements InspectedRecords {
  readonly source = { kind: 'live', version: '1.2.3', beganMs: 1_000 } as const;
  firstSeq = 1;
  nextSeq = 1;
  charactersRead = 0;
  actors: readonly ActorState[] = [];
  readonly #listeners = new Set<() => void>();

  get listenerCount(): number {
    return this.#listeners.size;
  }

  add(records: number): void {
    this.nextSeq += records;
    for (const listener of [...this.#listeners]) listener();
  }

  forgetAll(): void {
    this.firstSeq = this.nextSeq;
  }

  actorsBefore(): readonly ActorState[] {
    return this.actors;
  }

  read(seq: number, mostCharacters: number): readonly string[] | undefined {
    if (seq < this.firstSeq) return undefined;
    const found: string[] = [];
    for (let length = 0; seq + found.length < this.nextSeq; ) {
      const json = JSON.stringify(took(seq + found.length));
      length += json.length;
      if (found.length > 0 && length > mostCharacters) break;
      this.charactersRead += json.length;
      found.push(json);
    }
    return found;
  }

  onRecords(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

async function inspectorOf(records: InspectedRecords) {
  const running = await startInspector(records);
  onTestFinished(() => running.close());
  return { ...running, events: `${running.url}events` };
}

describe('a page', () => {
  it('is told of ten thousand actors a few at a time, and then of every record in its order', async () => {
    const records = new EndlessRecords();
    records.actors = Array.from({ length: 10_000 }, (_, index) => state(index + 1));
    records.nextSeq = records.firstSeq = 501;
    records.add(200);
    const { events } = await inspectorOf(records);
    const page = await openPage(events);
    await page.until(({ type }) => type === 'caughtUp');
    expect(page.told[0]).toMatchObject({ type: 'began', lostRecords: 500 });
    const pieces = page.told.flatMap((each) => (each.type === 'actors' ? [each.actors] : []));
    expect(pieces.flat().map(({ actor }) => actor)).toEqual(
      records.actors.map(({ actor }) => actor),
    );
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(500);
    const seqs = recordsTold(page.told).map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: 200 }, (_, index) => 501 + index));
    const mostCharacters = Math.max(...page.told.map((each) => JSON.stringify(each).length));
    expect(mostCharacters).toBeLessThan(300 * 1024);
  });

  it('that does not read is told no more than fits, however much there is, and goes on where it was', async () => {
    const records = new EndlessRecords();
    const { events } = await inspectorOf(records);
    const page = await openPage(events, false);
    records.add(100_000);
    let before = -1;
    await until(async () => {
      const isStill = records.charactersRead === before && before > 0;
      before = records.charactersRead;
      return isStill;
    }, 'held back');
    // What the system keeps of a connection, on both of its ends.
    expect(records.charactersRead).toBeLessThan(20 * 2 ** 20);
    await page.until(
      (each) =>
        each.type === 'records' && each.records.some(({ seq }) => seq > before / 10_000 + 50),
    );
    const seqs = recordsTold(page.told).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  });

  it('that fell behind what is remembered begins anew', async () => {
    const records = new EndlessRecords();
    const { events } = await inspectorOf(records);
    const page = await openPage(events, false);
    records.add(6_000);
    await until(() => records.charactersRead > 2 ** 20, 'under way');
    records.forgetAll();
    records.actors = [state(7)];
    records.add(3);
    const isAgain = () => page.told.filter(({ type }) => type === 'began').length === 2;
    await page.until(isAgain);
    await page.until(
      (each) => each.type === 'records' && each.records.some(({ seq }) => seq > 6_000),
    );
    const again = page.told.findLastIndex(({ type }) => type === 'began');
    expect(page.told[again]).toMatchObject({ lostRecords: 6_000 });
    expect(page.told[again + 1]).toEqual({ type: 'actors', actors: records.actors });
    expect(recordsTold(page.told.slice(again)).map(({ seq }) => seq)).toEqual([
      6_001, 6_002, 6_003,
    ]);
  });

  it('that takes nothing for half a minute is cut off, and is told nothing more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const records = new EndlessRecords();
    const { events } = await inspectorOf(records);
    const page = await openPage(events, false);
    records.add(100_000);
    let before = -1;
    while (records.charactersRead !== before || before <= 0) {
      before = records.charactersRead;
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    }
    await vi.advanceTimersByTimeAsync(29_000);
    expect(records.charactersRead).toBe(before);
    await vi.advanceTimersByTimeAsync(1_000);
    page.response.resume();
    await page.ended;
    expect(page.response.complete).toBe(false);
    expect(records.charactersRead).toBe(before);
  });

  it('that has gone is no longer listened for', async () => {
    const records = new EndlessRecords();
    const { events } = await inspectorOf(records);
    const page = await openPage(events);
    await until(() => records.listenerCount === 1, 'heard');
    page.close();
    await until(() => records.listenerCount === 0, 'forgotten');
  });

  it.each([
    ['one that reads nothing', 100_000],
    ['one that has heard all', 0],
  ])('is not waited for: %s', async (_, count) => {
    const records = new EndlessRecords();
    const { events, close } = await inspectorOf(records);
    const page = await openPage(events, false);
    records.add(count);
    await until(() => records.charactersRead >= Math.min(count, 1), 'told');
    await close();
    page.response.resume();
    await page.ended;
  });
});
