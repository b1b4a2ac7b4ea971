// The shape of the torrent machine, as a graph: it holds for every path, not only for those that other tests walk.
import { describe, expect, it } from 'vitest';
import {
  type AnyActorRef,
  createActor,
  type EventFromLogic,
  getNextSnapshot,
  type StateValue,
} from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { monitorMachine } from '../../../machines/monitor.js';
import { torrentMachine } from '../../../machines/torrent.js';
import type { JobInstruction, LocatedTorrent, SavedState } from '../../../machines/types.js';

const located: LocatedTorrent = {
  torrent: { infoHash: 'a'.repeat(40), name: 'a.iso', lengthBytes: 100 },
  contentPath: '/srv/a.iso',
  peers: [],
};
const failure = { code: 'DISK_FULL', message: 'the disk is full' };
const staged = { stagedPath: '/elsewhere/.a.iso', contentPath: '/elsewhere/a.iso' };
const publication = {
  torrentFile: '/t/a.iso.torrent',
  infoHash: 'a'.repeat(40),
  magnetUri: 'magnet:?',
};

/** XState makes these itself when a step is done; they are not among the events that a user sends. */
const settled = (actor: string, step: string, outcome: 'done' | 'error', payload: object) =>
  ({
    type: `xstate.${outcome}.actor.${actor}`,
    actorId: step,
    ...payload,
  }) as unknown as EventFromLogic<typeof torrentMachine>;

/** Each event that may come, with the outcomes of every invoked step. */
const events: EventFromLogic<typeof torrentMachine>[] = [
  { type: 'job.pause' },
  { type: 'job.resume' },
  { type: 'job.remove' },
  { type: 'job.delete' },
  { type: 'job.move', dir: '/elsewhere' },
  { type: 'job.finish' },
  { type: 'job.stop' },
  { type: 'swarm.joined' },
  { type: 'swarm.announced' },
  { type: 'swarm.checked', verifiedBytes: 10 },
  { type: 'piece.verified', verifiedBytes: 50 },
  { type: 'swarm.completed' },
  { type: 'swarm.interrupted', failure },
  { type: 'storage.error', failure },
  { type: 'swarm.failed', failure },
  ...[
    ['0.torrent.active.making', { output: located }],
    ['0.torrent.active.writing', { output: publication }],
    ['0.torrent.active.fetching', { output: located }],
    ['0.torrent.active.swarming.seeding.staging', { output: staged }],
    ['0.torrent.active.swarming.seeding.tidying', {}],
    [
      '0.torrent.active.swarming.seeding.staging',
      { output: { ...staged, contentPath: '/srv/a.iso' } },
    ],
    ['0.torrent.moving.placing', { output: { ...located, contentPath: '/elsewhere/a.iso' } }],
    ['0.torrent.moving.clearing', {}],
    ['0.torrent.deleting', {}],
  ].flatMap(([id, done]) => [
    settled(String(id), String(id), 'done', done as object),
    settled(String(id), String(id), 'error', { error: new Error('no') }),
    settled(String(id), String(id), 'error', {
      error: Object.assign(new Error('full'), { code: 'DISK_FULL' }),
    }),
  ]),
  settled('0.torrent.active.swarming', '0.torrent.active.swarming', 'error', {
    error: new Error('no'),
  }),
];

function leafOf(value: StateValue): string {
  if (typeof value === 'string') return value;
  return Object.values(value)
    .map((inner) => (inner === undefined ? '' : leafOf(inner)))
    .join();
}

function pathsOf(instruction: JobInstruction, saved?: SavedState) {
  const monitor: AnyActorRef = createActor(monitorMachine).start();
  return getShortestPaths(torrentMachine, {
    input: {
      ...{ id: 1, instruction, monitor, saved },
      ...{ needsTracker: true, giveUpMs: undefined, moveCompleted: undefined },
    },
    events,
    stopWhen: ({ status }) => status !== 'active',
    serializeState: (snapshot) =>
      JSON.stringify([
        snapshot.value,
        snapshot.status,
        snapshot.context.isFinishing,
        snapshot.context.percent === 100,
        snapshot.context.isPausedByUser,
        snapshot.context.isStopping,
      ]),
  });
}

