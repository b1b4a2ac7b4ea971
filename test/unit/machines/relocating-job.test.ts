// Jobs whose content goes elsewhere, as their machine decides it: what it takes meanwhile, what it refuses, and where it goes on.
import { describe, expect, it } from 'vitest';
import { fromPromise } from 'xstate';
import { relocationMachine } from '../../../machines/relocation.js';
import { torrentMachine } from '../../../machines/torrent.js';
import type { TorrentInput } from '../../../machines/torrent-context.js';
import { joiningJob, seedOrder } from '../../support/machines/lone-job.js';
import { inert } from '../../support/machines/machine-walk.js';
import { failure, located, relocated } from '../../support/machines/torrent-walks.js';

const move = { type: 'job.move', dir: '/elsewhere' } as const;
const done = { output: { failure: undefined, wasThere: false } };

/** It has left its swarm, and its content is copied. */
function copying() {
  const job = joiningJob();
  job.actor.send({ type: 'swarm.joined' });
  job.actor.send(move);
  expect(job.value).toEqual({ relocating: 'copying' });
  return job;
}

function committing() {
  const job = copying();
  job.actor.send({ type: 'relocation.copied' });
  expect(job.value).toEqual({ relocating: 'committing' });
  return job;
}

describe('a job whose content lies where it is to go', () => {
  const there = { output: { failure: undefined, wasThere: true } };
  const moved = { kind: 'moved', id: 1, contentPath: located.contentPath };

  it('answers who asked for it, complete or not', () => {
    for (const event of [{ type: 'swarm.joined' }, { type: 'swarm.completed' }] as const) {
      const { actor, settle, told } = joiningJob();
      actor.send(event);
      actor.send({ type: 'job.move', dir: '/srv' });
      settle('relocation', there);
      expect(told('moved')).toMatchObject([moved]);
      expect(actor.getSnapshot().context).toMatchObject({ located, moveTo: undefined });
    }
  });

  it('says nothing of what is done with all that is complete', () => {
    const { actor, settle, told } = joiningJob({ moveCompleted: '/srv' });
    actor.send({ type: 'swarm.joined' });
    actor.send({ type: 'swarm.completed' });
    expect(actor.getSnapshot().context.relocation).toBeDefined();
    settle('relocation', there);
    expect(actor.getSnapshot().context.relocation).toBeUndefined();
    expect(told('moved')).toEqual([]);
  });
});

