import { describe, expect, it } from 'vitest';
import { createActor, fromCallback, SimulatedClock, toPromise } from 'xstate';
import { type JobsEvent, type JobsInput, supervisorMachine } from '../../../machines/supervisor.js';
import type { SavedState } from '../../../machines/types.js';
import { download, invalid, supervise, torrent } from '../../support/machines/supervise.js';
import { countTurns } from '../../support/turns.js';

describe('the supervisor', () => {
  it('numbers the jobs in the order of the instructions, whatever becomes of them', () => {
    const { said, states, give } = supervise();
    give(invalid, download('a'), invalid);
    expect(said.filter((line) => line.endsWith(':-2'))).toEqual(['1::-2', '3::-2']);
    expect([...states]).toEqual([
      [1, 'failed'],
      [2, 'fetching'],
      [3, 'failed'],
    ]);
  });

  it('says -1, the percents that rose, and 100 when the disk has it all', async () => {
    const { said, give, swarm } = supervise();
    give(download('a.torrent'));
    const tell = await swarm(1);
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.checked', verifiedBytes: 100 });
    for (const verifiedBytes of [105, 109, 110, 1000])
      tell({ type: 'piece.verified', verifiedBytes });
    expect(said).toEqual(['1:a.iso:-1', '1:a.iso:10', '1:a.iso:11']);
    tell({ type: 'swarm.completed' });
    expect(said.slice(3)).toEqual(['1:a.iso:100', 'done']);
  });

  it('calls a seed published when a tracker has accepted it, and no sooner', async () => {
    const { said, give, swarm } = supervise();
    give({ kind: 'seed', given: '/srv/a.iso' });
    const tell = await swarm(1);
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.checked', verifiedBytes: 1000 });
    tell({ type: 'swarm.completed' });
    expect(said).toEqual(['1:/srv/a.iso:-1']);
    tell({ type: 'swarm.announced' });
    tell({ type: 'swarm.announced' });
    expect(said.slice(1)).toEqual(['1:/srv/a.iso:100', 'published']);
  });

  it('says nothing twice after a pause', async () => {
    const { said, give, swarm, left } = supervise();
    give(download('a'));
    const first = await swarm(1);
    first({ type: 'swarm.joined' });
    first({ type: 'swarm.checked', verifiedBytes: 500 });
    give({ kind: 'pause', id: 1 });
    expect(left).toEqual([1]);
    give({ kind: 'resume', id: 1 });
    const second = await swarm(1);
    second({ type: 'swarm.joined' });
    second({ type: 'swarm.checked', verifiedBytes: 500 });
    second({ type: 'piece.verified', verifiedBytes: 600 });
    expect(said).toEqual(['1:a.iso:-1', '1:a.iso:50', '1:a.iso:60']);
  });

  it('tells its jobs to stop once, however often it is told to', async () => {
    const { actor, give } = supervise();
    const { monitor } = actor.getSnapshot().context;
    let told = 0;
    monitor.on('stopping', () => {
      told += 1;
    });
    // More than stop in one turn.
    give(...Array.from({ length: 100 }, () => download('a')));
    give({ kind: 'quit' });
    actor.send({ type: 'helper.stop' });
    give({ kind: 'quit' });
    expect([actor.getSnapshot().value, told]).toEqual(['stopping', 1]);
    await toPromise(actor);
  });

  it('refuses a command for a job that is not there, and goes on', () => {
    const { said, give } = supervise();
    give({ kind: 'pause', id: 7 }, { kind: 'not-understood', line: 'hello' });
    expect(said).toEqual(['refused', 'not-understood']);
  });

  it('writes the last line of every live job again', async () => {
    const { said, give, swarm } = supervise();
    give(download('a'), invalid);
    (await swarm(1))({ type: 'swarm.joined' });
    give({ kind: 'list' });
    expect(said.at(-1)).toBe('1:a.iso:-1 again');
  });

  it('lets finished downloads go when nobody will ask for more, and is through', async () => {
    const { actor, give, swarm } = supervise('finish');
    give(download('a'));
    const tell = await swarm(1);
    actor.send({ type: 'input.ended' });
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.checked', verifiedBytes: 0 });
    expect(actor.getSnapshot().status).toBe('active');
    tell({ type: 'swarm.completed' });
    expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: 0 });
  });

  it('begins no job when nobody will ask for more, but still obeys', async () => {
    const { actor, said, states, give, swarm } = supervise('finish');
    give(download('a'));
    await swarm(1);
    actor.send({ type: 'input.ended' });
    give(download('b'));
    expect([...states.keys()]).toEqual([1]);
    give({ kind: 'remove', id: 1 });
    expect(said).toEqual(['removed']);
    expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: 0 });
  });

  it('can still be told to quit when nobody will ask for more', async () => {
    const { actor, give, swarm, left } = supervise('finish');
    give(download('a'));
    await swarm(1);
    actor.send({ type: 'input.ended' });
    give({ kind: 'quit' });
    expect(left).toEqual([1]);
    expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: 1 });
  });

  it('stops at the end of the instructions if it is told to, and counts what was unfinished', async () => {
    const { actor, give, swarm, left } = supervise('stop');
    give(download('a'), download('bad'));
    (await swarm(1))({ type: 'swarm.joined' });
    actor.send({ type: 'input.ended' });
    expect(left).toEqual([1]);
    expect(actor.getSnapshot().output).toEqual({ failed: 1, unfinished: 1 });
  });

  it('keeps everything seeding at the end of the instructions if it is told to', async () => {
    const { actor, give, swarm } = supervise('seed');
    give(download('a'));
    const tell = await swarm(1);
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.completed' });
    actor.send({ type: 'input.ended' });
    expect(actor.getSnapshot().status).toBe('active');
    actor.send({ type: 'helper.stop' });
    expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: 0 });
  });

  it('never deletes the source of a seed', () => {
    const { said, states, give } = supervise();
    give({ kind: 'seed', given: 'endless' }, { kind: 'delete', id: 1 });
    expect(said).toEqual(['refused']);
    expect(states.get(1)).toBe('making');
  });

  it('removes a job without a line of progress, and counts it neither failed nor unfinished', () => {
    const { actor, said, give } = supervise('stop');
    give(download('a'), { kind: 'remove', id: 1 });
    expect(said).toEqual(['removed']);
    actor.send({ type: 'input.ended' });
    expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: 0 });
  });
});

