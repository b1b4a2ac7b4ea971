// No arm of a machine is dead: each of its transitions is taken by some way through it, with events that really come.
import { describe, expect, it } from 'vitest';
import { type AnyActorRef, type AnyStateMachine, createActor } from 'xstate';
import { engineMachine } from '../../../machines/engine.js';
import { instructionParserMachine } from '../../../machines/instruction-parser.js';
import { monitorMachine } from '../../../machines/monitor.js';
import { relocationMachine } from '../../../machines/relocation.js';
import { supervisorMachine } from '../../../machines/supervisor.js';
import { torrentMachine } from '../../../machines/torrent.js';
import { armsOf, type WalkOptions, walk } from '../../support/machines/machine-walk.js';
import { failure, relocationWalk, torrentWalks } from '../../support/machines/torrent-walks.js';

const job = { id: 1, kind: 'download', file: 'a.iso', state: 'seeding' } as const;
const listener: AnyActorRef = createActor(monitorMachine).start();
const order = { id: 7, instruction: { kind: 'download', given: 'b' } };

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

const supervisorWalk = (onEof: string): WalkOptions => ({
  input: {
    lastId: 0,
    maxActive: 1,
    moveCompleted: undefined,
    needsTracker: true,
    giveUpMs: undefined,
    onEof,
  },
  real: ['monitor', 'instructionParser'],
  events: [
    { type: 'jobs.asked', instructions: [{ kind: 'download', given: 'a' }] },
    { type: 'jobs.restored', orders: [order] },
    { type: 'jobs.ended', tally: { failed: 0, unfinished: 1 } },
    { type: 'jobs.repeat' },
    { type: 'jobs.commanded', commands: [{ kind: 'pause', id: 1 }] },
    { type: 'lines.misread', lines: ['x'] },
    { type: 'input.ended' },
    { type: 'helper.stop' },
  ],
  outcomes: {},
});

const parserWalk: WalkOptions = {
  input: { supervisor: listener },
  events: [
    { type: 'lines.read', lines: [{ kind: 'text', text: 'list:', ended: true }] },
    { type: 'input.ended' },
  ],
  outcomes: {},
};

const monitorWalk: WalkOptions = {
  events: [
    { type: 'jobs.reported', reports: [{ type: 'job.stateChanged', job, percent: 5 }] },
    { type: 'helper.warned', failure },
    { type: 'helper.stopping' },
    { type: 'lines.misread', lines: ['x'] },
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
    supervisorMachine,
    ['finish', 'stop', 'seed'].map((onEof) => supervisorWalk(onEof)),
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
