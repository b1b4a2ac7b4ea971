// The shape of the torrent machine, as a graph: it holds for every path, not only for those that other tests walk.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type AnyActorRef,
  type AnyMachineSnapshot,
  createActor,
  fromPromise,
  getNextSnapshot,
  SimulatedClock,
  type StateValue,
} from 'xstate';
import { monitorMachine } from '../../../machines/monitor.js';
import { relocationMachine } from '../../../machines/relocation.js';
import { torrentMachine } from '../../../machines/torrent.js';
import { hasBegun } from '../../../machines/torrent-context.js';
import type { Diagnostic, SavedState } from '../../../machines/types.js';
import {
  inert,
  settledEvent,
  type WalkOptions,
  walk,
} from '../../support/machines/machine-walk.js';
import {
  everyError,
  located,
  obstacle,
  publication,
  relocated,
  relocationWalk,
  torrentWalks,
} from '../../support/machines/torrent-walks.js';

function leafOf(value: StateValue): string {
  if (typeof value === 'string') return value;
  return Object.values(value)
    .map((inner) => (inner === undefined ? '' : leafOf(inner)))
    .join();
}

const steps = inert(torrentMachine);
const walked = (options: WalkOptions) => walk(torrentMachine, options).snapshots;
const seed = walked(torrentWalks.seed);
const download = walked(torrentWalks.download);
const reached = (snapshots: readonly AnyMachineSnapshot[]) =>
  new Set(snapshots.map(({ value }) => leafOf(value)));

const anySeed = ['making', 'writing', 'registering', 'recovering', 'seeding'];
const anyDownload = [
  ...['fetching', 'registering', 'recovering', 'checking', 'downloading', 'seeding', 'deleting'],
];
const either = [
  'copying',
  'committing',
  'byUser',
  'waitingForDisk',
  'failed',
  'removed',
  'stopped',
];

describe('the torrent machine', () => {
  it('reaches every state of a seed', () => {
    expect(reached(seed)).toEqual(new Set([...anySeed, ...either]));
  });

  it('reaches every state of a download', () => {
    expect(reached(download)).toEqual(new Set([...anyDownload, ...either, 'released']));
  });

  it('brings back what was paused as paused, with the name of its torrent where that is known', () => {
    const restoredSeed = walked(torrentWalks.restoredSeed);
    const restoredDownload = walked(torrentWalks.restoredDownload);
    expect(restoredSeed[0]).toMatchObject({
      value: { paused: 'byUser' },
      context: { percent: -1, stayedPaused: true },
    });
    const [unknown] = walked(torrentWalks.restoredUnknown);
    expect(unknown).toMatchObject({ value: { paused: 'byUser' }, context: { percent: undefined } });
    expect(restoredDownload[0]?.value).toEqual({ active: 'fetching' });
    const named = restoredDownload.find(
      ({ value, context }) => leafOf(value) === 'byUser' && context.located,
    );
    expect(named?.context).toMatchObject({ file: 'a.iso', percent: -1 });
    expect(reached(restoredDownload)).toEqual(reached(download));
    expect(reached(restoredSeed)).toEqual(reached(seed));
  });

  it('fails an invalid instruction at once', () => {
    expect(walked(torrentWalks.invalid).map(({ value }) => value)).toEqual(['failed']);
  });

  it('ends in each final state with what that is called', () => {
    for (const { value, output } of [...seed, ...download]) {
      if (typeof value === 'string' && value !== 'deleting') expect(output.kind).toBe(value);
      else expect(output).toBeUndefined();
    }
  });

  it('stops in every state, but for the moment in which content takes its new place', () => {
    for (const snapshot of [...seed, ...download]) {
      if (snapshot.status !== 'active') continue;
      const stopped = getNextSnapshot(steps, snapshot, { type: 'job.stop' });
      if (leafOf(snapshot.value) !== 'committing') expect(stopped.value).toBe('stopped');
      else {
        expect(leafOf(stopped.value)).toBe('committing');
        const done = settledEvent('relocation', {
          output: { failure: undefined, wasThere: false },
        });
        expect(getNextSnapshot(steps, stopped, done).value).toBe('stopped');
      }
    }
  });

  it('stops when nobody is left to resume what was paused while its content took its new place', () => {
    const committing = [...seed, ...download].filter(({ value }) => leafOf(value) === 'committing');
    expect(committing).not.toEqual([]);
    for (const snapshot of committing) {
      const paused = getNextSnapshot(steps, snapshot, { type: 'job.pause' });
      const alone = getNextSnapshot(steps, paused, { type: 'job.finish' });
      const done = settledEvent('relocation', { output: { failure: undefined, wasThere: false } });
      expect(getNextSnapshot(steps, alone, done).value).toBe('stopped');
    }
  });

  it.each(['job.pause', 'job.remove', 'job.delete', 'job.stop'] as const)(
    'cancels a copy that is under way on %s, seeding or not',
    (type) => {
      for (const role of ['seed', 'download'] as const) {
        const { actor, copies } = copying(role);
        if (role === 'download') actor.send({ type: 'job.pause' });
        else {
          actor.send({ type: 'swarm.joined' });
          actor.send({ type: 'swarm.announced' });
        }
        actor.send({ type: 'job.move', dir: '/elsewhere' });
        expect(copies).toEqual([{ isAborted: false }]);
        actor.send({ type });
        // What a seed publishes is never deleted.
        expect(copies).toEqual([{ isAborted: role === 'download' || type !== 'job.delete' }]);
        actor.stop();
      }
    },
  );

  it('begins a copy anew that a pause cancelled, when it is resumed', () => {
    const { actor, copies } = copying('download');
    actor.send({ type: 'job.move', dir: '/elsewhere' });
    actor.send({ type: 'job.pause' });
    actor.send({ type: 'job.resume' });
    expect(copies).toEqual([{ isAborted: true }, { isAborted: false }]);
    expect(actor.getSnapshot().value).toEqual({ relocating: 'copying' });
    actor.stop();
  });

  it('has a screenful of states, each of them described', async () => {
    const nodes = everyNode(torrentMachine.root);
    const working = nodes.filter(({ type }) => type === 'atomic');
    expect(working.length).toBeLessThanOrEqual(14);
    expect(Object.keys(torrentMachine.root.states)).toEqual([
      ...['starting', 'active', 'relocating', 'paused', 'deleting'],
      ...['failed', 'removed', 'released', 'stopped'],
    ]);
    expect(nodes.filter((node) => !node.description).map(({ id }) => id)).toEqual([]);
    const text = await readFile(join(import.meta.dirname, '../../../machines/torrent.ts'), 'utf8');
    expect(text.split('\n').length).toBeLessThanOrEqual(600);
  });
});

