// Events and numbers to pictures: how often, and how it ends.
import { EventEmitter, once } from 'node:events';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HelperError } from '../../../src/errors.js';
import type { HelperEvent } from '../../../src/helper/events/helper-event.js';
import type { JobStats } from '../../../src/helper/stats/job-stats.js';
import { createLiveView, type ViewSource } from '../../../src/terminal/live-view.js';
import type { JobLookup } from '../../../src/terminal/model.js';
import { statsOf } from './shown-jobs.js';

const env = { LANG: 'C.UTF-8' };

function fakeTerminal() {
  const writes: string[] = [];
  const output = new Writable({
    decodeStrings: false,
    write(chunk: unknown, _encoding, done) {
      writes.push(String(chunk));
      done();
    },
  });
  return { output, writes };
}

/** A helper that says what it is told to say. */
function fakeHelper(jobs: JobLookup[]) {
  const told = new EventEmitter();
  const read = async function* <T>(name: string, signal: AbortSignal): AsyncGenerator<T> {
    const ending = new AbortController();
    told.once('end', () => ending.abort());
    signal.addEventListener('abort', () => ending.abort(), { once: true });
    for (;;) {
      const next: unknown = await once(told, name, { signal: ending.signal }).then(
        ([value]) => value,
        () => undefined,
      );
      if (next === undefined) return;
      if (next instanceof Error) throw next;
      yield next as T;
    }
  };
  const source: ViewSource = {
    jobs,
    job: (id) => jobs.find((job) => job.id === id),
    events: ({ signal }) => read<HelperEvent>('event', signal),
    statsChanges: ({ signal }) => read<readonly JobStats[]>('stats', signal),
  };
  const say = async (name: 'event' | 'stats' | 'end', value?: unknown) => {
    told.emit(name, value);
    await settle();
  };
  return { source, say };
}

/** What is read by turns has been read. */
const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

