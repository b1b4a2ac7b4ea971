// The life of the engine: started, watched, started again when it dies, closed. What a life is, and what is joined in it,
// is provided by src/engine-thread; this chart only decides when the next one begins.
import { assign, type EventObject, fromCallback, sendTo, setup } from 'xstate';
import type { Failure } from './types.js';

/** What one life tells. Nothing follows `engine.died` and `engine.closed`. */
export type EngineLifeEvent =
  /** The peer port is open, and all that was joined before is joined again. */
  | { readonly type: 'engine.opened'; readonly peerPort: number }
  /** The peer port could not be opened. */
  | { readonly type: 'engine.refused'; readonly failure: Failure }
  /** It crashed, hung, or ran out of memory; its thread is gone. */
  | { readonly type: 'engine.died'; readonly failure: Failure }
  /** It has let go of everything, as it was told. */
  | { readonly type: 'engine.closed' };

export type EngineEvent = EngineLifeEvent | { readonly type: 'engine.close' };

export type EngineLifeCommand = { readonly type: 'life.close' };

export interface EngineLifeInput {
  /** The peer port to ask for. Undefined: the one the options name; 0: a free one. */
  readonly port: number | undefined;
}

export interface EngineContext {
  /** The peer port of the newest life that had one: where peers and trackers know us. */
  readonly peerPort: number | undefined;
  /** How often in a row a life ended early. */
  readonly deaths: number;
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
    life: fromCallback<EventObject, EngineLifeInput>(() => {
      throw new Error('the actor life is provided by the engine host');
    }),
  },
  delays: {
    /** 0.25, 0.5, 1 … 30 s. */
    restartDelay: ({ context }) =>
      Math.min(FIRST_DELAY_MS * 2 ** Math.max(0, context.deaths - 1), LONGEST_DELAY_MS),
    /** A life that lasted so long was a good one. */
    health: 60_000,
    startDeadline: 30_000,
    /** For last announces and the data's way to the disk. */
    closeDeadline: 4_000,
  },
  guards: {
    isFirst: ({ context }) => context.peerPort === undefined,
  },
  actions: {
    keepPort: assign({ peerPort: (_, peerPort: number) => peerPort, refusals: 0 }),
    countDeath: assign({ deaths: ({ context }) => context.deaths + 1 }),
    countRefusal: assign({ refusals: ({ context }) => context.refusals + 1 }),
    forgetDeaths: assign({ deaths: 0 }),
    tellToClose: sendTo('life', { type: 'life.close' }),
  },
}).createMachine({
  id: 'engine',
  description: 'Keeps the engine alive: what crashes or hangs is started again.',
  context: { peerPort: undefined, deaths: 0, refusals: 0 },
  initial: 'alive',
  states: {
    alive: {
      description: 'One life of the engine, in a thread of its own.',
      invoke: {
        src: 'life',
        id: 'life',
        input: ({ context: { peerPort, refusals } }) => ({
          port: refusals < MOST_REFUSALS ? peerPort : 0,
        }),
        onError: [
          { guard: 'isFirst', target: 'closed' },
          { target: 'waiting', actions: 'countDeath' },
        ],
      },
      initial: 'starting',
      on: {
        'engine.died': { target: 'waiting', actions: 'countDeath' },
        'engine.close': { target: '.closing' },
      },
      states: {
        starting: {
          description:
            'Loads, opens the peer port, and joins again what was joined before. An engine that never ran is given up.',
          on: {
            'engine.opened': {
              target: 'running',
              actions: { type: 'keepPort', params: ({ event }) => event.peerPort },
            },
            'engine.refused': [
              { guard: 'isFirst', target: '#engine.closed' },
              { target: '#engine.waiting', actions: ['countDeath', 'countRefusal'] },
            ],
            'engine.died': [
              { guard: 'isFirst', target: '#engine.closed' },
              { target: '#engine.waiting', actions: 'countDeath' },
            ],
          },
          after: {
            startDeadline: [
              { guard: 'isFirst', target: '#engine.closed' },
              { target: '#engine.waiting', actions: 'countDeath' },
            ],
          },
        },
        running: {
          description: 'Does its work. When it has lasted, earlier deaths are forgotten.',
          after: {
            health: { actions: 'forgetDeaths' },
          },
        },
        closing: {
          description: 'Leaves every swarm and flushes the data; what takes too long is cut off.',
          entry: 'tellToClose',
          on: {
            'engine.closed': { target: '#engine.closed' },
            'engine.refused': { target: '#engine.closed' },
            'engine.died': { target: '#engine.closed' },
          },
          after: {
            closeDeadline: { target: '#engine.closed' },
          },
        },
      },
    },
    waiting: {
      description: 'Between two lives; the wait grows with each early death.',
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
