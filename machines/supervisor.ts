// The supervisor: a routing table. It hands the jobs and the commands on to the jobs actor, in their order, and decides when
// the helper is through. It holds nothing for a job: what a machine holds is copied at each change. What happens inside a job
// is the job's own affair.
import {
  type ActorRef,
  type ActorRefFrom,
  assign,
  type DoneActorEvent,
  type ErrorActorEvent,
  enqueueActions,
  fromCallback,
  type Snapshot,
  sendTo,
  setup,
} from 'xstate';
import {
  type AskedEvent,
  instructionParserMachine,
  type MisreadEvent,
  type ParsedEvent,
} from './instruction-parser.js';
import { monitorMachine, type ReportedEvent } from './monitor.js';
import { notProvided } from './not-provided.js';
import type { TorrentInput } from './torrent-context.js';
import type { JobCommand, JobOrder, JobReport, Outcome } from './types.js';

export type SupervisorEvent =
  /** `helper.stop` comes of a signal, too, of the end of the output, or of the library's close(). */
  ParsedEvent | RestoredEvent | JobsAnswer;

/** A session brings jobs back, under the ids they had. */
export interface RestoredEvent {
  readonly type: 'jobs.restored';
  readonly orders: readonly JobOrder[];
}

/** What the jobs actor is told: by the supervisor, and by the torrent actors that it starts. */
export type JobsEvent =
  /** They take the next ids, whatever becomes of them, and begin when they may. */
  | AskedEvent
  | RestoredEvent
  /** Refused if no live job has its id. */
  | { readonly type: 'job.commanded'; readonly command: JobCommand }
  /** The last line of every live job is to be said again, by id. */
  | { readonly type: 'jobs.repeat' }
  /** Nobody will ask for more, nor resume what is paused. */
  | { readonly type: 'jobs.finish' }
  /** Every job is to stop; nothing that waits will begin. */
  | { readonly type: 'jobs.stop' }
  /** Whichever has not stopped is not waited for. */
  | { readonly type: 'jobs.abandon' }
  /** From itself: what was reported is told now. */
  | { readonly type: 'jobs.tell' }
  | JobReport
  | DoneActorEvent<Outcome>
  | ErrorActorEvent;

/** What the jobs actor answers to `jobs.finish`, `jobs.stop` and `jobs.abandon`, once. */
export interface JobsAnswer {
  readonly type: 'jobs.ended';
  readonly tally: Tally;
}

/** What the jobs have in common. */
export interface ActiveJobsInput
  extends Pick<TorrentInput, 'moveCompleted' | 'needsTracker' | 'giveUpMs'> {
  /** So many jobs have an actor at once; the others wait. */
  readonly maxActive: number;
  /** Those that rest, which seed or were paused by their users, are not counted. */
  readonly isRestFree?: boolean | undefined;
  /** The highest id the session ever gave; 0 without one. */
  readonly lastId: number;
}

export interface JobsInput extends ActiveJobsInput {
  readonly supervisor: ActorRef<Snapshot<unknown>, JobsAnswer>;
  readonly monitor: ActorRef<Snapshot<unknown>, ReportedEvent>;
}

export interface SupervisorInput extends ActiveJobsInput {
  /** What the end of the instructions means. */
  readonly onEof: 'finish' | 'stop' | 'seed';
}

/** What became of the jobs that did not end well. */
export interface Tally {
  readonly failed: number;
  /**
   * Downloads not complete, and seeds not yet published, when the helper was told to stop; not those that a session brought
   * back paused and nobody let go on.
   */
  readonly unfinished: number;
}

export interface SupervisorContext extends Pick<SupervisorInput, 'onEof'> {
  readonly monitor: ActorRefFrom<typeof monitorMachine>;
  readonly parser: ActorRefFrom<typeof instructionParserMachine>;
  readonly jobs: ActorRef<Snapshot<unknown>, JobsEvent>;
  readonly tally: Tally;
}

