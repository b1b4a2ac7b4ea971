// The shape of the torrent machine, as a graph: it holds for every path, not only for those that other tests walk.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type AnyActorRef,
  type AnyMachineSnapshot,
  getNextSnapshot,
  type StateValue,
} from 'xstate';
import { relocationMachine } from '../../../machines/relocation.js';
import { torrentMachine } from '../../../machines/torrent.js';
import { hasBegun } from '../../../machines/torrent-context.js';
import {
  inert,
  settledEvent,
  type WalkOptions,
  walk,
} from '../../support/machines/machine-walk.js';
import {
  everyError,
  located,
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

  it('has so few fields that V8 copies them quickly', () => {
    for (const { context } of [...seed, ...download]) {
      expect(Object.keys(context).length).toBeLessThan(20);
    }
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
            ? {
                value: { paused: 'waitingForDisk' },
                context: { refusal: { failure: { code, message } } },
              }
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

describe('a relocation', () => {
  it('knows that the content lay there, by a copy that finds it there, and by one that finds it there in the end', () => {
    const outputs = walk(relocationMachine, relocationWalk)
      .snapshots.filter(({ status }) => status === 'done')
      .map(({ context, output }) => [context.located.contentPath, output.wasThere]);
    expect(outputs).toContainEqual([located.contentPath, true]);
    expect(outputs).not.toContainEqual([relocated.contentPath, true]);
  });
});

type Node = typeof torrentMachine.root;

function everyNode(node: Node): Node[] {
  return [node, ...Object.values(node.states).flatMap(everyNode)];
}
