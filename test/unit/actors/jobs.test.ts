import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Instruction } from '../../../machines/types.js';
import { download, supervise, torrent } from '../../support/machines/supervise.js';
import { countTurns, mostInATurn, type Turns } from '../../support/turns.js';

describe('jobs beyond those that may be active', () => {
  it('lets the rest wait in order, and begins the next when one ends', () => {
    const { states, give } = supervise('finish', { maxActive: 2 });
    give(download('a'), download('b'), download('c'), download('d'));
    expect([...states]).toEqual([
      ...[1, 2].map((id) => [id, 'fetching']),
      ...[3, 4].map((id) => [id, 'queued']),
    ]);
    give({ kind: 'remove', id: 2 });
    expect(states.get(3)).toBe('fetching');
    expect(states.get(4)).toBe('queued');
  });

  it('passes over what was paused while it waited, until it is resumed', () => {
    const { states, give } = supervise('finish', { maxActive: 1 });
    give(download('a'), download('b'), download('c'), { kind: 'pause', id: 2 });
    expect(states.get(2)).toBe('paused');
    give({ kind: 'remove', id: 1 });
    expect(states.get(3)).toBe('fetching');
    give({ kind: 'resume', id: 2 });
    expect(states.get(2)).toBe('queued');
    give({ kind: 'remove', id: 3 });
    expect(states.get(2)).toBe('fetching');
  });

  it('gives a place that nobody wanted to the next who comes', () => {
    const { states, give } = supervise('finish', { maxActive: 1 });
    give(download('a'), download('b'), { kind: 'pause', id: 2 }, { kind: 'remove', id: 1 });
    give(download('c'));
    expect(states.get(3)).toBe('fetching');
    give(download('d'), { kind: 'resume', id: 2 });
    expect([states.get(4), states.get(2)]).toEqual(['queued', 'queued']);
  });

  it('forgets one that waits, and refuses a command for one that is not there', () => {
    const { said, entries, give } = supervise('finish', { maxActive: 1 });
    give(download('a'), download('b'), { kind: 'remove', id: 2 }, { kind: 'resume', id: 2 });
    expect(said).toEqual(['removed', 'refused']);
    expect(entries.at(-1)).toEqual({ type: 'ended', id: 2 });
  });

  it('answers commands that come together in their order, each as those before it left the jobs', () => {
    const { said, give } = supervise();
    give(download('a'));
    give({ kind: 'remove', id: 1 }, { kind: 'remove', id: 1 }, { kind: 'pause', id: 9 });
    expect(said).toEqual(['removed', 'refused', 'refused']);
  });

  it('counts what never began as unfinished when it stops', async () => {
    const { actor, give } = supervise('finish', { maxActive: 1 });
    give(download('a'), download('b'), download('c'), { kind: 'pause', id: 3 });
    actor.send({ type: 'helper.stop' });
    expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: 3 });
  });

  it('tells nobody of those who wait, once they are abandoned', async () => {
    const warn = vi.spyOn(console, 'warn');
    onTestFinished(() => warn.mockRestore());
    const { actor, give } = supervise('finish', { maxActive: 1 });
    give(...Array.from({ length: 100 }, (_, nth) => download(`${nth}`)));
    actor.send({ type: 'helper.stop' });
    actor.getSnapshot().context.jobs.send({ type: 'jobs.abandon' });
    expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: 100 });
    await countTurns().pass(20);
    // XState warns of events to those who have ended.
    expect(warn).not.toHaveBeenCalled();
  });

  it('finishes what waits, too, when nobody will ask for more', async () => {
    const { actor, give, swarm } = supervise('finish', { maxActive: 1 });
    give(download('a'), download('b'), download('c'), { kind: 'pause', id: 3 });
    actor.send({ type: 'input.ended' });
    for (const id of [1, 2]) {
      const tell = await swarm(id);
      tell({ type: 'swarm.joined' });
      tell({ type: 'swarm.checked', verifiedBytes: 1000 });
      tell({ type: 'swarm.completed' });
    }
    // The one that was paused is let go: nobody can resume it.
    expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: 1 });
  });
});

