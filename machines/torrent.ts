// The life of one job: made or fetched, registered, checked, downloaded, seeded, and let go.
// Every step is an actor that system.ts provides; nothing here touches a disk, a socket or a clock.
import {
  type ActorRef,
  type AnyActorRef,
  assign,
  type EventObject,
  enqueueActions,
  fromCallback,
  fromPromise,
  type Snapshot,
  sendTo,
  setup,
} from 'xstate';
import type {
  Failure,
  JobInstruction,
  JobReport,
  JobState,
  JobTag,
  Outcome,
  PlacedTorrent,
  Publication,
  SwarmEvent,
} from './vocabulary.js';

export type TorrentEvent =
  | SwarmEvent
  | { readonly type: 'job.pause' }
  | { readonly type: 'job.resume' }
  | { readonly type: 'job.remove' }
  | { readonly type: 'job.delete' }
  /** Say the last line again. */
  | { readonly type: 'job.repeat' }
  /** Nobody will ask for more: a download is let go when it is complete, or when it is paused. */
  | { readonly type: 'job.finish' }
  /** The helper stops. */
  | { readonly type: 'job.stop' };

export interface TorrentInput {
  readonly id: number;
  readonly instruction: JobInstruction;
  readonly monitor: ActorRef<Snapshot<unknown>, JobReport>;
  /** A seed is published when a tracker has accepted it; without trackers, when its swarm is open. */
  readonly needsTracker: boolean;
  /** A download without progress for so long fails; undefined: never. */
  readonly giveUpMs: number | undefined;
}

export interface TorrentContext extends TorrentInput {
  readonly file: string;
  readonly state: JobState;
  /** The percent last said; undefined before the first line. */
  readonly percent: number | undefined;
  readonly placed: PlacedTorrent | undefined;
  readonly publication: Publication | undefined;
  readonly failure: Failure | undefined;
  readonly isFinishing: boolean;
  readonly end: Outcome['end'];
}

export interface SwarmInput {
  readonly id: number;
  readonly placed: PlacedTorrent | undefined;
  readonly role: 'seed' | 'download';
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

function notProvided(name: string): never {
  throw new Error(`the actor ${name} is provided by the system`);
}

type ProgressReport = Extract<JobReport, { type: 'job.progressed' }>;

/** What is thrown at a machine, as data. */
function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Error) {
    const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : 'INTERNAL';
    return { code, message: thrown.message };
  }
  return { code: 'INTERNAL', message: `bug: ${String(thrown)}` };
}

function tagOf({ id, file, state }: TorrentContext): JobTag {
  return { id, file, state };
}

function percentOf(context: TorrentContext, verifiedBytes: number): number {
  const lengthBytes = context.placed?.torrent.lengthBytes ?? 0;
  return lengthBytes > 0 ? Math.floor((verifiedBytes / lengthBytes) * 100) : 0;
}

function progress(context: TorrentContext, percent: number): ProgressReport {
  return { type: 'job.progressed', job: tagOf(context), percent, repeated: false };
}

/** The report behind the 100 of a seed or of a download. */
function completion(context: TorrentContext): JobReport {
  const { publication, placed } = context;
  return publication
    ? { type: 'job.published', job: tagOf(context), publication }
    : { type: 'job.downloaded', job: tagOf(context), contentPath: placed?.contentPath ?? '' };
}

