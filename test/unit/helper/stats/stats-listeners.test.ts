import { expect, it } from 'vitest';
import type { JobState, SwarmDetail } from '../../../../machines/types.js';
import { jobStats } from '../../../../src/helper/stats/job-stats.js';
import { StatsListeners, type WatchedJob } from '../../../../src/helper/stats/stats-listeners.js';

interface FakeJob extends WatchedJob {
  infoHash: string | undefined;
  state: JobState;
}

function job(id: number, letter?: string): FakeJob {
  const stats = jobStats({ id, percent: undefined, lengthBytes: 7 });
  return { id, infoHash: letter?.repeat(40), state: 'downloading', stats };
}

const detail: SwarmDetail = {
  pieces: {
    ...{ pieceCount: 2, piecesPerPart: 1, unavailable: 0 },
    ...{ verified: [1, 0], underWay: [0, 1], copies: [1, 1] },
  },
  peers: [],
  trackers: [],
};

/** `watched`: how often each torrent is measured, by the letter of its info hash. `asked`: in order. */
function listeners(...jobs: readonly FakeJob[]) {
  const watched = new Map<string, number>();
  const asked: string[] = [];
  const live = new Set(jobs);
  const listening = new StatsListeners({
    jobs: () => live,
    job: (wanted) => [...live].find(({ id }) => id === wanted),
    watch(infoHash, everyMs, isDetailed) {
      const [letter = ''] = infoHash;
      asked.push(`${letter} ${everyMs}${isDetailed ? ' closely' : ''}`);
      if (everyMs === undefined) watched.delete(letter);
      else watched.set(letter, everyMs);
    },
  });
  return { listening, watched, asked, live, paces: () => Object.fromEntries(watched) };
}

/** How to begin to read, and to end it while nothing has come. */
function reader<T>(read: (signal: AbortSignal) => AsyncGenerator<T>) {
  const over = new AbortController();
  const values = read(over.signal);
  const first = values.next();
  return {
    values,
    first,
    async end() {
      over.abort();
      await first;
      await values.return(undefined);
    },
  };
}

it('has each torrent measured as often as the fastest of its listeners wants, from when they begin to read', async () => {
  const [one, two] = [job(1, 'a'), job(2, 'b')];
  const { listening, paces } = listeners(one, two);
  const all = listening.readAll({ everyMs: 500 });
  expect(paces()).toEqual({});
  const first = all.next();
  expect(paces()).toEqual({ a: 500, b: 500 });
  const own = listening.readJob(one, { everyMs: 100 });
  expect((await own.next()).value).toMatchObject({ id: 1, bytesTotal: 7 });
  const some = listening.readAll({ everyMs: 200, ids: [2] });
  const second = some.next();
  expect(paces()).toEqual({ a: 100, b: 200 });
  listening.changed(two);
  expect([(await first).value, (await second).value]).toMatchObject([[{ id: 2 }], [{ id: 2 }]]);
  await own.return();
  await some.return();
  expect(paces()).toEqual({ a: 500, b: 500 });
  await all.return();
  expect(paces()).toEqual({});
});

it('measures a torrent as soon as it is known, and no more when its job is over', async () => {
  const one = job(1);
  const { listening, live, paces } = listeners();
  const own = listening.readJob(one, {});
  await own.next();
  const all = reader((signal) => listening.readAll({ signal }));
  live.add(one);
  one.infoHash = 'c'.repeat(40);
  listening.located(one);
  expect(paces()).toEqual({ c: 1_000 });
  live.delete(one);
  one.state = 'failed';
  listening.ended(one);
  expect(paces()).toEqual({});
  expect((await own.next()).value).toMatchObject({ id: 1 });
  expect((await own.next()).done).toBe(true);
  const late = listening.readJob(one, {});
  expect((await late.next()).value).toMatchObject({ id: 1 });
  expect((await late.next()).done).toBe(true);
  expect(paces()).toEqual({});
  await all.end();
});

it('goes on measuring a torrent that one of two jobs lets go of', async () => {
  const [one, two] = [job(1, 'a'), job(2, 'a')];
  const { listening, live, paces } = listeners(one, two);
  const all = reader((signal) => listening.readAll({ everyMs: 300, signal }));
  live.delete(two);
  listening.ended(two);
  expect(paces()).toEqual({ a: 300 });
  await all.end();
  expect(paces()).toEqual({});
});

it('ends for a signal and when the helper is closed, be it before anything is read', async () => {
  const one = job(1, 'a');
  const { listening, paces } = listeners(one);
  const over = new AbortController();
  const [first, second] = [listening.readAll({ signal: over.signal }), listening.readAll({})];
  const reading = [first.next(), second.next()];
  over.abort();
  expect((await reading[0])?.done).toBe(true);
  expect((await listening.readJob(one, { signal: over.signal }).next()).done).toBe(true);
  expect(paces()).toEqual({ a: 1_000 });
  listening.close();
  expect((await reading[1])?.done).toBe(true);
  expect((await listening.readAll({}).next()).done).toBe(true);
});

it('watches all without measuring them for those who want no numbers', async () => {
  const { listening, paces } = listeners(job(1, 'a'));
  const leave = listening.attend();
  const leaveToo = listening.attend();
  expect(paces()).toEqual({ a: Number.POSITIVE_INFINITY });
  const all = reader((signal) => listening.readAll({ everyMs: 300, signal }));
  expect(paces()).toEqual({ a: 300 });
  await all.end();
  leave();
  expect(paces()).toEqual({ a: Number.POSITIVE_INFINITY });
  leaveToo();
  expect(paces()).toEqual({});
});

it('has a torrent looked at once, however many want to know what its swarm is made of, and no more when they have gone', async () => {
  const one = job(1, 'a');
  const { listening, asked } = listeners(one);
  const numbers = reader((signal) => listening.readAll({ everyMs: 500, signal }));
  const readers = Array.from({ length: 50 }, () =>
    reader((signal) => listening.readSwarm(one, { everyMs: 1_000, signal })),
  );
  for (const { first } of readers) expect((await first).value?.detail).toBeUndefined();
  expect(asked).toEqual(['a 500', 'a 500 closely']);
  const next = readers.map(({ values }) => values.next());
  listening.looked(one, detail);
  for (const each of next) expect((await each).value).toMatchObject({ stats: { id: 1 }, detail });
  for (const { end } of readers) await end();
  await numbers.end();
  expect(asked.slice(2)).toEqual(['a 500', 'a undefined']);
});

it('tells those alone who asked what a swarm is made of, and nothing of one that was left', async () => {
  const one = job(1, 'a');
  const { listening } = listeners(one);
  listening.looked(one, detail);
  const closely = listening.readSwarm(one, { everyMs: 100 });
  const numbers = listening.readJob(one, { everyMs: 100 });
  expect((await closely.next()).value).toEqual({ stats: one.stats, detail: undefined });
  await numbers.next();
  listening.looked(one, detail);
  expect((await closely.next()).value).toMatchObject({ detail });
  one.state = 'paused';
  listening.changed(one);
  expect((await closely.next()).value).toEqual({ stats: one.stats, detail: undefined });
  expect((await numbers.next()).value).toMatchObject({ coalesced: 0 });
  listening.ended(one);
  expect((await closely.next()).value).toMatchObject({ detail: undefined });
  expect((await closely.next()).done).toBe(true);
});