describe('places', () => {
  it('are taken by all that are active, if their number was given', async () => {
    const { states, give, swarm } = supervise('finish', { maxActive: 1 });
    give(download('a'), download('b'));
    const tell = await swarm(1);
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.completed' });
    expect([states.get(1), states.get(2)]).toEqual(['seeding', 'queued']);
    give({ kind: 'pause', id: 1 });
    expect([states.get(1), states.get(2)]).toEqual(['paused', 'queued']);
  });

  it('are taken by work alone, if it was not', async () => {
    const { states, give, swarm } = supervise('finish', { maxActive: 1, isRestFree: true });
    give(download('a'), download('b'), download('c'), download('d'));
    const tell = await swarm(1);
    tell({ type: 'swarm.joined' });
    expect(states.get(2)).toBe('queued');
    tell({ type: 'swarm.completed' });
    expect([states.get(1), states.get(2), states.get(3)]).toEqual([
      'seeding',
      'fetching',
      'queued',
    ]);
    give({ kind: 'pause', id: 2 });
    expect([states.get(2), states.get(3)]).toEqual(['paused', 'fetching']);
    // Who is at work again is counted again.
    tell({ type: 'swarm.interrupted', failure: { code: 'ENGINE_CRASH', message: 'gone' } });
    give({ kind: 'remove', id: 3 });
    expect([states.get(1), states.get(4)]).toEqual(['recovering', 'queued']);
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.completed' });
    expect([states.get(1), states.get(4)]).toEqual(['seeding', 'fetching']);
  });

  it('are kept by those that wait for the disk, which try again by themselves', async () => {
    const { states, give, swarm } = supervise('finish', { maxActive: 1, isRestFree: true });
    give(download('a'), download('b'));
    const tell = await swarm(1);
    tell({ type: 'storage.error', failure: { code: 'DISK_FULL', message: 'the disk is full' } });
    expect([states.get(1), states.get(2)]).toEqual(['paused', 'queued']);
  });

  it('are not taken by what came back paused', () => {
    const { actor, states, give } = supervise('finish', { lastId: 2, maxActive: 1 });
    for (const id of [1, 2]) {
      const instruction = { kind: 'download', given: 'a' } as const;
      const saved = { isPaused: true, infoHash: torrent.infoHash };
      actor.send({ type: 'jobs.restored', orders: [{ id, instruction, saved, file: 'a.iso' }] });
    }
    give(download('b'));
    expect([...states.values()]).toEqual(['paused', 'paused', 'fetching']);
    give({ kind: 'remove', id: 3 }, { kind: 'resume', id: 2 });
    expect([...states.values()]).toEqual(['paused', 'fetching', 'removed']);
  });
});

describe('a job that came back paused', () => {
  const restored = (kind: 'seed' | 'download', infoHash?: string, file?: string) => {
    const supervised = supervise('finish', { lastId: 1 });
    const instruction = { kind, given: 'a' } as const;
    const saved = { isPaused: true, infoHash };
    supervised.actor.send({ type: 'jobs.restored', orders: [{ id: 1, instruction, saved, file }] });
    return supervised;
  };

  it('finds out what it is called, if its session did not say', async () => {
    const turns = countTurns();
    const { said, states } = restored('download', torrent.infoHash);
    await turns.until(() => states.get(1) === 'paused');
    expect(said).toEqual(['1:a.iso:-1']);
  });

  it('finds it out in its turn, and is paused to its user meanwhile', async () => {
    const turns = countTurns();
    const { actor, said, states, give } = supervise('finish', { lastId: 20, maxActive: 2 });
    const instruction = { kind: 'download', given: 'a' } as const;
    const saved = { isPaused: true, infoHash: torrent.infoHash };
    const orders = Array.from({ length: 20 }, (_, nth) => ({ id: nth + 1, instruction, saved }));
    actor.send({ type: 'jobs.restored', orders });
    expect(states.get(20)).toBe('paused');
    for (const kind of ['resume', 'pause'] as const) {
      give({ kind, id: 20 });
      expect(states.get(20)).toBe(kind === 'pause' ? 'paused' : 'queued');
    }
    for (let id = 1; id <= 20; id += 1) {
      await turns.until(() => said.includes(`${id}:a.iso:-1`));
      expect(states.get(id)).toBe('paused');
      give({ kind: 'remove', id });
    }
  });

  it('is cut short by no end while it waits to find out, but for one that its user resumed', () => {
    const { actor, give } = supervise('finish', { lastId: 100, maxActive: 1 });
    const instruction = { kind: 'download', given: 'a' } as const;
    const saved = { isPaused: true, infoHash: torrent.infoHash };
    const orders = Array.from({ length: 100 }, (_, nth) => ({ id: nth + 1, instruction, saved }));
    actor.send({ type: 'jobs.restored', orders });
    give({ kind: 'resume', id: 100 });
    actor.send({ type: 'helper.stop' });
    actor.getSnapshot().context.jobs.send({ type: 'jobs.abandon' });
    expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: 1 });
  });

  it('is moved when it has found out what it is, and is paused then as before', async () => {
    const turns = countTurns();
    const { said, states, give } = restored('download', torrent.infoHash, 'a.iso');
    give({ kind: 'move', id: 1, dir: '/done' });
    await turns.until(() => said.includes('moved'));
    expect(said).toEqual(['1:a.iso:-1', 'moved']);
    await turns.until(() => states.get(1) === 'paused');
  });

  it.each(['seed', 'download'] as const)('answers at once if it knows nothing yet (%s)', (kind) => {
    const { said, states, give } = restored(kind);
    give({ kind: 'move', id: 1, dir: '/done' });
    expect([said.at(-1), states.get(1)]).toEqual(['refused', 'paused']);
  });
});

