// Torrents that have to share the memory of the engine's thread, and what becomes of them when there is none left.
import { describe, expect, it, vi } from 'vitest';
import type { SwarmEvent } from '../../../../machines/types.js';
import type { Engine, JoinRequest } from '../../../../src/engine/engine.js';
import { Metainfo } from '../../../../src/metainfo/metainfo.js';
import { type FakeThread, fakeThread } from '../../../support/engine/fake-thread.js';

const soon = { timeout: 10_000, interval: 5 };
const hashOf = (letter: string) => letter.repeat(40);

function join(engine: Engine, letter: string, pieces: number, role: JoinRequest['role'] = 'seed') {
  const events: SwarmEvent[] = [];
  const metainfo = new Metainfo({
    infoHash: hashOf(letter),
    ...{ name: letter, isFolder: false, lengthBytes: 3, pieceLengthBytes: 16_384 },
    ...{ pieceHashes: new Uint8Array(20 * pieces), isPrivate: true, announce: [] },
    files: [{ path: [], lengthBytes: 3, offsetBytes: 0 }],
    info: new Uint8Array(3),
  });
  const swarm = engine.join({ metainfo, contentPath: `/${letter}`, role, trackers: [] }, (event) =>
    events.push(event),
  );
  const last = () => events.at(-1);
  const codes = () =>
    events.map((event) => ('failure' in event ? event.failure?.code : event.type));
  return { swarm, last, codes };
}

/** Letters of the torrents that were joined and left, in order. */
const asked = ({ commands }: FakeThread) =>
  commands.flatMap((command) => {
    if (command.type === 'join') return [`join ${command.request.metainfo.infoHash[0]}`];
    return command.type === 'leave' ? ['leave'] : [];
  });

const expectAsked = (thread: FakeThread, wanted: readonly string[]) =>
  vi.waitFor(() => expect(asked(thread)).toEqual(wanted), soon);

const callOf = (thread: FakeThread, type: 'leave') => {
  const command = thread.commands.findLast((each) => each.type === type);
  return command?.type === type ? command.call : 0;
};

/** The next death, and that it was told. */
async function die(thread: FakeThread) {
  const before = thread.warnings.length;
  thread.order({ order: 'run out of memory' });
  await vi.waitFor(() => expect(thread.warnings).toHaveLength(before + 1), soon);
}

describe('a torrent for which there is no memory', () => {
  it('waits, says so once, and is joined when another has left', async () => {
    const thread = fakeThread({ livePieces: 1_000 });
    const engine = await thread.open();
    const first = join(engine, 'a', 600);
    const second = join(engine, 'b', 600);
    const small = join(engine, 'c', 10);
    await expectAsked(thread, ['join a', 'join c']);
    expect(second.codes()).toEqual(['WAITING_FOR_MEMORY']);
    expect(small.codes()).toEqual(['swarm.joined']);
    void first.swarm.leave();
    await expectAsked(thread, ['join a', 'join c', 'leave']);
    expect(second.codes()).toEqual(['WAITING_FOR_MEMORY']);
    const call = callOf(thread, 'leave');
    thread.order({ order: 'report', report: { type: 'done', call } });
    await vi.waitFor(
      () => expect(second.codes()).toEqual(['WAITING_FOR_MEMORY', 'swarm.joined']),
      soon,
    );
  });

  it('leaves without a word to the engine', async () => {
    const thread = fakeThread({ livePieces: 1_000 });
    const engine = await thread.open();
    join(engine, 'a', 600);
    const second = join(engine, 'b', 600);
    await second.swarm.leave();
    join(engine, 'c', 10);
    await expectAsked(thread, ['join a', 'join c']);
  });

  it('is joined when one fails that had it', async () => {
    const thread = fakeThread({ livePieces: 1_000 });
    const engine = await thread.open();
    join(engine, 'a', 600);
    join(engine, 'b', 600);
    await expectAsked(thread, ['join a']);
    const failure = { code: 'DISK_FULL', message: 'full', isTransient: true } as const;
    const event = { type: 'storage.error', failure } as const;
    thread.order({ order: 'report', report: { type: 'told', id: 1, event } });
    await expectAsked(thread, ['join a', 'join b']);
  });

  it('still waits behind the others, and hears of nothing, when the engine is started again', async () => {
    const thread = fakeThread({ livePieces: 1_000 });
    const engine = await thread.open();
    join(engine, 'a', 600);
    const second = join(engine, 'b', 700);
    join(engine, 'c', 300);
    join(engine, 'd', 10);
    await expectAsked(thread, ['join a', 'join d']);
    thread.order({ order: 'exit' });
    await expectAsked(thread, ['join a', 'join d', 'join a', 'join d']);
    expect(second.codes()).toEqual(['WAITING_FOR_MEMORY']);
  });

  it('is refused for good if it alone is too large', async () => {
    const thread = fakeThread({ livePieces: 1_000 });
    const engine = await thread.open();
    const huge = join(engine, 'a', 1_001);
    await vi.waitFor(() => expect(huge.codes()).toEqual(['TORRENT_TOO_LARGE']), soon);
    expect(huge.last()?.type).toBe('swarm.failed');
    join(engine, 'b', 1_000);
    await expectAsked(thread, ['join b']);
  });
});