it('the supervisor waits 2.5 s for the jobs to stop, and then for none', () => {
  const clock = new SimulatedClock();
  const told: string[] = [];
  const jobs = fromCallback<JobsEvent, JobsInput>(({ receive, input }) =>
    receive(({ type }) => {
      told.push(type);
      const tally = { failed: 0, unfinished: 7 };
      if (type === 'jobs.abandon') input.supervisor.send({ type: 'jobs.ended', tally });
    }),
  );
  const actor = createActor(supervisorMachine.provide({ actors: { jobs } }), {
    clock,
    input: {
      ...{ needsTracker: true, giveUpMs: undefined, onEof: 'finish', lastId: 0, maxActive: 1 },
      moveCompleted: undefined,
    },
  }).start();
  actor.send({ type: 'helper.stop' });
  clock.increment(2499);
  expect(told).toEqual(['jobs.stop']);
  clock.increment(1);
  expect(told).toEqual(['jobs.stop', 'jobs.abandon']);
  expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: 7 });
});

describe('the supervisor with a session', () => {
  it('brings jobs back under their ids, and counts on from the highest ever used', async () => {
    const { actor, said, entries, give, swarm } = supervise('finish', { lastId: 9 });
    actor.send({
      type: 'jobs.restored',
      orders: [{ id: 4, instruction: { kind: 'download', given: 'a' } }],
    });
    (await swarm(4))({ type: 'swarm.joined' });
    give(invalid);
    expect(said).toEqual(['4:a.iso:-1', '10::-2', 'failed']);
    // What is saved already is not noted again as begun.
    expect(entries.map(({ type, id }) => [type, id])).toEqual([
      ['located', 4],
      ['began', 10],
      ['ended', 10],
    ]);
  });

  it('shows what comes back to wait, by name where that is known, and lists all of them by id', async () => {
    const { actor, said, states, give, swarm } = supervise('finish', { lastId: 9, maxActive: 1 });
    const restore = (id: number, given: string, file?: string, saved?: SavedState) =>
      actor.send({
        type: 'jobs.restored',
        orders: [{ id, instruction: { kind: 'download', given }, file, saved }],
      });
    const known = { infoHash: torrent.infoHash };
    restore(2, 'a');
    restore(1, 'b.torrent', 'b.iso', { isPaused: true, ...known });
    restore(3, 'c.torrent', 'c.iso', { isPaused: false, ...known });
    restore(4, 'd.torrent', undefined, { isPaused: true });
    expect(said).toEqual(['1:b.iso:-1', '3:c.iso:-1']);
    (await swarm(2))({ type: 'swarm.joined' });
    give({ kind: 'list' });
    expect(said.slice(3)).toEqual(['1:b.iso:-1 again', '2:a.iso:-1 again', '3:c.iso:-1 again']);
    // It has said its -1.
    give({ kind: 'remove', id: 2 });
    expect(states.get(3)).toBe('fetching');
    (await swarm(3))({ type: 'swarm.joined' });
    expect(said.slice(6)).toEqual(['removed']);
    give({ kind: 'list' });
    expect(said.slice(7)).toEqual(['1:b.iso:-1 again', '3:a.iso:-1 again']);
  });

  it.each([1, 2])(
    'counts nothing that came back paused and stayed so (%i at once)',
    (maxActive) => {
      for (const kind of ['seed', 'download'] as const) {
        for (const end of ['helper.stop', 'input.ended'] as const) {
          const { actor, said, give, ended } = supervise('finish', { lastId: 9, maxActive });
          for (const id of [1, 2, 3]) {
            const saved = { isPaused: true, infoHash: torrent.infoHash };
            const order = { id, instruction: { kind, given: 'a' }, file: 'a.iso', saved };
            actor.send({ type: 'jobs.restored', orders: [order] });
          }
          // One goes on, and is paused again: that is of today.
          give({ kind: 'resume', id: 3 }, { kind: 'pause', id: 3 });
          give({ kind: 'pause', id: 2 });
          actor.send({ type: end });
          expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: 1 });
          expect(ended.sort()).toEqual(['1 stopped', '2 stopped', '3 stopped']);
          if (kind === 'seed') {
            expect(said.toSorted()).toEqual(['1:a.iso:-1', '2:a.iso:-1', '3:a.iso:-1']);
          }
        }
      }
    },
  );

  it('is told how each job ended', async () => {
    const { actor, ended, give, swarm } = supervise('finish');
    give(download('a'), download('bad'), download('b'), download('c'), invalid);
    give({ kind: 'remove', id: 3 });
    await countTurns().until(() => ended.includes('5 failed'));
    const tell = await swarm(1);
    actor.send({ type: 'input.ended' });
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.completed' });
    await swarm(4);
    actor.send({ type: 'helper.stop' });
    expect(ended.sort()).toEqual(['1 released', '2 failed', '3 removed', '4 stopped', '5 failed']);
  });

  it('entries all that is needed to bring a job back', async () => {
    const { entries, give, swarm } = supervise('finish');
    give(download('a'));
    await swarm(1);
    give({ kind: 'pause', id: 1 }, { kind: 'resume', id: 1 }, { kind: 'remove', id: 1 });
    expect(entries).toEqual([
      {
        type: 'began',
        id: 1,
        instruction: { kind: 'download', given: 'a' },
        addedMs: expect.any(Number),
      },
      { type: 'located', id: 1, located: { torrent, contentPath: '/d/a.iso', peers: [] } },
      { type: 'paused', id: 1, isPausedByUser: true },
      { type: 'paused', id: 1, isPausedByUser: false },
      { type: 'ended', id: 1 },
    ]);
  });

  it('lets a job that the helper stopped come back, and one that was complete and let go not', async () => {
    const stopped = supervise('finish');
    stopped.give(download('a'));
    await stopped.swarm(1);
    stopped.actor.send({ type: 'helper.stop' });
    expect(stopped.entries.at(-1)?.type).toBe('located');

    const done = supervise('finish');
    done.give(download('a'));
    const tell = await done.swarm(1);
    done.actor.send({ type: 'input.ended' });
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.completed' });
    expect(done.entries.at(-1)).toEqual({ type: 'ended', id: 1 });
  });
});

