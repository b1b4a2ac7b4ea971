// No arm of a machine is dead: each of its transitions is taken by some way through it, with events that really come.
import { describe, expect, it } from 'vitest';
import { type AnyActorRef, type AnyStateMachine, createActor } from 'xstate';
import { engineMachine } from '../../../machines/engine.js';
import { instructionParserMachine } from '../../../machines/instruction-parser.js';
import { monitorMachine } from '../../../machines/monitor.js';
import { relocationMachine } from '../../../machines/relocation.js';
import { supervisorMachine } from '../../../machines/supervisor.js';
import { torrentMachine } from '../../../machines/torrent.js';
import { armsOf, inert, type WalkOptions, walk } from '../../support/machines/machine-walk.js';
import {
  failure,
  publication,
  relocationWalk,
  torrentWalks,
} from '../../support/machines/torrent-walks.js';

const job = { id: 1, kind: 'download', file: 'a.iso', state: 'seeding' } as const;
const listener: AnyActorRef = createActor(monitorMachine).start();
const order = (id: number, given: string) => ({
  id,
  instruction: { kind: 'download', given } as const,
});
const outcome = (child: AnyActorRef, kind: string) => ({
  output: { id: Number(child.id.replace('job-', '')), kind, completed: false },
});

const engineWalk: WalkOptions = {
  events: [
    { type: 'engine.opened', peerPort: 7 },
    { type: 'engine.refused', failure },
    { type: 'engine.crashed', failure },
    { type: 'engine.closed' },
    { type: 'engine.close' },
  ],
  outcomes: { worker: () => [{ error: new Error('no') }] },
  traitsOf: ({ failures, isFirst, peerPort }) => [failures > 0, isFirst, peerPort],
};

const supervisorWalk = (onEof: string, maxActive: number): WalkOptions => ({
  input: {
    lastId: 0,
    maxActive,
    moveCompleted: undefined,
    needsTracker: true,
    giveUpMs: undefined,
    onEof,
  },
  real: ['torrent', 'monitor', 'instructionParser'],
  events: [
    { type: 'job.asked', instruction: { kind: 'download', given: 'a' } },
    { type: 'job.restored', order: order(7, 'b') },
    { type: 'job.called', order: order(1, 'a'), command: { kind: 'delete', id: 1 } },
    { type: 'jobs.dropped', count: 1, unfinished: 0 },
    { type: 'instruction.given', instruction: { kind: 'list' } },
    { type: 'instruction.given', instruction: { kind: 'pause', id: 1 } },
    { type: 'instruction.given', instruction: { kind: 'not-understood', line: 'x' } },
    { type: 'instruction.given', instruction: { kind: 'quit' } },
    { type: 'input.ended' },
    { type: 'helper.stop' },
  ],
  outcomes: {
    torrent: (child) => [outcome(child, 'failed'), outcome(child, 'stopped'), { error: 'a bug' }],
  },
  traitsOf: ({ jobs, waiting }) => [Object.keys(jobs).length > 0, waiting > 0],
});

const parserWalk: WalkOptions = {
  input: { supervisor: listener },
  events: [
    { type: 'line.read', line: { kind: 'text', text: 'list:', ended: true } },
    { type: 'input.ended' },
  ],
  outcomes: {},
};

const monitorWalk: WalkOptions = {
  events: [
    { type: 'job.stateChanged', job, percent: 5 },
    { type: 'job.recorded', entry: { type: 'ended', id: 1 } },
    { type: 'job.progressed', job, percent: 5, repeated: false },
    { type: 'job.published', job, publication },
    { type: 'job.downloaded', job, contentPath: '/srv/a.iso' },
    { type: 'job.relocated', job, contentPath: '/srv/a.iso' },
    { type: 'job.warned', job, failure },
    { type: 'job.relocationFailed', job, failure },
    { type: 'instruction.refused', id: 1, command: 'move', failure },
    { type: 'job.failed', job, failure },
    { type: 'job.removed', job },
    { type: 'job.ended', job, end: 'stopped' },
    { type: 'helper.warned', failure },
    { type: 'instruction.misread', line: 'x' },
  ],
  outcomes: {},
};

// What sets these apart shows in their first events; where they lead is as for the others.
const { seed, download, openSeed, invalid } = torrentWalks;
const { restoredDownload, restoredSeed, restoredUnknown } = torrentWalks;
const others = [openSeed, restoredDownload, restoredSeed, restoredUnknown, invalid];
const withFewEvents = (options: WalkOptions): WalkOptions => ({ ...options, mostEvents: 4 });

const machines: readonly (readonly [string, AnyStateMachine, readonly WalkOptions[]])[] = [
  ['torrent', torrentMachine, [seed, download, ...others.map(withFewEvents)]],
  ['relocation', relocationMachine, [relocationWalk]],
  [
    'supervisor',
    supervisorMachine.provide({
      actors: { torrent: inert(torrentMachine) },
      actions: { cleanUp: () => {} },
    }),
    ['finish', 'stop', 'seed'].map((onEof) => supervisorWalk(onEof, 1)),
  ],
  [
    'instruction parser',
    instructionParserMachine.provide({ actions: { passOn: () => {} } }),
    [parserWalk],
  ],
  ['monitor', monitorMachine, [monitorWalk]],
  ['engine', engineMachine, [engineWalk]],
];

describe.each(machines)('the %s machine', { timeout: 120_000 }, (_name, machine, walks) => {
  it('takes each of its transitions on some way through it', () => {
    const taken = new Set(walks.flatMap((options) => [...walk(machine, options).taken]));
    expect(armsOf(machine).filter((arm) => !taken.has(arm))).toEqual([]);
  });

  it('tells its arms apart', () => {
    expect(armsOf(machine)).toEqual([...new Set(armsOf(machine))]);
  });
});
