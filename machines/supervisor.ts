// The supervisor: a routing table. It numbers the jobs, starts one torrent actor for each, passes commands on to them,
// and decides when the helper is through. What happens inside a job is the job's own affair.
import {
  type ActorRefFrom,
  assign,
  type DoneActorEvent,
  type ErrorActorEvent,
  enqueueActions,
  setup,
} from 'xstate';
import { instructionParserMachine, type ParsedEvent } from './instruction-parser.js';
import { monitorMachine } from './monitor.js';
import { torrentMachine } from './torrent.js';
import type { Instruction, JobInstruction, Outcome } from './vocabulary.js';

export type SupervisorEvent =
  | ParsedEvent
  /** A signal, the end of the output, or the library's close(). */
  | { readonly type: 'helper.stop' }
  | DoneActorEvent<Outcome | undefined>
  | ErrorActorEvent;

export interface SupervisorInput {
  readonly needsTracker: boolean;
  readonly giveUpMs: number | undefined;
  /** What the end of the instructions means. */
  readonly onEof: 'finish' | 'stop' | 'seed';
}

/** What became of the jobs that did not end well. */
export interface Tally {
  readonly failed: number;
  /** Downloads not complete, and seeds not yet published, when the helper was told to stop. */
  readonly unfinished: number;
}

type JobRef = ActorRefFrom<typeof torrentMachine>;

export interface SupervisorContext extends SupervisorInput {
  readonly monitor: ActorRefFrom<typeof monitorMachine>;
  readonly parser: ActorRefFrom<typeof instructionParserMachine>;
  /** Ids are given in the order of the instructions, and never twice. */
  readonly lastId: number;
  readonly jobs: Readonly<Record<number, JobRef>>;
  readonly tally: Tally;
}

const jobActorId = (id: number) => `job-${id}`;

function isJobInstruction(instruction: Instruction): instruction is JobInstruction {
  return ['seed', 'download', 'misfit'].includes(instruction.kind);
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
  },
  guards: {
    asksForJob: (_, instruction: Instruction) => isJobInstruction(instruction),
    asksToList: (_, instruction: Instruction) => instruction.kind === 'list',
    asksToQuit: (_, instruction: Instruction) => instruction.kind === 'quit',
    stopsAtEof: ({ context }) => context.onEof === 'stop',
    finishesAtEof: ({ context }) => context.onEof === 'finish',
    hasNoJobs: ({ context }) => Object.keys(context.jobs).length === 0,
  },
  actions: {
    beginJob: assign(({ context, spawn }, instruction: Instruction) => {
      if (!isJobInstruction(instruction)) return {};
      const id = context.lastId + 1;
      const { monitor, needsTracker, giveUpMs } = context;
      const job = spawn('torrent', {
        id: jobActorId(id),
        input: { id, instruction, monitor, needsTracker, giveUpMs },
      });
      return { lastId: id, jobs: { ...context.jobs, [id]: job } };
    }),
    /** To the job it names, or to the monitor if there is none of that id or sense. */
    passOn: enqueueActions(({ context, enqueue }, instruction: Instruction) => {
      switch (instruction.kind) {
        case 'pause':
        case 'resume':
        case 'remove':
        case 'delete': {
          const job = context.jobs[instruction.id];
          if (job) enqueue.sendTo(job, { type: `job.${instruction.kind}` });
          else
            enqueue.sendTo(context.monitor, {
              type: 'instruction.refused',
              failure: unknownJob(instruction),
            });
          break;
        }
        case 'not-understood':
          enqueue.sendTo(context.monitor, { type: 'instruction.misread', line: instruction.line });
          break;
      }
    }),
    repeatAll: enqueueActions(({ context, enqueue }) => {
      for (const job of Object.values(context.jobs)) enqueue.sendTo(job, { type: 'job.repeat' });
    }),
    finishAll: enqueueActions(({ context, enqueue }) => {
      for (const job of Object.values(context.jobs)) enqueue.sendTo(job, { type: 'job.finish' });
    }),
    stopAll: enqueueActions(({ context, enqueue }) => {
      for (const job of Object.values(context.jobs)) enqueue.sendTo(job, { type: 'job.stop' });
    }),
    /** Counts how a job ended, and lets its actor go. */
    countEnd: enqueueActions(({ context, enqueue }, outcome: Outcome | undefined) => {
      if (!outcome || !context.jobs[outcome.id]) return;
      const { failed, unfinished } = context.tally;
      const cutShort = outcome.end === 'stopped' && !outcome.completed;
      enqueue.assign({
        jobs: without(context.jobs, outcome.id),
        tally: {
          failed: failed + (outcome.end === 'failed' ? 1 : 0),
          unfinished: unfinished + (cutShort ? 1 : 0),
        },
      });
      enqueue.stopChild(jobActorId(outcome.id));
    }),
    /** A torrent machine that errs is a bug; it costs its own job alone. */
    countCrash: enqueueActions(
      ({ context, enqueue }, crash: { actorId: string; error: unknown }) => {
        for (const id of Object.keys(context.jobs).map(Number)) {
          if (jobActorId(id) !== crash.actorId) continue;
          const failure = { code: 'INTERNAL', message: `bug: ${String(crash.error)}` };
          enqueue.sendTo(context.monitor, {
            type: 'job.failed',
            job: { id, file: '', state: 'failed' },
            failure,
          });
          enqueue.assign({
            jobs: without(context.jobs, id),
            tally: { ...context.tally, failed: context.tally.failed + 1 },
          });
          enqueue.stopChild(crash.actorId);
        }
      },
    ),
  },
}).createMachine({
  id: 'supervisor',
  description: 'Starts the parser, the monitor, and a torrent actor for each job.',
  context: ({ input, spawn, self }) => ({
    ...input,
    monitor: spawn('monitor', { id: 'monitor' }),
    parser: spawn('instructionParser', { id: 'instruction-parser', input: { supervisor: self } }),
    lastId: 0,
    jobs: {},
    tally: { failed: 0, unfinished: 0 },
  }),
  initial: 'open',
  on: {
    'helper.stop': { target: '.stopping' },
    'instruction.given': [
      // Only while the helper is open, below.
      { guard: { type: 'asksForJob', params: ({ event }) => event.instruction } },
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
    'xstate.done.actor.*': { actions: { type: 'countEnd', params: ({ event }) => event.output } },
    'xstate.error.actor.*': { actions: { type: 'countCrash', params: ({ event }) => event } },
  },
  states: {
    open: {
      description: 'Takes instructions, those that begin jobs too.',
      on: {
        'instruction.given': {
          guard: { type: 'asksForJob', params: ({ event }) => event.instruction },
          actions: { type: 'beginJob', params: ({ event }) => event.instruction },
        },
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
    },
    stopping: {
      description: 'Every job is told to stop.',
      entry: 'stopAll',
      always: { guard: 'hasNoJobs', target: 'stopped' },
    },
    stopped: {
      description: 'No job is left.',
      type: 'final',
    },
  },
  output: ({ context }) => context.tally,
});

function unknownJob({ kind, id }: { kind: string; id: number }) {
  return { code: 'JOB_UNKNOWN', message: `${kind}:${id}: no live job has the id ${id}` };
}