export const supervisorMachine = setup({
  types: {
    input: {} as SupervisorInput,
    context: {} as SupervisorContext,
    events: {} as SupervisorEvent,
    output: {} as Tally,
  },
  actors: {
    monitor: monitorMachine,
    instructionParser: instructionParserMachine,
    jobs: fromCallback<JobsEvent, JobsInput>(() => notProvided('jobs')),
  },
  delays: {
    /** Of the 5 s that a stop may take, the rest is for what the jobs have used. */
    longestStop: 2_500,
  },
  guards: {
    stopsAtEof: ({ context }) => context.onEof === 'stop',
    finishesAtEof: ({ context }) => context.onEof === 'finish',
  },
  actions: {
    passOn: sendTo(
      ({ context }) => context.jobs,
      (_, event: AskedEvent | RestoredEvent) => event,
    ),
    /** One by one: what becomes of one is known before the next, and answered before it. */
    passOnEach: enqueueActions(({ context, enqueue }, commands: readonly JobCommand[]) => {
      for (const command of commands)
        enqueue.sendTo(context.jobs, { type: 'job.commanded', command });
    }),
    tellMisread: sendTo(
      ({ context }) => context.monitor,
      (_, event: MisreadEvent) => event,
    ),
    repeatAll: sendTo(({ context }) => context.jobs, { type: 'jobs.repeat' }),
    finishAll: sendTo(({ context }) => context.jobs, { type: 'jobs.finish' }),
    announceStop: sendTo(({ context }) => context.monitor, { type: 'helper.stopping' }),
    stopAll: sendTo(({ context }) => context.jobs, { type: 'jobs.stop' }),
    abandonAll: sendTo(({ context }) => context.jobs, { type: 'jobs.abandon' }),
    setTally: assign({ tally: (_, tally: Tally) => tally }),
  },
}).createMachine({
  id: 'supervisor',
  description: 'Starts the parser, the monitor, and the actor of the jobs.',
  context: ({ input, spawn, self }) => {
    const { onEof, ...shared } = input;
    const monitor = spawn('monitor', { id: 'monitor' });
    return {
      onEof,
      monitor,
      parser: spawn('instructionParser', { id: 'instruction-parser', input: { supervisor: self } }),
      jobs: spawn('jobs', { id: 'jobs', input: { ...shared, supervisor: self, monitor } }),
      tally: { failed: 0, unfinished: 0 },
    };
  },
  initial: 'open',
  on: {
    'jobs.commanded': { actions: { type: 'passOnEach', params: ({ event }) => event.commands } },
    'jobs.repeat': { actions: 'repeatAll' },
    'lines.misread': { actions: { type: 'tellMisread', params: ({ event }) => event } },
    'jobs.ended': {
      target: '.stopped',
      actions: { type: 'setTally', params: ({ event }) => event.tally },
    },
  },
  states: {
    open: {
      description: 'Takes instructions, those that begin jobs too.',
      on: {
        'jobs.asked': { actions: { type: 'passOn', params: ({ event }) => event } },
        'jobs.restored': { actions: { type: 'passOn', params: ({ event }) => event } },
        'input.ended': [
          { guard: 'stopsAtEof', target: 'stopping' },
          { guard: 'finishesAtEof', target: 'draining' },
        ],
        'helper.stop': { target: 'stopping' },
      },
    },
    draining: {
      description:
        'Nobody will ask for more: downloads are finished and let go, seeds go on until a signal.',
      entry: 'finishAll',
      on: {
        'helper.stop': { target: 'stopping' },
      },
    },
    stopping: {
      description:
        'Every job is told to stop, once; none, be it for a disk that hangs, is waited for long.',
      entry: ['announceStop', 'stopAll'],
      after: { longestStop: { actions: 'abandonAll' } },
    },
    stopped: {
      description: 'No job is left.',
      type: 'final',
    },
  },
  output: ({ context }) => context.tally,
});
