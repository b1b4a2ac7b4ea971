import { describe, expect, it, vi } from 'vitest';
import type { SwarmEvent } from '../../../../machines/types.js';
import type { Engine } from '../../../../src/engine/engine.js';
import { HelperError } from '../../../../src/errors.js';
import { Metainfo } from '../../../../src/metainfo/metainfo.js';
import {
  type FakeThread,
  fakeThread,
  openSupervisedEngine,
} from '../../../support/engine/fake-thread.js';

const failing = (code: string) => expect.objectContaining({ name: 'HelperError', code });
const soon = { timeout: 10_000, interval: 5 };

const hashOf = (letter: string) => letter.repeat(40);

function metainfoOf(infoHash: string): Metainfo {
  const files = [{ path: [], lengthBytes: 3, offsetBytes: 0 }];
  return new Metainfo({
    infoHash,
    name: 'x',
    isFolder: false,
    lengthBytes: 3,
    pieceLengthBytes: 16_384,
    pieceHashes: new Uint8Array(20),
    files,
    isPrivate: true,
    announce: [],
    info: new Uint8Array(3),
  });
}

function join(engine: Engine, letter: string) {
  const events: SwarmEvent[] = [];
  const metainfo = metainfoOf(hashOf(letter));
  const swarm = engine.join(
    { metainfo, contentPath: `/${letter}`, role: 'download', trackers: [] },
    (event) => events.push(event),
  );
  return { swarm, events, told: () => events.map(({ type }) => type) };
}

/** The torrents that were joined and searched for, in order, as letters. */
const asked = ({ commands }: FakeThread) =>
  commands.flatMap((command) => {
    if (command.type === 'join') return [`join ${command.request.metainfo.infoHash[0]}`];
    return command.type === 'search' ? [`search ${command.request.infoHash[0]}`] : [];
  });

/** What a thread shows comes by another way than what it reports, so it may come later. */
const expectAsked = (thread: FakeThread, from: number, wanted: readonly string[]) =>
  vi.waitFor(() => expect(asked(thread).slice(from)).toEqual(wanted), soon);

const crashed = (infoHash?: string) =>
  ({
    order: 'report',
    report: { type: 'crashed', reason: 'TypeError: x\n    at y', infoHash },
  }) as const;

describe('the engine in its thread', () => {
  it('is opened with the options as they come', async () => {
    const thread = fakeThread();
    const engine = await thread.open({ port: 51_000, trackerRoutes: new Map([['a:1', 'b:2']]) });
    expect(engine.peerPort).toBe(51_000);
    await vi.waitFor(() => expect(thread.commands).toHaveLength(1), soon);
    expect(thread.commands[0]).toMatchObject({
      type: 'open',
      options: { port: 51_000, trackerRoutes: new Map([['a:1', 'b:2']]) },
    });
  });

  it('asks our own tracker what the thread asks it, and answers each call', async () => {
    const thread = fakeThread();
    const answer = { refusal: 'go away' };
    await thread.open({ askOwnTracker: async ({ port }) => (port === 1 ? answer : undefined) });
    const one = { infoHash: hashOf('a'), peerId: hashOf('b'), isComplete: true, numWant: 80 };
    const ask = (call: number, port: number) => {
      const announce = { ...one, port };
      thread.order({ order: 'report', report: { type: 'asks-tracker', call, announce } });
    };
    await vi.waitFor(() => expect(thread.commands).toHaveLength(1), soon);
    ask(1, 1);
    ask(2, 2);
    await vi.waitFor(() => expect(thread.commands).toHaveLength(3), soon);
    expect(thread.commands.slice(1)).toEqual([
      { type: 'tracker-answered', call: 1, answer },
      { type: 'tracker-answered', call: 2, answer: undefined },
    ]);
  });

  it('rejects with the reason, and what the system called it, where it cannot open its port', async () => {
    const opening = fakeThread().open({ host: 'refused', port: 51_000 });
    await expect(opening).rejects.toMatchObject({
      name: 'HelperError',
      code: 'PORT_TAKEN',
      message: 'peer port 51000 is in use',
      cause: { code: 'EADDRINUSE' },
    });
  });

  it('rejects where the thread cannot begin', async () => {
    const workerUrl = new URL('./no-such-worker.mjs', import.meta.url);
    const options = { host: '127.0.0.1', listen: '127.0.0.1', port: 0, dht: false };
    const opening = openSupervisedEngine(options, () => {}, { workerUrl });
    await expect(opening).rejects.toEqual(failing('INTERNAL'));
    await expect(opening).rejects.toThrow(/did not start: .*no-such-worker/);
  });

  it('rejects with what the options reject with', async () => {
    const options = Promise.reject(new HelperError('OPTION_INVALID', 'no tracker'));
    const workerUrl = new URL('../../../support/engine/fake-worker.mjs', import.meta.url);
    await expect(openSupervisedEngine(options, () => {}, { workerUrl })).rejects.toEqual(
      failing('OPTION_INVALID'),
    );
  });
});