describe('whatever a step of a torrent fails with', () => {
  const asked = [...seed, ...download].filter(({ status }) => status === 'active');
  const underWay = (src: string) =>
    asked.flatMap((snapshot) => {
      const children: readonly AnyActorRef[] = Object.values(snapshot.children);
      return children.filter((child) => child.src === src).map(({ id }) => ({ snapshot, id }));
    });

  it.each(['makeMetainfo', 'writeMetainfo', 'fetchMetainfo', 'joinSwarm'])(
    'it waits if that may pass by itself, and else fails: %s',
    (src) => {
      expect(underWay(src).length).toBeGreaterThan(0);
      for (const { snapshot, id } of underWay(src)) {
        for (const error of everyError) {
          const next = getNextSnapshot(steps, snapshot, settledEvent(id, { error }));
          const { code, message } = error;
          const waits = error.isTransient || (error.isObstacle && hasBegun(snapshot.context));
          const expected = waits
            ? { value: { paused: 'waitingForDisk' }, context: { diskFailure: { code, message } } }
            : { value: 'failed', context: { failure: { code, message } } };
          expect(next, `${src} ${code}`).toMatchObject(expected);
        }
      }
    },
  );

  it('fails where it was to be deleted', () => {
    for (const { snapshot, id } of underWay('deleteContent')) {
      for (const error of everyError) {
        const next = getNextSnapshot(steps, snapshot, settledEvent(id, { error }));
        expect(next).toMatchObject({ value: 'failed', context: { failure: { code: error.code } } });
      }
    }
  });

  it('goes on where its content lies when a relocation failed', () => {
    for (const { snapshot, id } of underWay('relocation')) {
      for (const { code, message } of everyError) {
        const output = { failure: { code, message } };
        const next = getNextSnapshot(steps, snapshot, settledEvent(id, { output }));
        expect(next.context.relocation).toBeUndefined();
        expect(leafOf(next.value)).not.toBe('failed');
      }
    }
  });

  it('ends a relocation with that as its failure, at every step', () => {
    const relocation = inert(relocationMachine);
    for (const snapshot of walk(relocationMachine, relocationWalk).snapshots) {
      const children: readonly AnyActorRef[] = Object.values(snapshot.children);
      for (const child of children) {
        for (const error of everyError) {
          const next = getNextSnapshot(relocation, snapshot, settledEvent(child.id, { error }));
          expect(next).toMatchObject({
            value: 'failed',
            output: { failure: { code: error.code, message: error.message } },
          });
        }
      }
    }
  });
});