const seed = pathsOf({ kind: 'seed', given: '/srv/a.iso' });
const download = pathsOf({ kind: 'download', given: 'a.torrent' });
const restoredSeed = pathsOf({ kind: 'seed', given: '/srv/a.iso' }, { isPaused: true });
const restoredDownload = pathsOf(
  { kind: 'download', given: 'a.torrent' },
  { isPaused: true, infoHash: 'a'.repeat(40) },
);
const invalid = pathsOf({ kind: 'invalid', given: '', failure });
const reached = (paths: typeof seed) => new Set(paths.map(({ state }) => leafOf(state.value)));

describe('the torrent machine', () => {
  it('reaches every state of a seed', () => {
    expect(reached(seed)).toEqual(
      new Set([
        ...['making', 'writing', 'registering', 'giving', 'staging', 'tidying', 'recovering'],
        ...['byUser', 'byDisk', 'placing', 'clearing', 'failed', 'removed'],
      ]),
    );
  });

  it('reaches every state of a download', () => {
    expect(reached(download)).toEqual(
      new Set([
        ...['fetching', 'registering', 'checking', 'downloading', 'giving', 'staging', 'tidying'],
        ...['recovering', 'byUser', 'byDisk', 'placing', 'clearing'],
        ...['deleting', 'failed', 'removed'],
      ]),
    );
  });

  it('brings back what was paused as paused, with the name of its torrent where that is known', () => {
    expect(restoredSeed[0]?.state.value).toEqual({ paused: 'byUser' });
    expect(restoredDownload[0]?.state.value).toEqual({ active: 'fetching' });
    const named = restoredDownload
      .filter(({ steps }) => steps.length === 2)
      .map(({ state }) => state);
    expect(named.some(({ value }) => JSON.stringify(value) === '{"paused":"byUser"}')).toBe(true);
    expect(reached(restoredDownload)).toEqual(reached(download));
    expect(reached(restoredSeed)).toEqual(reached(seed));
  });

  it('fails a invalid at once', () => {
    expect(invalid.map(({ state }) => state.value)).toEqual(['failed']);
  });

  it('reaches an end from every state', () => {
    for (const { state } of [...seed, ...download]) {
      // What ended in an error was told of a step that was not under way.
      if (state.status !== 'active') continue;
      // A move that is under way is ended first.
      let stopped = getNextSnapshot(torrentMachine, state, { type: 'job.stop' });
      for (const step of ['placing', 'clearing']) {
        const id = `0.torrent.moving.${step}`;
        if (stopped.status === 'done') break;
        stopped = getNextSnapshot(
          torrentMachine,
          stopped,
          settled(id, id, 'done', { output: located }),
        );
      }
      expect(stopped.status, JSON.stringify(state.value)).toBe('done');
    }
  });

  it('answers both outcomes of every step that it invokes', () => {
    const invokes = everyInvoke(torrentMachine.root);
    expect(invokes.length).toBe(10);
    for (const { id, src, handled } of invokes) {
      expect(handled, String(src)).toContain(`xstate.error.actor.${id}`);
      // The swarm tells of its end by events, and a claim is held; they never are done.
      if (src !== 'joinSwarm' && src !== 'holdTorrentLocks')
        expect(handled, String(src)).toContain(`xstate.done.actor.${id}`);
    }
  });

  it('describes every state', () => {
    const nodes = everyNode(torrentMachine.root);
    expect(nodes.filter((node) => !node.description).map(({ id }) => id)).toEqual([]);
  });
});

type Node = typeof torrentMachine.root;

function everyNode(node: Node): Node[] {
  return [node, ...Object.values(node.states).flatMap(everyNode)];
}

function everyInvoke(node: Node) {
  return everyNode(node).flatMap((each) =>
    each.invoke.map(({ id, src }) => ({ id, src, handled: each.ownEvents as readonly string[] })),
  );
}