describe('an engine that runs out of memory', () => {
  it('is joined one by one, the lightest first, each when the one before has been checked', async () => {
    const thread = fakeThread({ livePieces: 10_000 });
    const engine = await thread.open();
    join(engine, 'a', 3_000, 'download');
    join(engine, 'b', 1_000, 'download');
    join(engine, 'c', 2_000, 'download');
    await expectAsked(thread, ['join a', 'join b', 'join c']);
    await die(thread);
    const before = ['join a', 'join b', 'join c'];
    await expectAsked(thread, [...before, 'join b']);
    const checked = { type: 'swarm.checked', verifiedBytes: 0 } as const;
    thread.order({ order: 'report', report: { type: 'told', id: 2, event: checked } });
    await expectAsked(thread, [...before, 'join b', 'join c']);
    // Without a word it lives for a moment, and so much is enough.
    await expectAsked(thread, [...before, 'join b', 'join c', 'join a']);
  });

  it('fails the one that it dies with while it is joined alone, and no other', async () => {
    const thread = fakeThread({ livePieces: 10_000 });
    const engine = await thread.open();
    const innocent = [join(engine, 'a', 1), join(engine, 'b', 50)];
    const culprit = join(engine, 'c', 20);
    await expectAsked(thread, ['join a', 'join b', 'join c']);
    await die(thread);
    for (const times of [2, 3, 4]) {
      await vi.waitFor(
        () => expect(asked(thread).filter((each) => each === 'join c')).toHaveLength(times),
        soon,
      );
      await die(thread);
    }
    await vi.waitFor(() => expect(culprit.codes().at(-1)).toBe('ENGINE_CRASH'), soon);
    for (const each of innocent) {
      await vi.waitFor(() => expect(each.codes().at(-1)).toBe('swarm.joined'), soon);
      expect(each.codes()).not.toContain('ENGINE_CRASH');
    }
  });

  it('fails the heaviest if it dies again and again when all are there', async () => {
    const thread = fakeThread({ livePieces: 10_000 });
    const engine = await thread.open();
    const light = join(engine, 'a', 1);
    const heavy = join(engine, 'b', 500);
    for (const times of [1, 2, 3]) {
      await vi.waitFor(
        () => expect(heavy.codes().filter((code) => code === 'swarm.joined')).toHaveLength(times),
        soon,
      );
      await die(thread);
    }
    await vi.waitFor(() => expect(heavy.codes().at(-1)).toBe('ENGINE_CRASH'), soon);
    await vi.waitFor(() => expect(light.codes().at(-1)).toBe('swarm.joined'), soon);
    expect(light.codes()).not.toContain('ENGINE_CRASH');
  });

  it('is known by a hang with a full heap, too, whoever’s code was entered last', async () => {
    const thread = fakeThread({ checkEveryMs: 50, livePieces: 10_000 });
    const engine = await thread.open();
    const light = join(engine, 'a', 1);
    const heavy = join(engine, 'b', 500);
    for (const times of [1, 2, 3]) {
      await vi.waitFor(
        () => expect(heavy.codes().filter((code) => code === 'swarm.joined')).toHaveLength(times),
        soon,
      );
      thread.order({ order: 'hang', atWork: hashOf('a'), isHeapFull: true });
      await vi.waitFor(() => expect(thread.warnings).toHaveLength(times), soon);
    }
    await vi.waitFor(() => expect(heavy.codes().at(-1)).toBe('ENGINE_CRASH'), soon);
    expect(light.codes()).not.toContain('ENGINE_CRASH');
  });
});
