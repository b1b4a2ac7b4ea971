// The engine's worker: started, watched, started again when it crashes, closed. What the worker does is provided by
// src/engine-thread; this chart only decides when the next one is started.
import { assign, type EventObject, fromCallback, sendTo, setup } from 'xstate';
import type { Failure } from './types.js';

/** What one worker tells. Nothing follows `engine.crashed` and `engine.closed`. */
export type WorkerEvent =
  /** The peer port is open, and all that was joined before is joined again. */
  | { readonly type: 'engine.opened'; readonly peerPort: number }
  /** The peer port could not be opened. */
  | { readonly type: 'engine.refused'; readonly failure: Failure }
  /** It crashed, hung, or ran out of memory; its thread is gone. */
  | { readonly type: 'engine.crashed'; readonly failure: Failure }
  /** It has closed everything, as it was told. */
  | { readonly type: 'engine.closed' };

export type EngineEvent = WorkerEvent | { readonly type: 'engine.close' };

export type WorkerCommand = { readonly type: 'worker.close' };

export interface WorkerInput {
  /** The peer port to ask for. Undefined: the one the options name; 0: a free one. */
  readonly port: number | undefined;
}

export interface EngineContext {
  /** The peer port of the newest worker that had one: where peers and trackers know us. */
  readonly peerPort: number | undefined;
  /** How often in a row a worker ended early. */
  readonly failures: number;
  /** How often in a row the port was not to be had. */
  readonly refusals: number;
}

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 30_000;
/** After so many refusals in a row a free port is taken: to be reached elsewhere is better than nowhere. */
const MOST_REFUSALS = 4;

export const engineMachine = setup({
  types: {
    context: {} as EngineContext,
    events: {} as EngineEvent,
  },
  actors: {
    worker: fromCallback<EventObject, WorkerInput>(() => {
      throw new Error('the actor worker is provided by the engine host');
    }),
  },
  delays: {
    /** 0.25, 0.5, 1 … 30 s. */
    restartDelay: ({ context }) =>
      Math.min(FIRST_DELAY_MS * 2 ** Math.max(0, context.failures - 1), LONGEST_DELAY_MS),
    /** A worker that has run for so long is a good one. */
    stableAfter: 60_000,
    startDeadline: 30_000,
    /** For last announces and the data's way to the disk. */
    closeDeadline: 4_000,
  },
  guards: {
    isFirst: ({ context }) => context.peerPort === undefined,
  },
  actions: {
    setPeerPort: assign({ peerPort: (_, peerPort: number) => peerPort, refusals: 0 }),
    countFailure: assign({ failures: ({ context }) => context.failures + 1 }),
    countRefusal: assign({ refusals: ({ context }) => context.refusals + 1 }),
    forgetFailures: assign({ failures: 0 }),
    tellToClose: sendTo('worker', { type: 'worker.close' }),
  },
}).createMachine({
  id: 'engine',
  description: 'Keeps the engine alive: what crashes or hangs is started again.',
  context: { peerPort: undefined, failures: 0, refusals: 0 },
  initial: 'alive',
  states: {
    alive: {
      description: 'One worker runs the engine, in a thread of its own.',
      invoke: {
        src: 'worker',
        id: 'worker',
        input: ({ context: { peerPort, refusals } }) => ({
          port: refusals < MOST_REFUSALS ? peerPort : 0,
        }),
        onError: [
          { guard: 'isFirst', target: 'closed' },
          { target: 'waiting', actions: 'countFailure' },
        ],
      },
      initial: 'starting',
      on: {
        'engine.crashed': { target: 'waiting', actions: 'countFailure' },
        'engine.close': { target: '.closing' },
      },
      states: {
        starting: {
          description:
            'Loads, opens the peer port, and joins again what was joined before. An engine that never ran is given up.',
          on: {
            'engine.opened': {
              target: 'running',
              actions: { type: 'setPeerPort', params: ({ event }) => event.peerPort },
            },
            'engine.refused': [
              { guard: 'isFirst', target: '#engine.closed' },
              { target: '#engine.waiting', actions: ['countFailure', 'countRefusal'] },
            ],
            'engine.crashed': [
              { guard: 'isFirst', target: '#engine.closed' },
              { target: '#engine.waiting', actions: 'countFailure' },
            ],
          },
          after: {
            startDeadline: [
              { guard: 'isFirst', target: '#engine.closed' },
              { target: '#engine.waiting', actions: 'countFailure' },
            ],
          },
        },
        running: {
          description: 'Does its work. When it has lasted, earlier failures are forgotten.',
          after: {
            stableAfter: { actions: 'forgetFailures' },
          },
        },
        closing: {
          description: 'Leaves every swarm and flushes the data; what takes too long is cut off.',
          entry: 'tellToClose',
          on: {
            'engine.closed': { target: '#engine.closed' },
            'engine.refused': { target: '#engine.closed' },
            'engine.crashed': { target: '#engine.closed' },
          },
          after: {
            closeDeadline: { target: '#engine.closed' },
          },
        },
      },
    },
    waiting: {
      description: 'Between two workers; the wait grows with each failure.',
      on: {
        'engine.close': { target: 'closed' },
      },
      after: {
        restartDelay: { target: 'alive' },
      },
    },
    closed: {
      description: 'Over: the thread is ended.',
      type: 'final',
    },
  },
});