describe('an engine that crashes', () => {
  it('tells every torrent at once, and is asked again for all of them in the same order', async () => {
    const thread = fakeThread();
    const engine = await thread.open();
    const one = join(engine, 'a');
    const stop = new AbortController();
    const search = { infoHash: hashOf('b'), trackers: [], peers: [] };
    const found = engine.fetchMetadata(search, stop.signal, () => {});
    const two = join(engine, 'c');
    await vi.waitFor(() => expect(two.told()).toEqual(['swarm.joined']), soon);

    thread.order({ order: 'exit' });
    await vi.waitFor(() => expect(two.told()).toContain('swarm.interrupted'), soon);
    expect(one.told()).toEqual(['swarm.joined', 'swarm.interrupted']);
    const late = join(engine, 'd');
    await vi.waitFor(() => expect(late.told()).toEqual(['swarm.joined']), soon);
    expect(two.told()).toEqual(['swarm.joined', 'swarm.interrupted', 'swarm.joined']);
    const first = ['join a', 'search b', 'join c'];
    await expectAsked(thread, 0, [...first, ...first, 'join d']);
    expect(thread.warnings).toEqual([failing('INTERNAL')]);
    expect(thread.warnings[0]?.message).toMatch(/^the engine stopped \(.*exit code 3\).*go on$/);

    const id = thread.commands.findLast(({ type }) => type === 'search');
    const info = new Uint8Array([1, 2]);
    thread.order({
      order: 'report',
      report: { type: 'found', id: id && 'id' in id ? id.id : 0, found: { info, peers: ['a:1'] } },
    });
    expect(await found).toEqual({ info, peers: ['a:1'] });
  });

  it('opens the same port again', async () => {
    const thread = fakeThread();
    const engine = await thread.open();
    thread.order({ order: 'exit' });
    await vi.waitFor(
      () =>
        expect(
          thread.commands.map((command) => command.type === 'open' && command.options.port),
        ).toEqual([0, 50_000]),
      soon,
    );
    expect(engine.peerPort).toBe(50_000);
  });

  it('is not asked again for what was left, given up, or over', async () => {
    const thread = fakeThread();
    const engine = await thread.open();
    const [left, failed, other] = [join(engine, 'a'), join(engine, 'b'), join(engine, 'c')];
    const stop = new AbortController();
    const search = { infoHash: hashOf('d'), trackers: [], peers: [] };
    const found = engine.fetchMetadata(search, stop.signal, () => {});
    await vi.waitFor(() => expect(asked(thread)).toHaveLength(4), soon);
    const ids = thread.commands.flatMap((command) => ('id' in command ? [command.id] : []));
    const failure = { code: 'DISK_FULL', message: 'full', isTransient: true } as const;
    const event = { type: 'storage.error', failure } as const;
    thread.order({ order: 'report', report: { type: 'told', id: ids[1] ?? 0, event } });
    await vi.waitFor(() => expect(failed.told()).toContain('storage.error'), soon);
    expect(failed.events.at(-1)).toEqual(event);
    const leaving = left.swarm.leave();
    expect(left.swarm.leave()).toBe(leaving);
    stop.abort(new Error('enough'));
    await expect(found).rejects.toThrow('enough');

    const before = left.told();
    thread.order({ order: 'exit' });
    // It never answered: the crash is the answer.
    await leaving;
    await vi.waitFor(() => expect(other.told()).toHaveLength(3), soon);
    await expectAsked(thread, 4, ['join c']);
    expect(left.told()).toEqual(before);
    expect(failed.told().slice(-1)).toEqual(['storage.error']);
  });

  it('is given up by a torrent that brought it down three times, and goes on with the others', async () => {
    const thread = fakeThread();
    const engine = await thread.open();
    const [bad, good] = [join(engine, 'a'), join(engine, 'b')];
    for (const times of [1, 2, 3]) {
      await vi.waitFor(
        () => expect(good.told().filter((type) => type === 'swarm.joined')).toHaveLength(times),
        soon,
      );
      thread.order(crashed(hashOf('a')));
      await vi.waitFor(() => expect(thread.warnings).toHaveLength(times), soon);
    }
    await vi.waitFor(() => expect(good.told().slice(-1)).toEqual(['swarm.joined']), soon);
    expect(bad.told()).toEqual([
      ...['swarm.joined', 'swarm.interrupted', 'swarm.joined', 'swarm.interrupted'],
      ...['swarm.joined', 'swarm.failed'],
    ]);
    expect(bad.events.at(-1)).toMatchObject({ failure: { code: 'ENGINE_CRASH' } });
    expect(good.told()).not.toContain('swarm.failed');
    await expectAsked(thread, 6, ['join b']);
    expect(thread.warnings[0]?.message).toContain(
      `on torrent ${hashOf('a')} (TypeError: x | at y)`,
    );
  });

  it('counts a crash that nobody caused for nobody', async () => {
    const thread = fakeThread();
    const engine = await thread.open();
    const only = join(engine, 'a');
    for (const times of [1, 2, 3, 4]) {
      await vi.waitFor(
        () => expect(only.told().filter((type) => type === 'swarm.joined')).toHaveLength(times),
        soon,
      );
      if (times < 4) thread.order(crashed());
    }
    expect(only.told()).not.toContain('swarm.failed');
  });

  it('is closed at once while it is not running', async () => {
    const thread = fakeThread();
    const engine = await thread.open();
    const one = join(engine, 'a');
    await vi.waitFor(() => expect(one.told()).toHaveLength(1), soon);
    thread.order({ order: 'exit' });
    await vi.waitFor(() => expect(thread.warnings).toHaveLength(1), soon);
    await Promise.all([one.swarm.leave(), engine.left(hashOf('a')), engine.close()]);
    expect(thread.commands.filter(({ type }) => type === 'open')).toHaveLength(1);
  });
});

