// The supervisor: a routing table. It numbers the jobs, starts a torrent actor for as many as may be active, lets the rest
// wait in a queue, passes commands on, and decides when the helper is through. What happens inside a job is the job's
// own affair.
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
import { instructionParserMachine, type ParsedEvent } from './instruction-parser.js';
import { monitorMachine } from './monitor.js';
import { notProvided } from './not-provided.js';
import { torrentMachine } from './torrent.js';
import type {
  Instruction,
  JobCommand,
  JobInstruction,
  JobOrder,
  JobReport,
  Outcome,
} from './types.js';

export type SupervisorEvent =
  | ParsedEvent
  /** A session brings a job back, under the id it had. */
  | { readonly type: 'job.restored'; readonly order: JobOrder }
  | QueueAnswer
  /** A signal, the end of the output, or the library's close(). */
  | { readonly type: 'helper.stop' }
  | DoneActorEvent<Outcome | undefined>
  | ErrorActorEvent;

/** What the queue of waiting jobs is told. */
export type QueueEvent =
  | { readonly type: 'job.queued'; readonly order: JobOrder }
  /** One more job may begin, now or when one comes. */
  | { readonly type: 'slot.freed' }
  /** For a job that waits; refused if none of that id does. */
  | { readonly type: 'job.commanded'; readonly command: JobCommand }
  /** The last line of every live job is to be said again, by id: of those that wait, and of the `others`. */
  | { readonly type: 'jobs.repeat'; readonly others: Readonly<Record<number, RepeatRef>> }
  /** Nobody will resume what is paused. */
  | { readonly type: 'queue.finish' }
  /** Nothing that waits will begin. */
  | { readonly type: 'queue.stop' };

export type RepeatRef = ActorRef<Snapshot<unknown>, { readonly type: 'job.repeat' }>;

/** What the queue answers. */
export type QueueAnswer =
  | JobCall
  /** So many left the queue without having begun; `unfinished` of them because the helper ends. */
  | { readonly type: 'jobs.dropped'; readonly count: number; readonly unfinished: number };

/** A job begins: its turn has come, or a command for it cannot wait. */
export interface JobCall {
  readonly type: 'job.called';
  readonly order: JobOrder;
  readonly command?: JobCommand;
}

export interface QueueInput {
  readonly supervisor: ActorRef<Snapshot<unknown>, QueueAnswer>;
  readonly monitor: ActorRef<Snapshot<unknown>, JobReport>;
}