describe('a torrent', () => {
  it('says nothing twice when the engine died and is there again', async () => {
    const { said, states, give, swarm } = supervise();
    give(download('a'));
    const tell = await swarm(1);
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.checked', verifiedBytes: 500 });
    tell({ type: 'swarm.interrupted', failure: { code: 'ENGINE_CRASH', message: 'gone' } });
    expect(states.get(1)).toBe('recovering');
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.checked', verifiedBytes: 400 });
    tell({ type: 'piece.verified', verifiedBytes: 500 });
    tell({ type: 'piece.verified', verifiedBytes: 600 });
    expect(said).toEqual(['1:a.iso:-1', '1:a.iso:50', '1:a.iso:60']);
    expect(states.get(1)).toBe('downloading');
  });

  it('waits for the disk, says so once, and goes on when it is resumed', async () => {
    const { said, states, give, swarm, left } = supervise();
    const failure = { code: 'DISK_FULL', message: 'the disk is full' } as const;
    give(download('a'));
    for (const _attempt of [1, 2]) {
      const tell = await swarm(1);
      tell({ type: 'swarm.joined' });
      tell({ type: 'storage.error', failure });
      expect(states.get(1)).toBe('paused');
      give({ kind: 'resume', id: 1 });
      expect(states.get(1)).toBe('registering');
    }
    expect(said).toEqual(['1:a.iso:-1', 'warning']);
    expect(left).toEqual([1, 1]);
  });

  it('moves a download when it is complete, and is released only then', async () => {
    const { actor, said, states, give, swarm } = supervise('finish', { moveCompleted: '/done' });
    give(download('a'));
    const tell = await swarm(1);
    actor.send({ type: 'input.ended' });
    tell({ type: 'swarm.joined' });
    tell({ type: 'swarm.completed' });
    for (let turn = 0; turn < 100 && states.get(1) !== 'removed'; turn += 1) {
      await Promise.resolve();
      if (said.includes('moved')) (await swarm(1))({ type: 'swarm.completed' });
    }
    expect(said).toEqual(['1:a.iso:-1', '1:a.iso:100', 'done', 'moved']);
    expect(actor.getSnapshot().output).toEqual({ failed: 0, unfinished: 0 });
  });
});