export const torrentMachine = setup({
  types: {
    input: {} as TorrentInput,
    context: {} as TorrentContext,
    events: {} as TorrentEvent,
    output: {} as Outcome,
  },
  actors: {
    makeMetainfo: fromPromise<PlacedTorrent, { id: number; path: string }>(() =>
      notProvided('makeMetainfo'),
    ),
    writeMetainfo: fromPromise<Publication, { placed: PlacedTorrent | undefined }>(() =>
      notProvided('writeMetainfo'),
    ),
    fetchMetainfo: fromPromise<PlacedTorrent, { source: string; job: AnyActorRef }>(() =>
      notProvided('fetchMetainfo'),
    ),
    joinSwarm: fromCallback<EventObject, SwarmInput>(() => notProvided('joinSwarm')),
    deleteContent: fromPromise<void, { id: number; placed: PlacedTorrent | undefined }>(() =>
      notProvided('deleteContent'),
    ),
  },
  delays: {
    giveUp: ({ context }) => context.giveUpMs ?? LONGEST_TIMER_MS,
  },
  guards: {
    isMisfit: ({ context }) => context.instruction.kind === 'misfit',
    isSeed: ({ context }) => context.instruction.kind === 'seed',
    isDownload: ({ context }) => context.instruction.kind === 'download',
    isOpenSeed: ({ context }) => context.instruction.kind === 'seed' && !context.needsTracker,
    isLetGo: ({ context }) => context.isFinishing && context.instruction.kind === 'download',
    isUnnamed: ({ context }) => context.placed === undefined,
    hasSpoken: ({ context }) => context.percent !== undefined,
    mayGiveUp: ({ context }) => context.giveUpMs !== undefined,
  },
  actions: {
    enter: assign({ state: (_, state: JobState) => state }),
    reportMoved: sendTo(
      ({ context }) => context.monitor,
      ({ context }) => ({ type: 'job.moved', job: tagOf(context) }),
    ),
    place: assign((_, placed: PlacedTorrent) => ({ placed })),
    takeName: assign({ file: ({ context }) => context.placed?.torrent.name ?? context.file }),
    keepPublication: assign({ publication: (_, publication: Publication) => publication }),
    setPercent: assign({ percent: (_, percent: number) => percent }),
    /** -1, once: the metainfo is known. */
    sayKnown: enqueueActions(({ context, enqueue }) => {
      if (context.percent !== undefined) return;
      enqueue.assign({ percent: -1 });
      enqueue.sendTo(context.monitor, progress(context, -1));
    }),
    /** The whole percent verified, if it has risen. The last one is said by completion, when the disk has it. */
    sayVerified: enqueueActions(({ context, enqueue }, verifiedBytes: number) => {
      const percent = percentOf(context, verifiedBytes);
      if (percent >= 100 || percent <= (context.percent ?? -1)) return;
      enqueue.assign({ percent });
      enqueue.sendTo(context.monitor, progress(context, percent));
    }),
    /** 100, once: published, or safe on disk. */
    sayComplete: enqueueActions(({ context, enqueue }) => {
      if (context.percent === 100) return;
      enqueue.assign({ percent: 100 });
      enqueue.sendTo(context.monitor, completion(context));
    }),
    repeat: sendTo(
      ({ context }) => context.monitor,
      ({ context }) => ({ ...progress(context, context.percent ?? -1), repeated: true }),
    ),
    reportWarning: sendTo(
      ({ context }) => context.monitor,
      ({ context }, failure: Failure) => ({ type: 'job.warned', job: tagOf(context), failure }),
    ),
    refuseDelete: sendTo(
      ({ context }) => context.monitor,
      ({ context }) => ({
        type: 'instruction.refused',
        failure: {
          code: 'REFUSED',
          message: `job ${context.id} (${context.file}) publishes its source, which is never deleted; use remove:${context.id}`,
        },
      }),
    ),
    keepStalled: assign({
      failure: ({ context }) => ({
        code: 'STALLED',
        message: `no progress for ${(context.giveUpMs ?? 0) / 1000} s; are there seeders, and can this machine reach them?`,
      }),
    }),
    keepFailure: assign({ failure: (_, failure: Failure) => failure }),
    reportFailure: sendTo(
      ({ context }) => context.monitor,
      ({ context }) => ({
        type: 'job.failed',
        job: tagOf(context),
        failure: context.failure ?? { code: 'INTERNAL', message: 'bug: failed without a reason' },
      }),
    ),
    /** Told only when its user removed it: that the helper stops needs no line a job. */
    reportRemoved: enqueueActions(({ context, enqueue }) => {
      if (context.end !== 'removed') return;
      enqueue.sendTo(context.monitor, { type: 'job.removed', job: tagOf(context) });
    }),
    noteFinish: assign({ isFinishing: true }),
    noteEnd: assign({ end: (_, end: Outcome['end']) => end }),
  },
}).createMachine({
  id: 'torrent',
  description: 'The life of one job.',
  context: ({ input }) => ({
    ...input,
    file: input.instruction.given,
    state: input.instruction.kind === 'seed' ? 'making' : 'fetching',
    percent: undefined,
    placed: undefined,
    publication: undefined,
    failure: undefined,
    isFinishing: false,
    end: 'removed',
  }),
  initial: 'beginning',
  on: {
    'job.stop': { target: '.removed', actions: { type: 'noteEnd', params: 'stopped' } },
    'job.repeat': { guard: 'hasSpoken', actions: 'repeat' },
  },
  states: {
    beginning: {
      description: 'Looks at what the instruction asks for.',
      always: [
        {
          guard: 'isMisfit',
          target: 'failed',
          actions: {
            type: 'keepFailure',
            params: ({ context: { instruction } }) =>
              instruction.kind === 'misfit' ? instruction.failure : failureOf('not a misfit'),
          },
        },
        { guard: 'isSeed', target: 'active.making' },
        { target: 'active.fetching' },
      ],
    },

    active: {
      description: 'At work.',
      initial: 'making',
      on: {
        'job.pause': { target: 'paused' },
        'job.remove': { target: 'removed' },
        'job.delete': [
          { guard: 'isSeed', actions: 'refuseDelete' },
          { guard: 'isUnnamed', target: 'removed' },
          { target: 'deleting' },
        ],
        'job.finish': { actions: 'noteFinish' },
        'swarm.warned': {
          actions: { type: 'reportWarning', params: ({ event }) => event.failure },
        },
      },
      states: {
        making: {
          description: 'Reads the content and hashes its pieces.',
          entry: [{ type: 'enter', params: 'making' }, 'reportMoved'],
          invoke: {
            src: 'makeMetainfo',
            input: ({ context: { id, instruction } }) => ({ id, path: instruction.given }),
            onDone: {
              target: 'writing',
              actions: { type: 'place', params: ({ event }) => event.output },
            },
            onError: {
              target: '#torrent.failed',
              actions: { type: 'keepFailure', params: ({ event }) => failureOf(event.error) },
            },
          },
        },
        writing: {
          description: 'Writes the .torrent file, or finds that it is there already.',
          entry: [{ type: 'enter', params: 'writing' }, 'reportMoved'],
          invoke: {
            src: 'writeMetainfo',
            input: ({ context }) => ({ placed: context.placed }),
            onDone: {
              target: 'swarming',
              actions: { type: 'keepPublication', params: ({ event }) => event.output },
            },
            onError: {
              target: '#torrent.failed',
              actions: { type: 'keepFailure', params: ({ event }) => failureOf(event.error) },
            },
          },
        },
        fetching: {
          description: 'Fetches the metainfo: over HTTP, from a file, or from the swarm.',
          entry: [{ type: 'enter', params: 'fetching' }, 'reportMoved'],
          invoke: {
            src: 'fetchMetainfo',
            input: ({ context, self }) => ({ source: context.instruction.given, job: self }),
            onDone: {
              target: 'swarming',
              actions: [{ type: 'place', params: ({ event }) => event.output }, 'takeName'],
            },
            onError: {
              target: '#torrent.failed',
              actions: { type: 'keepFailure', params: ({ event }) => failureOf(event.error) },
            },
          },
          after: {
            giveUp: { guard: 'mayGiveUp', target: '#torrent.failed', actions: 'keepStalled' },
          },
        },
        swarming: {
          description: 'In the swarm of the torrent, until the job is paused or over.',
          initial: 'registering',
          invoke: {
            src: 'joinSwarm',
            input: ({ context: { id, instruction, placed } }) => ({
              id,
              placed,
              role: instruction.kind === 'seed' ? 'seed' : 'download',
            }),
            onError: {
              target: '#torrent.failed',
              actions: { type: 'keepFailure', params: ({ event }) => failureOf(event.error) },
            },
          },
          on: {
            'swarm.completed': { guard: 'isDownload', target: '.seeding' },
            'swarm.failed': {
              target: '#torrent.failed',
              actions: { type: 'keepFailure', params: ({ event }) => event.failure },
            },
          },
          states: {
            registering: {
              description:
                'Joins the swarm and announces. A seed waits for a tracker to accept; a download does not.',
              entry: [{ type: 'enter', params: 'registering' }, 'reportMoved'],
              on: {
                'swarm.joined': [
                  { guard: 'isOpenSeed', target: 'seeding', actions: 'sayKnown' },
                  { guard: 'isDownload', target: 'checking', actions: 'sayKnown' },
                  { actions: 'sayKnown' },
                ],
                'swarm.announced': { guard: 'isSeed', target: 'seeding' },
              },
            },
            checking: {
              description: 'Looks at what of the content lies there already.',
              entry: [{ type: 'enter', params: 'checking' }, 'reportMoved'],
              on: {
                'swarm.checked': {
                  target: 'downloading',
                  actions: { type: 'sayVerified', params: ({ event }) => event.verifiedBytes },
                },
              },
            },
            downloading: {
              description:
                'Gets the missing pieces; each one verified is progress, and puts off giving up.',
              entry: [{ type: 'enter', params: 'downloading' }, 'reportMoved'],
              on: {
                'piece.verified': {
                  target: 'downloading',
                  reenter: true,
                  actions: { type: 'sayVerified', params: ({ event }) => event.verifiedBytes },
                },
              },
              after: {
                giveUp: { guard: 'mayGiveUp', target: '#torrent.failed', actions: 'keepStalled' },
              },
            },
            seeding: {
              description: 'Complete: gives what others ask for.',
              entry: [{ type: 'enter', params: 'seeding' }, 'reportMoved', 'sayComplete'],
              always: {
                guard: 'isLetGo',
                target: '#torrent.removed',
                actions: { type: 'noteEnd', params: 'stopped' },
              },
            },
          },
        },
        resumePoint: {
          description:
            'The step that was under way when the job was paused; a swarm is joined anew.',
          type: 'history',
          history: 'shallow',
          target: 'making',
        },
      },
    },

    paused: {
      description: 'Nothing of the job moves: no peer, no announce, no hashing.',
      entry: [{ type: 'enter', params: 'paused' }, 'reportMoved'],
      on: {
        'job.resume': { target: 'active.resumePoint' },
        'job.remove': { target: 'removed' },
        'job.delete': [
          { guard: 'isSeed', actions: 'refuseDelete' },
          { guard: 'isUnnamed', target: 'removed' },
          { target: 'deleting' },
        ],
        // Nobody is left to resume it.
        'job.finish': { target: 'removed', actions: { type: 'noteEnd', params: 'stopped' } },
      },
    },

    deleting: {
      description: 'Deletes what the torrent names, and nothing else.',
      invoke: {
        src: 'deleteContent',
        input: ({ context: { id, placed } }) => ({ id, placed }),
        onDone: { target: 'removed' },
        onError: {
          target: 'failed',
          actions: { type: 'keepFailure', params: ({ event }) => failureOf(event.error) },
        },
      },
    },

    failed: {
      description: 'Over: its last line is -2.',
      type: 'final',
      entry: [
        { type: 'enter', params: 'failed' },
        'reportMoved',
        { type: 'setPercent', params: -2 },
        { type: 'noteEnd', params: 'failed' },
        'reportFailure',
      ],
    },
    removed: {
      description: 'Over: let go by its user, or by the helper when it stops.',
      type: 'final',
      entry: [{ type: 'enter', params: 'removed' }, 'reportMoved', 'reportRemoved'],
    },
  },
  output: ({ context }) => ({
    id: context.id,
    end: context.end,
    completed: context.percent === 100,
  }),
});