export interface SupervisorInput {
  /** The highest id the session ever gave; 0 without one. */
  readonly lastId: number;
  /** So many jobs have an actor at once; the others wait. */
  readonly maxActive: number;
  /** The folder downloads move to when they are complete. */
  readonly moveCompleted: string | undefined;
  readonly needsTracker: boolean;
  readonly giveUpMs: number | undefined;
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

/** A torrent machine that erred. */
export interface Crash {
  readonly id: number;
  readonly error: unknown;
}

type JobRef = ActorRefFrom<typeof torrentMachine>;

export interface SupervisorContext extends SupervisorInput {
  readonly monitor: ActorRefFrom<typeof monitorMachine>;
  readonly parser: ActorRefFrom<typeof instructionParserMachine>;
  readonly queue: ActorRef<Snapshot<unknown>, QueueEvent>;
  /** How many jobs the queue holds. */
  readonly waiting: number;
  readonly jobs: Readonly<Record<number, JobRef>>;
  readonly tally: Tally;
}

const jobActorId = (id: number) => `job-${id}`;

function isJobCommand(instruction: Instruction): instruction is JobCommand {
  return ['pause', 'resume', 'remove', 'delete', 'move'].includes(instruction.kind);
}

function eventOf(command: JobCommand) {
  return command.kind === 'move'
    ? ({ type: 'job.move', dir: command.dir } as const)
    : ({ type: `job.${command.kind}` } as const);
}

function nextOrder({
  context,
  event,
}: {
  context: SupervisorContext;
  event: { instruction: JobInstruction };
}): JobOrder {
  return { id: context.lastId + 1, instruction: event.instruction };
}

/** 0, which is no job's id, for another actor. */
function crashOf(
  { jobs }: SupervisorContext,
  { actorId, error }: { readonly actorId: string; readonly error: unknown },
): Crash {
  const ids = Object.keys(jobs).map(Number);
  return { id: ids.find((id) => jobActorId(id) === actorId) ?? 0, error };
}

function without(jobs: SupervisorContext['jobs'], id: number): SupervisorContext['jobs'] {
  const { [id]: _ended, ...rest } = jobs;
  return rest;
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
    torrent: torrentMachine,
    queueJobs: fromCallback<QueueEvent, QueueInput>(() => notProvided('queueJobs')),
  },
  guards: {
    asksToList: (_, instruction: Instruction) => instruction.kind === 'list',
    asksToQuit: (_, instruction: Instruction) => instruction.kind === 'quit',
    hasSlot: ({ context: { jobs, waiting, maxActive } }) =>
      waiting === 0 && Object.keys(jobs).length < maxActive,
    isJobs: ({ context }, outcome: Outcome | undefined) =>
      outcome !== undefined && context.jobs[outcome.id] !== undefined,
    stopsAtEof: ({ context }) => context.onEof === 'stop',
    finishesAtEof: ({ context }) => context.onEof === 'finish',
    hasNoJobs: ({ context }) => context.waiting === 0 && Object.keys(context.jobs).length === 0,
  },
  actions: {
    recordBegun: sendTo(
      ({ context }) => context.monitor,
      (_, { id, instruction }: JobOrder): JobReport => ({
        type: 'job.recorded',
        entry: { type: 'began', id, instruction },
      }),
    ),
    countId: assign({ lastId: ({ context }) => context.lastId + 1 }),
    beginJob: assign(({ context, spawn }, order: JobOrder) => {
      const { monitor, needsTracker, giveUpMs, moveCompleted } = context;
      const job = spawn('torrent', {
        id: jobActorId(order.id),
        input: { ...order, monitor, needsTracker, giveUpMs, moveCompleted },
      });
      return { jobs: { ...context.jobs, [order.id]: job } };
    }),
    queueJob: enqueueActions(({ context, enqueue }, order: JobOrder) => {
      enqueue.assign({ waiting: context.waiting + 1 });
      enqueue.sendTo(context.queue, { type: 'job.queued', order });
    }),
    dequeue: assign({ waiting: ({ context }) => context.waiting - 1 }),
    finishCalled: sendTo((_, { order }: JobCall) => jobActorId(order.id), { type: 'job.finish' }),
    countUnfinished: assign({
      tally: ({ context: { tally } }) => ({ ...tally, unfinished: tally.unfinished + 1 }),
    }),
    countDropped: assign(
      ({ context: { waiting, tally } }, dropped: { count: number; unfinished: number }) => ({
        waiting: waiting - dropped.count,
        tally: { ...tally, unfinished: tally.unfinished + dropped.unfinished },
      }),
    ),
    /** To the job it names, or to the queue, which knows those that wait and refuses the rest. */
    passOn: enqueueActions(({ context, enqueue }, instruction: Instruction | undefined) => {
      if (instruction === undefined) return;
      if (isJobCommand(instruction)) {
        const job = context.jobs[instruction.id];
        if (job) enqueue.sendTo(job, eventOf(instruction));
        else enqueue.sendTo(context.queue, { type: 'job.commanded', command: instruction });
      } else if (instruction.kind === 'not-understood') {
        enqueue.sendTo(context.monitor, { type: 'instruction.misread', line: instruction.line });
      }
    }),
    repeatAll: sendTo(
      ({ context }) => context.queue,
      ({ context }) => ({ type: 'jobs.repeat', others: context.jobs }),
    ),
    finishAll: enqueueActions(({ context, enqueue }) => {
      enqueue.sendTo(context.queue, { type: 'queue.finish' });
      for (const job of Object.values(context.jobs)) enqueue.sendTo(job, { type: 'job.finish' });
    }),
    stopAll: enqueueActions(({ context, enqueue }) => {
      enqueue.sendTo(context.queue, { type: 'queue.stop' });
      for (const job of Object.values(context.jobs)) enqueue.sendTo(job, { type: 'job.stop' });
    }),
    /** Counts how a job ended, and lets its actor go. */
    countEnd: enqueueActions(({ context, enqueue }, outcome: Outcome | undefined) => {
      if (!outcome || !context.jobs[outcome.id]) return;
      const { failed, unfinished } = context.tally;
      const { kind, completed, stayedPaused } = outcome;
      const cutShort = kind === 'stopped' && !completed && !stayedPaused;
      enqueue.assign({
        jobs: without(context.jobs, outcome.id),
        tally: {
          failed: failed + (kind === 'failed' ? 1 : 0),
          unfinished: unfinished + (cutShort ? 1 : 0),
        },
      });
      enqueue.stopChild(jobActorId(outcome.id));
    }),
    /** A slot for the next in line; not if commands that could not wait took more slots than there are. */
    freeSlot: enqueueActions(({ context, enqueue }) => {
      if (context.waiting === 0 || Object.keys(context.jobs).length >= context.maxActive) return;
      enqueue.sendTo(context.queue, { type: 'slot.freed' });
    }),
    /** Gives back what the job has taken: the actors of a machine that errs are not stopped with it. */
    cleanUp: (_, _crash: Crash) => {
      throw new Error('cleanUp is provided by the system');
    },
    /** A torrent machine that errs is a bug; it costs its own job alone. */
    countCrash: enqueueActions(({ context, enqueue }, { id, error }: Crash) => {
      const job = context.jobs[id];
      if (!job) return;
      const { file, instruction } = job.getSnapshot().context;
      enqueue.sendTo(context.monitor, {
        type: 'job.failed',
        job: { id, kind: instruction.kind, file, state: 'failed' },
        failure: { code: 'INTERNAL', message: `bug: ${String(error)}` },
      });
      enqueue.sendTo(context.monitor, { type: 'job.recorded', entry: { type: 'ended', id } });
      enqueue.assign({
        jobs: without(context.jobs, id),
        tally: { ...context.tally, failed: context.tally.failed + 1 },
      });
      enqueue.stopChild(jobActorId(id));
    }),
  },
}).createMachine({
  id: 'supervisor',
  description:
    'Starts the parser, the monitor, the queue, and a torrent actor for each active job.',
  context: ({ input, spawn, self }) => {
    const monitor = spawn('monitor', { id: 'monitor' });
    return {
      ...input,
      monitor,
      parser: spawn('instructionParser', { id: 'instruction-parser', input: { supervisor: self } }),
      queue: spawn('queueJobs', { id: 'queue', input: { supervisor: self, monitor } }),
      waiting: 0,
      jobs: {},
      tally: { failed: 0, unfinished: 0 },
    };
  },
  initial: 'open',
  on: {
    'helper.stop': { target: '.stopping' },
    'instruction.given': [
      {
        guard: { type: 'asksToList', params: ({ event }) => event.instruction },
        actions: 'repeatAll',
      },
      {
        guard: { type: 'asksToQuit', params: ({ event }) => event.instruction },
        target: '.stopping',
      },
      { actions: { type: 'passOn', params: ({ event }) => event.instruction } },
    ],
    'job.called': {
      actions: [
        'dequeue',
        { type: 'beginJob', params: ({ event }) => event.order },
        { type: 'passOn', params: ({ event }) => event.command },
      ],
    },
    'jobs.dropped': { actions: { type: 'countDropped', params: ({ event }) => event } },
    'xstate.done.actor.*': {
      guard: { type: 'isJobs', params: ({ event }) => event.output },
      actions: [{ type: 'countEnd', params: ({ event }) => event.output }, 'freeSlot'],
    },
    'xstate.error.actor.*': {
      actions: [
        { type: 'cleanUp', params: ({ context, event }) => crashOf(context, event) },
        { type: 'countCrash', params: ({ context, event }) => crashOf(context, event) },
        'freeSlot',
      ],
    },
  },
  states: {
    open: {
      description: 'Takes instructions, those that begin jobs too.',
      on: {
        'job.asked': [
          {
            guard: 'hasSlot',
            actions: [
              { type: 'recordBegun', params: nextOrder },
              { type: 'beginJob', params: nextOrder },
              'countId',
            ],
          },
          {
            actions: [
              { type: 'recordBegun', params: nextOrder },
              { type: 'queueJob', params: nextOrder },
              'countId',
            ],
          },
        ],
        'job.restored': [
          { guard: 'hasSlot', actions: { type: 'beginJob', params: ({ event }) => event.order } },
          { actions: { type: 'queueJob', params: ({ event }) => event.order } },
        ],
        'input.ended': [
          { guard: 'stopsAtEof', target: 'stopping' },
          { guard: 'finishesAtEof', target: 'draining' },
        ],
      },
    },
    draining: {
      description:
        'Nobody will ask for more: downloads are finished and let go, seeds go on until a signal.',
      entry: 'finishAll',
      always: { guard: 'hasNoJobs', target: 'stopped' },
      on: {
        'job.called': {
          actions: [
            'dequeue',
            { type: 'beginJob', params: ({ event }) => event.order },
            { type: 'finishCalled', params: ({ event }) => event },
          ],
        },
      },
    },
    stopping: {
      description: 'Every job is told to stop.',
      entry: 'stopAll',
      always: { guard: 'hasNoJobs', target: 'stopped' },
      on: { 'job.called': { actions: ['dequeue', 'countUnfinished'] } },
    },
    stopped: {
      description: 'No job is left.',
      type: 'final',
    },
  },
  output: ({ context }) => context.tally,
});