const downloading: JobLookup = {
  ...{ id: 1, kind: 'download', file: 'a.iso', state: 'downloading', percent: 0 },
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a live view', () => {
  it('draws at most ten pictures a second, however much happens', async () => {
    const { output, writes } = fakeTerminal();
    const { source, say } = fakeHelper([downloading]);
    void createLiveView(output, { env }).show(source);
    await settle();
    for (let ms = 0; ms < 1_000; ms += 5) {
      await say('stats', [statsOf(1, { bytesDone: ms, downBytesPerSecond: ms * 1_000 })]);
      vi.advanceTimersByTime(5);
    }
    expect(writes.length).toBeGreaterThan(5);
    expect(writes.length).toBeLessThanOrEqual(11);
  });

  it('draws what is there already, before anything happens', async () => {
    const { output, writes } = fakeTerminal();
    void createLiveView(output, { env }).show(fakeHelper([downloading]).source);
    await settle();
    vi.advanceTimersByTime(100);
    expect(writes.join('')).toMatch(/1 a\.iso ░+ +0% +↓ 0 B\/s +0 peers/);
  });

  it('has no timer and writes nothing while nothing changes', async () => {
    const { output, writes } = fakeTerminal();
    const { source, say } = fakeHelper([downloading]);
    void createLiveView(output, { env }).show(source);
    await settle();
    await say('stats', [statsOf(1, { percent: 12 })]);
    vi.advanceTimersByTime(1_000);
    const before = writes.length;
    expect(vi.getTimerCount()).toBe(0);
    await say('stats', [statsOf(1, { percent: 12 })]);
    vi.advanceTimersByTime(1_000);
    expect(writes).toHaveLength(before);
  });

  it('draws nothing while the terminal is resized, and once when it has kept its size', async () => {
    const { output, writes } = fakeTerminal();
    const { source, say } = fakeHelper([downloading]);
    void createLiveView(output, { env }).show(source);
    await settle();
    await say('stats', [statsOf(1, { percent: 12 })]);
    vi.advanceTimersByTime(1_000);
    const before = writes.length;
    for (let columns = 79; columns > 40; columns -= 1) {
      Object.defineProperty(output, 'columns', { value: columns, configurable: true });
      output.emit('resize');
      await say('stats', [statsOf(1, { percent: columns })]);
      vi.advanceTimersByTime(30);
    }
    expect(writes).toHaveLength(before);
    vi.advanceTimersByTime(1_000);
    expect(writes).toHaveLength(before + 1);
  });

  it('tells lines above the picture, and counts those of a flood that it leaves out', async () => {
    const { output, writes } = fakeTerminal();
    const { source, say } = fakeHelper([downloading]);
    const view = createLiveView(output, { env });
    void view.show(source);
    await settle();
    await say('stats', [statsOf(1, { percent: 12 })]);
    vi.advanceTimersByTime(1_000);
    for (let line = 0; line < 5_000; line += 1) view.tell(`bittorrent-helper: line ${line}\n`);
    vi.advanceTimersByTime(100);
    const last = writes.at(-1) ?? '';
    expect(last).toContain('line 999\n4000 lines left out\n');
    expect(last.indexOf('left out')).toBeLessThan(last.indexOf('12%'));
  });

  it('begins anew with the jobs that live where it read too slowly', async () => {
    const { output, writes } = fakeTerminal();
    const jobs = [downloading];
    const { source, say } = fakeHelper(jobs);
    void createLiveView(output, { env }).show(source);
    await settle();
    jobs[0] = { ...downloading, id: 7, file: 'other.iso' };
    await say('event', new HelperError('EVENTS_LOST', 'too slow'));
    await say('stats', [statsOf(7, { percent: 3 })]);
    vi.advanceTimersByTime(1_000);
    expect(writes.at(-1)).toMatch(/other\.iso/);
    expect(writes.at(-1)).not.toMatch(/a\.iso/);
  });

  it('draws nothing while the terminal is another’s, and below what that wrote when it is not', async () => {
    const { output, writes } = fakeTerminal();
    const { source, say } = fakeHelper([downloading]);
    let isAside = false;
    const view = createLiveView(output, { env, isAside: () => isAside });
    void view.show(source);
    await settle();
    await say('stats', [statsOf(1, { percent: 12 })]);
    vi.advanceTimersByTime(1_000);
    const before = writes.length;
    isAside = true;
    view.tell('bittorrent-helper: later\n');
    await say('stats', [statsOf(1, { percent: 13 })]);
    vi.advanceTimersByTime(1_000);
    expect(writes).toHaveLength(before);
    isAside = false;
    await say('stats', [statsOf(1, { percent: 14 })]);
    vi.advanceTimersByTime(1_000);
    expect(writes.slice(before).join('')).toMatch(/^\S+later\n.*14%/);
  });

  it('lets a terminal that stands still wait, and draws the newest when it goes on', async () => {
    const { output: terminal } = fakeTerminal();
    const writes: string[] = [];
    let goOn = () => {};
    const output = new Writable({
      decodeStrings: false,
      write(chunk: unknown, _encoding, done) {
        writes.push(String(chunk));
        goOn = done;
      },
    });
    const { source, say } = fakeHelper([downloading]);
    void createLiveView(terminal, { env, output }).show(source);
    await settle();
    for (let percent = 0; percent < 90; percent += 1) {
      await say('stats', [statsOf(1, { percent })]);
      vi.advanceTimersByTime(1_000);
    }
    expect(writes).toHaveLength(1);
    expect(output.writableLength).toBe(writes[0]?.length);
    goOn();
    await settle();
    vi.advanceTimersByTime(1_000);
    expect(writes).toHaveLength(2);
    expect(writes[1]).toContain('89%');
  });

  it('leaves its last picture, and says below it what is unfinished', async () => {
    const { output, writes } = fakeTerminal();
    const { source, say } = fakeHelper([downloading]);
    const shown = createLiveView(output, { env }).show(source);
    await settle();
    await say('stats', [statsOf(1, { percent: 52, downBytesPerSecond: 9 })]);
    await say('event', { type: 'helper.stopping', timeMs: 0 });
    vi.advanceTimersByTime(100);
    expect(writes.at(-1)).toContain('stopping');
    await say('event', { type: 'job.ended', id: 1, key: undefined, end: 'stopped', timeMs: 0 });
    await say('end');
    await shown;
    expect(writes.at(-2)).toMatch(/52% +stopped/);
    expect(writes.at(-2)).not.toContain('stopping');
    expect(writes.at(-1)).toMatch(/1 download unfinished; the same command/);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says nothing of what is unfinished when it only watches', async () => {
    const { output, writes } = fakeTerminal();
    const { source } = fakeHelper([downloading]);
    const leaving = new AbortController();
    const view = createLiveView(output, { env, watched: 'watching /run/s' });
    const shown = view.show(source, leaving.signal);
    await settle();
    leaving.abort();
    await shown;
    expect(writes.join('')).not.toContain('unfinished');
  });

  it('tells of a terminal that cannot be written', async () => {
    const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EIO')) });
    const { source, say } = fakeHelper([downloading]);
    const shown = createLiveView(output, { env }).show(source);
    await settle();
    await say('stats', [statsOf(1, { percent: 12 })]);
    vi.advanceTimersByTime(1_000);
    await expect(shown).rejects.toThrow('EIO');
  });

  it('tells a line at once when nothing is shown', async () => {
    const { output, writes } = fakeTerminal();
    createLiveView(output, { env }).tell('bittorrent-helper: PORT_TAKEN: 80\n');
    expect(writes.join('')).toContain('PORT_TAKEN: 80\n');
  });
});