describe('an engine that hangs', () => {
  it('is ended, and the torrent whose code ran is told as the one that did it', async () => {
    const thread = fakeThread({ checkEveryMs: 100 });
    const engine = await thread.open();
    const one = join(engine, 'a');
    await vi.waitFor(() => expect(one.told()).toHaveLength(1), soon);
    thread.order({ order: 'hang', atWork: hashOf('a') });
    await vi.waitFor(
      () => expect(one.told()).toEqual(['swarm.joined', 'swarm.interrupted', 'swarm.joined']),
      soon,
    );
    expect(thread.warnings[0]?.message).toContain(`on torrent ${hashOf('a')} (it did not answer`);
  });

  it('is closed in time all the same', async () => {
    const thread = fakeThread();
    const engine = await thread.open();
    const one = join(engine, 'a');
    await vi.waitFor(() => expect(one.told()).toHaveLength(1), soon);
    thread.order({ order: 'hang' });
    const startedAtMs = performance.now();
    await Promise.all([engine.close(), engine.close()]);
    expect(performance.now() - startedAtMs).toBeLessThan(4_900);
    expect(one.told()).toEqual(['swarm.joined']);
  });
});

describe('a closed engine', () => {
  it('ends what waits for it, and takes nothing any more', async () => {
    const thread = fakeThread();
    const engine = await thread.open();
    const search = { infoHash: hashOf('b'), trackers: [], peers: [] };
    const ask = () => engine.fetchMetadata(search, new AbortController().signal, () => {});
    const found = ask();
    found.catch(() => {});
    const closing = engine.close();
    expect(engine.close()).toBe(closing);
    await closing;
    await expect(found).rejects.toEqual(failing('CLOSED'));
    await expect(ask()).rejects.toEqual(failing('CLOSED'));
    const late = join(engine, 'a');
    await vi.waitFor(() => expect(late.told()).toEqual(['swarm.failed']), soon);
    await engine.left(hashOf('a'));
  });
});