describe('what lies in the way of a download', () => {
  const inTheWay = { type: 'swarm.failed', failure: obstacle } as const;

  it('fails a job that has just been given, at once', () => {
    const { actor, told } = joined();
    actor.send({ type: 'swarm.joined' });
    actor.send(inTheWay);
    expect(actor.getSnapshot()).toMatchObject({ value: 'failed', output: { kind: 'failed' } });
    expect(told('warning')).toEqual([]);
    expect(told('failed')).toMatchObject([{ failure: obstacle }]);
  });

  it('is waited for by one that has said how much is there, be it nothing, and is tried again', () => {
    const { actor, clock, told } = joined();
    actor.send({ type: 'swarm.joined' });
    actor.send({ type: 'swarm.checked', verifiedBytes: 0 });
    for (const delayMs of [1000, 2000, 4000]) {
      actor.send(inTheWay);
      expect(actor.getSnapshot().value).toEqual({ paused: 'waitingForDisk' });
      clock.increment(delayMs - 1);
      expect(actor.getSnapshot().value).toEqual({ paused: 'waitingForDisk' });
      clock.increment(1);
      expect(actor.getSnapshot().value).toEqual({ active: { joined: { joining: 'registering' } } });
    }
    expect(told('failed')).toEqual([]);
    // Once, not each time.
    expect(told('warning')).toMatchObject([{ failure: obstacle }]);
  });

  it('is waited for by one whose content had its place in an earlier life', () => {
    const saved = { isPaused: false, infoHash: 'a'.repeat(40), contentPath: '/srv/a.iso' };
    const { actor, told } = joined(saved);
    actor.send(inTheWay);
    expect(actor.getSnapshot().value).toEqual({ paused: 'waitingForDisk' });
    expect(told('warning')).toMatchObject([{ failure: obstacle }]);
  });

  it('still fails one of which an earlier life knew no more than its name', () => {
    const { actor } = joined({ isPaused: false, infoHash: 'a'.repeat(40) });
    actor.send(inTheWay);
    expect(actor.getSnapshot().value).toBe('failed');
  });
});

describe('a job whose content lies where it is to go', () => {
  const there = settledEvent('relocation', { output: { failure: undefined, wasThere: true } });
  const moved = { kind: 'moved', id: 1, contentPath: located.contentPath };

  it('answers who asked for it, complete or not', () => {
    for (const event of [{ type: 'swarm.joined' }, { type: 'swarm.completed' }] as const) {
      const { actor, settled, told } = joined();
      actor.send(event);
      actor.send({ type: 'job.move', dir: '/srv' });
      settled.send(there);
      expect(told('moved')).toMatchObject([moved]);
      expect(actor.getSnapshot().context).toMatchObject({ located, moveTo: undefined });
    }
  });

  it('says nothing of what is done with all that is complete', () => {
    const { actor, settled, told } = joined(undefined, '/srv');
    actor.send({ type: 'swarm.joined' });
    actor.send({ type: 'swarm.completed' });
    expect(actor.getSnapshot().context.relocation).toBeDefined();
    settled.send(there);
    expect(actor.getSnapshot().context.relocation).toBeUndefined();
    expect(told('moved')).toEqual([]);
  });

  it('is known by a copy that finds it there, and by one that finds it there in the end', () => {
    const outputs = walk(relocationMachine, relocationWalk)
      .snapshots.filter(({ status }) => status === 'done')
      .map(({ context, output }) => [context.located.contentPath, output.wasThere]);
    expect(outputs).toContainEqual([located.contentPath, true]);
    expect(outputs).not.toContainEqual([relocated.contentPath, true]);
  });
});

describe('a job whose content is deleted', () => {
  it.each([
    ['tells what was left', obstacle, [{ failure: obstacle }]],
    ['is silent if nothing was left', undefined, []],
  ] as const)('%s, and is removed', (_what, output, warnings) => {
    const { actor, settled, told } = joined();
    actor.send({ type: 'job.delete' });
    settled.send(settledEvent('0.torrent.deleting', { output }));
    expect(actor.getSnapshot()).toMatchObject({ value: 'removed', output: { kind: 'removed' } });
    expect(told('warning')).toMatchObject(warnings);
    expect(told('removed')).toHaveLength(1);
  });
});

/** A download that joins its swarm, with what a person is told of it. */
function joined(saved?: SavedState, moveCompleted?: string) {
  const monitor = createActor(monitorMachine);
  const diagnostics: Diagnostic[] = [];
  monitor.on('diagnosed', ({ diagnostic }) => diagnostics.push(diagnostic));
  const clock = new SimulatedClock();
  const actor = createActor(inert(torrentMachine), {
    clock,
    input: {
      id: 1,
      instruction: { kind: 'download', given: 'a' },
      monitor: monitor.start(),
      saved,
      needsTracker: true,
      giveUpMs: undefined,
      moveCompleted,
    },
  }).start();
  const settled: AnyActorRef = actor;
  settled.send(settledEvent('0.torrent.active.fetching', { output: located }));
  const told = (kind: Diagnostic['kind']) => diagnostics.filter((each) => each.kind === kind);
  return { actor, clock, settled, told };
}

/** A job that has joined its swarm, and the copies of its content that were begun. */
function copying(kind: 'seed' | 'download') {
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
  const actor = createActor(machine, {
    input: {
      id: 1,
      instruction: { kind, given: 'a' },
      monitor: createActor(monitorMachine).start(),
      needsTracker: true,
      giveUpMs: undefined,
      moveCompleted: undefined,
    },
  }).start();
  // XState sends these itself, and so they are not among the events of a user.
  const settled: AnyActorRef = actor;
  if (kind === 'download') {
    settled.send(settledEvent('0.torrent.active.fetching', { output: located }));
  } else {
    settled.send(settledEvent('0.torrent.active.making', { output: located }));
    settled.send(settledEvent('0.torrent.active.writing', { output: publication }));
  }
  return { actor, copies };
}

type Node = typeof torrentMachine.root;

function everyNode(node: Node): Node[] {
  return [node, ...Object.values(node.states).flatMap(everyNode)];
}