describe('a job on the move', () => {
  it('refuses to go elsewhere or to announce, and reads its content when it has arrived, if that is asked', () => {
    const { actor, settle, told } = copying();
    actor.send(move);
    actor.send({ type: 'job.announce' });
    actor.send({ type: 'job.verify' });
    expect(told('refused')).toMatchObject([{ command: 'move' }, { command: 'announce' }]);
    settle('relocation', done);
    expect(actor.getSnapshot()).toMatchObject({
      value: { active: { joined: { joining: 'registering' } } },
      context: { mustVerify: true, moveTo: undefined },
    });
  });

  it.each([
    ['paused', 'job.pause', { value: { paused: 'byUser' }, context: { isPausedByUser: true } }],
    ['removed', 'job.remove', { value: 'removed' }],
    ['deleted', 'job.delete', { value: 'deleting' }],
  ] as const)('can be %s while its content is copied', (_what, type, expected) => {
    const { actor } = copying();
    actor.send({ type });
    expect(actor.getSnapshot()).toMatchObject(expected);
  });

  it('that was paused or resumed while the copy takes its place does so when that is done', () => {
    const [paused, resumed] = [committing(), committing()];
    for (const { actor } of [paused, resumed]) actor.send({ type: 'job.pause' });
    resumed.actor.send({ type: 'job.resume' });
    for (const { settle } of [paused, resumed]) settle('relocation', done);
    expect(paused.value).toEqual({ paused: 'byUser' });
    expect(resumed.value).toMatchObject({ active: { joined: {} } });
  });

  it('refuses a second way while it seeds, and while it finds its swarm again', () => {
    const job = joiningJob();
    job.actor.send({ type: 'swarm.joined' });
    job.actor.send({ type: 'swarm.completed' });
    job.actor.send(move);
    job.actor.send({ type: 'job.move', dir: '/third' });
    expect(job.value).toEqual({ active: { joined: 'seeding' } });
    job.actor.send({ type: 'swarm.interrupted', failure });
    job.actor.send({ type: 'job.move', dir: '/third' });
    expect(job.value).toEqual({ active: { joined: { joining: 'recovering' } } });
    expect(job.told('refused')).toMatchObject([{ command: 'move' }, { command: 'move' }]);
    expect(job.actor.getSnapshot().context.moveTo?.dir).toBe('/elsewhere');
  });

  it('is neither removed nor deleted while the copy takes its place', () => {
    const job = committing();
    job.actor.send({ type: 'job.remove' });
    job.actor.send({ type: 'job.delete' });
    expect(job.value).toEqual({ relocating: 'committing' });
    expect(job.told('refused')).toMatchObject([{ command: 'remove' }, { command: 'delete' }]);
  });

  it('stops when the copy has taken its place, told to stop or paused with nobody to resume it', () => {
    for (const events of [
      [{ type: 'job.stop' }],
      [{ type: 'job.pause' }, { type: 'job.finish' }],
    ] as const) {
      const job = committing();
      for (const event of events) job.actor.send(event);
      expect(job.value).toEqual({ relocating: 'committing' });
      job.settle('relocation', done);
      expect(job.actor.getSnapshot().output).toMatchObject({ kind: 'stopped' });
    }
  });

  it('goes on where its content lies now, and is let go when that is complete, if nobody asks for more', () => {
    const { actor, settle } = committing();
    actor.send({ type: 'job.finish' });
    actor.send({ type: 'relocation.committed', located: relocated });
    settle('relocation', done);
    expect(actor.getSnapshot().context.located).toEqual(relocated);
    actor.send({ type: 'swarm.joined' });
    actor.send({ type: 'swarm.completed' });
    expect(actor.getSnapshot().output).toMatchObject({ kind: 'released', completed: true });
  });
});

describe('the copy of a job on the move', () => {
  it.each(['job.pause', 'job.remove', 'job.delete', 'job.stop'] as const)(
    'cancels a copy that is under way on %s, seeding or not',
    (type) => {
      for (const order of [seedOrder, undefined]) {
        const { actor, copies } = withCopies(order);
        const isDownload = order === undefined;
        if (isDownload) actor.send({ type: 'job.pause' });
        else {
          actor.send({ type: 'swarm.joined' });
          actor.send({ type: 'swarm.announced' });
        }
        actor.send({ type: 'job.move', dir: '/elsewhere' });
        expect(copies).toEqual([{ isAborted: false }]);
        actor.send({ type });
        // What a seed publishes is never deleted.
        expect(copies).toEqual([{ isAborted: isDownload || type !== 'job.delete' }]);
        actor.stop();
      }
    },
  );

  it('begins a copy anew that a pause cancelled, when it is resumed', () => {
    const { actor, copies } = withCopies();
    actor.send({ type: 'job.move', dir: '/elsewhere' });
    actor.send({ type: 'job.pause' });
    actor.send({ type: 'job.resume' });
    expect(copies).toEqual([{ isAborted: true }, { isAborted: false }]);
    expect(actor.getSnapshot().value).toEqual({ relocating: 'copying' });
    actor.stop();
  });
});

/** A job that has joined its swarm, and the copies of its content that were begun. */
function withCopies(order: Partial<TorrentInput> = {}) {
  const copies: { isAborted: boolean }[] = [];
  const relocation = relocationMachine.provide({
    actors: {
      copyContent: fromPromise(({ signal }) => {
        const copy = { isAborted: false };
        copies.push(copy);
        signal.addEventListener('abort', () => {
          copy.isAborted = true;
        });
        return new Promise<never>(() => {});
      }),
    },
  });
  const machine = inert(torrentMachine, ['relocation']).provide({ actors: { relocation } });
  return { copies, actor: joiningJob(order, machine).actor };
}
