// What a view makes of the events of a helper.
import { describe, expect, it } from 'vitest';
import type { HelperEvent } from '../../../src/helper/events/helper-event.js';
import { createModel, type Model } from '../../../src/terminal/model.js';
import { modelOf, statsOf } from './shown-jobs.js';

type Untimed<E> = E extends unknown ? Omit<E, 'timeMs' | 'key'> : never;
type Told = Untimed<Extract<HelperEvent, { readonly id: number }>>;

const apply = (model: Model, ...events: readonly Told[]) => {
  for (const event of events) model.apply({ timeMs: 0, key: undefined, ...event });
};
const countsIn = (model: Model) => Object.fromEntries([...model.counts].filter(([, n]) => n > 0));

describe('a view', () => {
  it('asks for a job that an event is the first to name', () => {
    const model = createModel((id) => ({
      ...{ id, kind: 'seed', file: `/srv/${id}.bin`, state: 'making', percent: undefined },
    }));
    apply(model, { type: 'job.state', id: 4, from: undefined, to: 'making' });
    expect(model.jobs(9)).toMatchObject([{ id: 4, kind: 'seed', name: '4.bin', state: 'making' }]);
  });

  it.each([
    ['/srv/a b/c.iso', 'c.iso'],
    ['/srv/folder/', 'folder/'],
    ['magnet:?xt=urn:btih:ab&dn=A%20film', 'A film'],
    ['magnet:?xt=urn:btih:ab', 'magnet:?xt=urn:btih:ab'],
    ['https://example.org/a.torrent', 'https://example.org/a.torrent'],
    ['a\nb\x1b[2J\u202e', 'a\\nb\\x1b[2J\\u202e'],
  ])('names %j by what says most of it, escaped', (file, name) => {
    expect(modelOf([{ file }]).jobs(1)[0]?.name).toBe(name.replace('folder/', 'folder'));
  });

  it('takes the name of the torrent once it is known', () => {
    const model = modelOf([{ file: 'magnet:?xt=urn:btih:ab', state: 'fetching' }]);
    const facts = { kind: 'download', name: 'film\n.mkv', lengthBytes: 12 } as const;
    const unknown = { file: 'magnet:?xt=urn:btih:ab', infoHash: undefined, magnetUri: undefined };
    const more = { pieceLengthBytes: 1, pieceCount: 1, fileCount: 1, isPrivate: false };
    apply(model, {
      ...{ type: 'job.known', id: 1, contentPath: undefined },
      ...{ ...facts, ...unknown, ...more },
    });
    expect(model.jobs(1)).toMatchObject([{ name: 'film\\n.mkv', bytesTotal: 12 }]);
  });

  it('adds up what moves, and is at nothing when it stands still', () => {
    const model = modelOf([{ downBytesPerSecond: 5, upBytesPerSecond: 2 }, {}]);
    model.measured([statsOf(2, { downBytesPerSecond: 7, peers: 3 })]);
    expect([model.downBytesPerSecond, model.upBytesPerSecond]).toEqual([12, 2]);
    apply(model, { type: 'job.state', id: 2, from: 'downloading', to: 'paused' });
    expect(model.downBytesPerSecond).toBe(5);
    // Measured before it paused, told after.
    model.measured([statsOf(2, { downBytesPerSecond: 7, peers: 3, percent: 40 })]);
    expect(model.jobs(2)[1]).toMatchObject({ downBytesPerSecond: 0, peers: 0, percent: 40 });
    apply(model, { type: 'job.ended', id: 1, end: 'removed' });
    expect([model.downBytesPerSecond, model.upBytesPerSecond]).toEqual([0, 0]);
  });

  it('counts the jobs by state, and those that failed', () => {
    const model = modelOf([{}, { state: 'seeding', kind: 'seed' }, {}, { state: 'queued' }]);
    const error = { code: 'STALLED', message: '', retryable: true, help: '' } as const;
    apply(
      model,
      { type: 'job.state', id: 1, from: 'downloading', to: 'failed' },
      { type: 'job.failed', id: 1, error },
      { type: 'job.ended', id: 1, end: 'failed' },
      { type: 'job.state', id: 3, from: 'downloading', to: 'seeding' },
      { type: 'job.ended', id: 3, end: 'released' },
    );
    expect(countsIn(model)).toEqual({ failed: 1, seeding: 1, queued: 1 });
    expect(model.jobCount).toBe(2);
  });

  it('keeps for its last picture what stopped, and knows what of that is not done', () => {
    const model = modelOf([
      { percent: 40 },
      { state: 'seeding' },
      { kind: 'seed', state: 'making' },
    ]);
    for (const id of [1, 2, 3]) apply(model, { type: 'job.ended', id, end: 'stopped' });
    expect(model.unfinished()).toEqual({ downloads: 1, seeds: 1 });
    expect(model.jobs(9).map(({ id, state, percent }) => [id, state, percent])).toEqual([
      [1, 'stopped', 40],
      [3, 'stopped', undefined],
      [2, 'stopped', undefined],
    ]);
  });

  it('has a download for done when it is safe on disk, and a seed when it is published', () => {
    const model = modelOf([{}, { kind: 'seed', state: 'registering' }]);
    const publication = { torrentFile: 'a.torrent', infoHash: 'ab', magnetUri: 'magnet:?xt=a' };
    apply(model, { type: 'job.done', id: 1, contentPath: '/a' });
    expect(model.unfinished()).toEqual({ downloads: 0, seeds: 1 });
    apply(model, { type: 'job.published', id: 2, ...publication });
    expect(model.unfinished()).toEqual({ downloads: 0, seeds: 0 });
  });

  it('has a download for unfinished again that lacks something when it is verified, till it seeds', () => {
    const model = modelOf([{ percent: 100, state: 'seeding', bytesTotal: 1_000 }]);
    apply(
      model,
      { type: 'job.verified', id: 1, missingBytes: 600 },
      { type: 'job.state', id: 1, from: 'checking', to: 'downloading' },
    );
    model.measured([statsOf(1, { percent: 100, bytesTotal: 1_000, bytesDone: 400 })]);
    expect(model.jobs(1)).toMatchObject([{ isComplete: false, percent: 40 }]);
    expect(model.unfinished()).toEqual({ downloads: 1, seeds: 0 });
    apply(
      model,
      { type: 'job.state', id: 1, from: 'downloading', to: 'seeding' },
      { type: 'job.verified', id: 1, missingBytes: 0 },
    );
    model.measured([statsOf(1, { percent: 100, bytesTotal: 1_000, bytesDone: 1_000 })]);
    expect(model.jobs(1)).toMatchObject([{ isComplete: true, percent: 100 }]);
    expect(model.unfinished()).toEqual({ downloads: 0, seeds: 0 });
  });

  it('puts what uploads before what only seeds, each by its id', () => {
    const seeding = { kind: 'seed', state: 'seeding' } as const;
    const model = modelOf([seeding, seeding, seeding, {}]);
    model.measured([statsOf(3, { upBytesPerSecond: 1 }), statsOf(2, { upBytesPerSecond: 1 })]);
    expect(model.jobs(9).map(({ id }) => id)).toEqual([4, 2, 3, 1]);
    expect(model.jobs(2).map(({ id }) => id)).toEqual([4, 3]);
    model.measured([statsOf(3, {})]);
    expect(model.jobs(9).map(({ id }) => id)).toEqual([4, 2, 1, 3]);
  });

  it('begins anew with what lives now, and forgets the rest', () => {
    const model = modelOf([{ downBytesPerSecond: 3 }, {}]);
    model.begin([{ id: 2, kind: 'download', file: 'b', state: 'paused', percent: 3 }]);
    expect(model.jobs(9)).toMatchObject([{ id: 2, state: 'paused' }]);
    expect(model.downBytesPerSecond).toBe(0);
    expect(countsIn(model)).toEqual({ paused: 1 });
  });

  it('knows what was done, and what stands still, though nobody had told it before it began anew', () => {
    const model = modelOf([{ percent: 40, downBytesPerSecond: 3 }, { upBytesPerSecond: 5 }]);
    model.begin([
      { id: 1, kind: 'download', file: 'a', state: 'seeding', percent: 100 },
      { id: 2, kind: 'download', file: 'b', state: 'paused', percent: 50 },
    ]);
    expect(model.unfinished()).toEqual({ downloads: 1, seeds: 0 });
    expect(model.jobs(9)).toMatchObject([
      { id: 2, isComplete: false, percent: 50 },
      { id: 1, isComplete: true, percent: 100 },
    ]);
    expect(model.upBytesPerSecond).toBe(0);
  });
});