it('a job that never stops is counted as it stands, and not waited for longer than 2.5 s', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { actor, states, give, swarm } = supervise('finish', { moveCompleted: '/hangs' });
  give(download('a'), download('b'));
  const complete = await swarm(1);
  complete({ type: 'swarm.joined' });
  complete({ type: 'swarm.completed' });
  const begun = await swarm(2);
  begun({ type: 'swarm.joined' });
  await countTurns().until(() => states.get(1) === 'moving');
  give({ kind: 'move', id: 2, dir: '/hangs' });
  await countTurns().until(() => states.get(2) === 'moving');
  await countTurns().pass(3);
  give({ kind: 'quit' });
  await vi.advanceTimersByTimeAsync(2_400);
  expect(actor.getSnapshot().status).toBe('active');
  await vi.advanceTimersByTimeAsync(200);
  expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: 1 });
});

describe('thousands of jobs', () => {
  const count = 600;

  it.each([1, 50])(
    'are taken at once, and begun and stopped in slices (%i together)',
    async (together) => {
      const turns = countTurns();
      const { actor, states, entries, give } = supervise('finish', { maxActive: 10_000 });
      const seen = countChanges(actor, turns);
      const batch = Array.from({ length: together }, () => download('a'));
      for (let given = 0; given < count; given += together) give(...batch);
      expect(seen.of('queued') + seen.of('fetching')).toBeGreaterThanOrEqual(count);
      // In their order, though the first of them begin at once and the others wait.
      const ids = Array.from({ length: count }, (_, index) => index + 1);
      expect([...states.keys()]).toEqual(ids);
      expect(entries.flatMap(({ type, id }) => (type === 'began' ? id : []))).toEqual(ids);
      await turns.until(() => seen.of('registering') === count);
      expect(seen.mostATurn('fetching')).toBeLessThanOrEqual(8);

      give({ kind: 'quit' });
      await turns.until(() => actor.getSnapshot().status === 'done');
      expect(seen.of('removed')).toBe(count);
      expect(seen.mostATurn('removed')).toBeLessThanOrEqual(16);
      expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: count });
    },
  );

  it('that wait are listed whole before they stop, and once for all who ask meanwhile', async () => {
    const turns = countTurns();
    const { actor, said, give } = supervise('finish', { lastId: count, maxActive: 1 });
    const seen = countChanges(actor, turns);
    const saved = { isPaused: false, infoHash: torrent.infoHash };
    for (let id = 1; id <= count; id += 1) {
      const instruction = { kind: 'download', given: 'a' } as const;
      actor.send({ type: 'jobs.restored', orders: [{ id, instruction, file: 'a.iso', saved }] });
    }
    said.length = 0;
    const list: Instruction = { kind: 'list' };
    give(list, list, list, list, list, { kind: 'quit' });
    await turns.until(() => actor.getSnapshot().status === 'done');
    const firstWay = said.slice(0, count - 1).map((line) => Number(line.split(':')[0]));
    expect(firstWay).toEqual(Array.from({ length: count - 1 }, (_, index) => index + 2));
    expect(said.length).toBeLessThan(2 * count);
    expect(seen.mostATurn('again')).toBeLessThanOrEqual(128);
  });

  it('are reported together: of those that fail the monitor hears less often than there are jobs', async () => {
    const turns = countTurns();
    const { actor, ended, give } = supervise('finish', { maxActive: 10_000 });
    let told = 0;
    actor.getSnapshot().context.monitor.subscribe(() => {
      told += 1;
    });
    give(...Array.from({ length: count }, () => download('bad')));
    await turns.until(() => ended.length === count);
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThan(0.6 * count);
  });

  it('hold nothing in the supervisor that is copied with each of them', () => {
    const { actor, give } = supervise('finish', { maxActive: 10_000 });
    const shape = () => {
      const { context, children } = actor.getSnapshot();
      return [Object.keys(context).length, Object.keys(children).length];
    };
    const before = shape();
    for (let given = 0; given < 100; given += 1) give(download('a'));
    expect(shape()).toEqual(before);
  });
});

/** How many changes there were of each kind: by state, and of lines that were repeated. */
function countChanges(actor: ReturnType<typeof supervise>['actor'], turns: Turns) {
  const seen: { readonly kind: string; readonly turn: number }[] = [];
  actor.getSnapshot().context.monitor.on('changed', ({ changes }) => {
    for (const change of changes) {
      if (change.type === 'state') seen.push({ kind: change.state, turn: turns.current() });
      else if (change.repeated) seen.push({ kind: 'again', turn: turns.current() });
    }
  });
  const of = (kind: string) => seen.filter((each) => each.kind === kind);
  return {
    of: (kind: string) => of(kind).length,
    mostATurn: (kind: string) => mostInATurn(of(kind).map(({ turn }) => turn)),
  };
}
