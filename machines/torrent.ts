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
  JobOrder,
  JobReport,
  JobState,
  JobTag,
  LocatedTorrent,
  Outcome,
  Publication,
  SavedState,
  StagedContent,
  SwarmEvent,
} from './types.js';

export type TorrentEvent =
  | SwarmEvent
  | { readonly type: 'job.pause' }
  | { readonly type: 'job.resume' }
  | { readonly type: 'job.remove' }
  | { readonly type: 'job.delete' }
  /** Move the content into the folder `dir`. */
  | { readonly type: 'job.move'; readonly dir: string }
  /** Say the last line again. */
  | { readonly type: 'job.repeat' }
  /** Nobody will ask for more: a download is let go when it is complete, or when its user paused it. */
  | { readonly type: 'job.finish' }
  /** The helper stops. */
  | { readonly type: 'job.stop' };

export interface TorrentInput extends JobOrder {
  readonly monitor: ActorRef<Snapshot<unknown>, JobReport>;
  /** A seed is published when a tracker has accepted it; without trackers, when its swarm is open. */
  readonly needsTracker: boolean;
  /** A download without progress for so long fails; undefined: never. */
  readonly giveUpMs: number | undefined;
  /** The folder a download moves to when it is complete; undefined: it stays. */
  readonly moveCompleted: string | undefined;
}

export interface TorrentContext extends TorrentInput {
  readonly file: string;
  readonly state: JobState;
  /** The percent last said; undefined before the first line. */
  readonly percent: number | undefined;
  readonly located: LocatedTorrent | undefined;
  readonly publication: Publication | undefined;
  readonly failure: Failure | undefined;
  readonly isFinishing: boolean;
  /** Its user paused it. */
  readonly isPausedByUser: boolean;
  /** The helper stops as soon as the step under way allows. */
  readonly isStopping: boolean;
  /** The folder the content is to move to; that of a download, as soon as it is complete. */
  readonly moveTo: string | undefined;
  readonly staged: StagedContent | undefined;
  /** How often in a row the disk has refused, and what it said last. */
  readonly obstructions: number;
  readonly obstruction: Failure | undefined;
  readonly end: Outcome['end'];
}

export interface SwarmInput {
  readonly id: number;
  readonly located: LocatedTorrent | undefined;
  readonly role: 'seed' | 'download';
}

export interface MakeInput {
  readonly id: number;
  readonly path: string;
  /** Where the content lies now, if it is no longer at the path. */
  readonly contentPath?: string | undefined;
}

export interface FetchInput {
  readonly source: string;
  readonly job: AnyActorRef;
  readonly saved: SavedState | undefined;
}

export interface DeleteInput {
  readonly id: number;
  readonly located: LocatedTorrent | undefined;
  readonly saved: SavedState | undefined;
}

export interface StageInput {
  readonly id: number;
  readonly located: LocatedTorrent | undefined;
  readonly dir: string | undefined;
}

export interface MoveInput extends StageInput {
  readonly staged: StagedContent | undefined;
}

/** What the disk says when it may think better of it. */
const obstructions: readonly string[] = [
  'DISK_FULL',
  'DISK_READ_ONLY',
  'DISK_DENIED',
  'DISK_GONE',
  'FILES_EXHAUSTED',
];

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
  const lengthBytes = context.located?.torrent.lengthBytes ?? 0;
  return lengthBytes > 0 ? Math.floor((verifiedBytes / lengthBytes) * 100) : 0;
}

function progress(context: TorrentContext, percent: number): ProgressReport {
  return { type: 'job.progressed', job: tagOf(context), percent, repeated: false };
}

function movingRefused({ id, file }: TorrentContext): JobReport {
  return {
    type: 'instruction.refused',
    failure: {
      code: 'REFUSED',
      message: `job ${id} (${file}) cannot be moved now: its content is not known yet, or is on the move; ask again later`,
    },
  };
}

/** The report behind the 100 of a seed or of a download. */
function completion(context: TorrentContext): JobReport {
  const { publication, located } = context;
  return publication
    ? { type: 'job.published', job: tagOf(context), publication }
    : { type: 'job.downloaded', job: tagOf(context), contentPath: located?.contentPath ?? '' };
}

export const torrentMachine = setup({
  types: {
    input: {} as TorrentInput,
    context: {} as TorrentContext,
    events: {} as TorrentEvent,
    output: {} as Outcome,
  },
  actors: {
    makeMetainfo: fromPromise<LocatedTorrent, MakeInput>(() => notProvided('makeMetainfo')),
    writeMetainfo: fromPromise<Publication, { located: LocatedTorrent | undefined }>(() =>
      notProvided('writeMetainfo'),
    ),
    fetchMetainfo: fromPromise<LocatedTorrent, FetchInput>(() => notProvided('fetchMetainfo')),
    joinSwarm: fromCallback<EventObject, SwarmInput>(() => notProvided('joinSwarm')),
    /** What the job holds against others, for as long as it lives. */
    holdTorrentLocks: fromCallback<EventObject, { id: number }>(() =>
      notProvided('holdTorrentLocks'),
    ),
    deleteContent: fromPromise<void, DeleteInput>(() => notProvided('deleteContent')),
    /** Makes the second copy while the first one is still given to others. */
    stageContent: fromPromise<StagedContent, StageInput>(() => notProvided('stageContent')),
    /** Puts the second copy into its place; makes it first where there is none. */
    moveContent: fromPromise<LocatedTorrent, MoveInput>(() => notProvided('moveContent')),
    /** Deletes the first copy. */
    clearContent: fromPromise<void, { id: number; located: LocatedTorrent | undefined }>(() =>
      notProvided('clearContent'),
    ),
  },
  delays: {
    giveUp: ({ context }) => context.giveUpMs ?? LONGEST_TIMER_MS,
    /** 1, 2, 4 … 60 s, the more often in a row the disk has refused. */
    diskRetry: ({ context }) => Math.min(1000 * 2 ** (context.obstructions - 1), 60_000),
  },
  guards: {
    isInvalid: ({ context }) => context.instruction.kind === 'invalid',
    isSeed: ({ context }) => context.instruction.kind === 'seed',
    isDownload: ({ context }) => context.instruction.kind === 'download',
    isOpenSeed: ({ context }) => context.instruction.kind === 'seed' && !context.needsTracker,
    isLetGo: ({ context }) => context.isFinishing && context.instruction.kind === 'download',
    isUnnamed: ({ context }) =>
      context.located === undefined && context.saved?.infoHash === undefined,
    isPlaced: ({ context }) => context.located !== undefined,
    isObstruction: (_, { code }: Failure) => obstructions.includes(code),
    isPausedByUser: ({ context }) => context.isPausedByUser,
    /** Paused by its user in an earlier life, with a torrent that can be shown. */
    isPausedDownload: ({ context }) =>
      context.isPausedByUser &&
      context.instruction.kind === 'download' &&
      context.saved?.infoHash !== undefined,
    isStopping: ({ context }) => context.isStopping,
    isPlace: ({ context }, contentPath: string) => context.located?.contentPath === contentPath,
    mustMove: ({ context }) => context.moveTo !== undefined,
    hasSpoken: ({ context }) => context.percent !== undefined,
    mayGiveUp: ({ context }) => context.giveUpMs !== undefined,
  },
  actions: {
    enter: assign({ state: (_, state: JobState) => state }),
    reportState: sendTo(
      ({ context }) => context.monitor,
      ({ context }) => ({ type: 'job.stateChanged', job: tagOf(context) }),
    ),
    place: enqueueActions(({ context, enqueue }, located: LocatedTorrent) => {
      const note = { type: 'located', id: context.id, located } as const;
      enqueue.assign({ located });
      enqueue.sendTo(context.monitor, { type: 'job.recorded', note });
    }),
    takeName: assign({ file: ({ context }) => context.located?.torrent.name ?? context.file }),
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
    hold: enqueueActions(({ context, enqueue }, isPausedByUser: boolean) => {
      if (context.isPausedByUser === isPausedByUser) return;
      const note = { type: 'paused', id: context.id, isPausedByUser } as const;
      enqueue.assign({ isPausedByUser });
      enqueue.sendTo(context.monitor, { type: 'job.recorded', note });
    }),
    /** Once a reason: it is tried again and again. */
    tellObstruction: enqueueActions(({ context, enqueue }, failure: Failure) => {
      const isNews = context.obstruction?.code !== failure.code;
      enqueue.assign({ obstruction: failure, obstructions: context.obstructions + 1 });
      if (isNews)
        enqueue.sendTo(context.monitor, { type: 'job.warned', job: tagOf(context), failure });
    }),
    forgetObstruction: assign({ obstructions: 0, obstruction: undefined }),
    planMove: assign({ moveTo: (_, dir: string) => dir }),
    refuseMove: sendTo(
      ({ context }) => context.monitor,
      ({ context }) => movingRefused(context),
    ),
    refuseWhileMoving: sendTo(
      ({ context }) => context.monitor,
      ({ context: { id, file } }) => ({
        type: 'instruction.refused',
        failure: {
          code: 'REFUSED',
          message: `job ${id} (${file}) is on the move; ask again when its content has arrived`,
        },
      }),
    ),
    keepStaged: assign({ staged: (_, staged: StagedContent) => staged }),
    endMove: assign({ moveTo: undefined, staged: undefined }),
    reportRelocated: enqueueActions(({ context, enqueue }, contentPath: string) => {
      if (contentPath === context.located?.contentPath) return;
      enqueue.sendTo(context.monitor, { type: 'job.relocated', job: tagOf(context), contentPath });
    }),
    /** A job that ends for good need not come back with its session; one that the helper stopped does. */
    recordEnd: enqueueActions(({ context, enqueue }) => {
      if (context.end === 'stopped') return;
      const note = { type: 'ended', id: context.id } as const;
      enqueue.sendTo(context.monitor, { type: 'job.recorded', note });
    }),
    noteFinish: assign({ isFinishing: true }),
    noteStop: assign({ isStopping: true }),
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
    located: undefined,
    publication: undefined,
    failure: undefined,
    isFinishing: false,
    isPausedByUser: input.saved?.isPaused ?? false,
    isStopping: false,
    moveTo: input.instruction.kind === 'download' ? input.moveCompleted : undefined,
    staged: undefined,
    obstructions: 0,
    obstruction: undefined,
    end: 'removed',
  }),
  initial: 'beginning',
  invoke: {
    src: 'holdTorrentLocks',
    input: ({ context: { id } }) => ({ id }),
    onError: {
      target: '.failed',
      actions: { type: 'keepFailure', params: ({ event }) => failureOf(event.error) },
    },
  },
  on: {
    'job.stop': { target: '.removed', actions: { type: 'noteEnd', params: 'stopped' } },
    'job.repeat': { guard: 'hasSpoken', actions: 'repeat' },
  },
  states: {
    beginning: {
      description: 'Looks at what the instruction asks for.',
      always: [
        {
          guard: 'isInvalid',
          target: 'failed',
          actions: {
            type: 'keepFailure',
            params: ({ context: { instruction } }) =>
              instruction.kind === 'invalid' ? instruction.failure : failureOf('not a invalid'),
          },
        },
        { guard: 'isPausedDownload', target: 'active.fetching' },
        { guard: 'isPausedByUser', target: 'paused.byUser' },
        { guard: 'isSeed', target: 'active.making' },
        { target: 'active.fetching' },
      ],
    },

    active: {
      description: 'At work.',
      initial: 'making',
      on: {
        'job.pause': { target: 'paused.byUser', actions: { type: 'hold', params: true } },
        'job.resume': { actions: { type: 'hold', params: false } },
        'job.move': { actions: 'refuseMove' },
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
          entry: [{ type: 'enter', params: 'making' }, 'reportState'],
          invoke: {
            src: 'makeMetainfo',
            input: ({ context: { id, instruction, saved } }) => ({
              id,
              path: instruction.given,
              contentPath: saved?.contentPath,
            }),
            onDone: {
              target: 'writing',
              actions: { type: 'place', params: ({ event }) => event.output },
            },
            onError: [
              {
                guard: { type: 'isObstruction', params: ({ event }) => failureOf(event.error) },
                target: '#torrent.paused.byDisk',
                actions: { type: 'tellObstruction', params: ({ event }) => failureOf(event.error) },
              },
              {
                target: '#torrent.failed',
                actions: { type: 'keepFailure', params: ({ event }) => failureOf(event.error) },
              },
            ],
          },
        },
        writing: {
          description: 'Writes the .torrent file, or finds that it is there already.',
          entry: [{ type: 'enter', params: 'writing' }, 'reportState'],
          invoke: {
            src: 'writeMetainfo',
            input: ({ context }) => ({ located: context.located }),
            onDone: {
              target: 'swarming',
              actions: { type: 'keepPublication', params: ({ event }) => event.output },
            },
            onError: [
              {
                guard: { type: 'isObstruction', params: ({ event }) => failureOf(event.error) },
                target: '#torrent.paused.byDisk',
                actions: { type: 'tellObstruction', params: ({ event }) => failureOf(event.error) },
              },
              {
                target: '#torrent.failed',
                actions: { type: 'keepFailure', params: ({ event }) => failureOf(event.error) },
              },
            ],
          },
        },
        fetching: {
          description: 'Fetches the metainfo: over HTTP, from a file, or from the swarm.',
          entry: [{ type: 'enter', params: 'fetching' }, 'reportState'],
          invoke: {
            src: 'fetchMetainfo',
            input: ({ context, self }) => ({
              source: context.instruction.given,
              job: self,
              saved: context.saved,
            }),
            onDone: [
              {
                guard: 'isPausedByUser',
                target: '#torrent.paused.byUser',
                actions: [
                  { type: 'place', params: ({ event }) => event.output },
                  'takeName',
                  'sayKnown',
                ],
              },
              {
                target: 'swarming',
                actions: [{ type: 'place', params: ({ event }) => event.output }, 'takeName'],
              },
            ],
            onError: [
              {
                guard: { type: 'isObstruction', params: ({ event }) => failureOf(event.error) },
                target: '#torrent.paused.byDisk',
                actions: { type: 'tellObstruction', params: ({ event }) => failureOf(event.error) },
              },
              {
                target: '#torrent.failed',
                actions: { type: 'keepFailure', params: ({ event }) => failureOf(event.error) },
              },
            ],
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
            input: ({ context: { id, instruction, located } }) => ({
              id,
              located,
              role: instruction.kind === 'seed' ? 'seed' : 'download',
            }),
            onError: {
              target: '#torrent.failed',
              actions: { type: 'keepFailure', params: ({ event }) => failureOf(event.error) },
            },
          },
          on: {
            'swarm.completed': {
              guard: 'isDownload',
              target: '.seeding',
              actions: 'forgetObstruction',
            },
            'swarm.interrupted': { target: '.recovering' },
            'storage.error': {
              target: '#torrent.paused.byDisk',
              actions: { type: 'tellObstruction', params: ({ event }) => event.failure },
            },
            'job.move': {
              target: '#torrent.moving',
              actions: { type: 'planMove', params: ({ event }) => event.dir },
            },
            'swarm.failed': {
              target: '#torrent.failed',
              actions: { type: 'keepFailure', params: ({ event }) => event.failure },
            },
          },
          states: {
            registering: {
              description:
                'Joins the swarm and announces. A seed waits for a tracker to accept; a download does not.',
              entry: [{ type: 'enter', params: 'registering' }, 'reportState'],
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
              entry: [{ type: 'enter', params: 'checking' }, 'reportState'],
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
              entry: [{ type: 'enter', params: 'downloading' }, 'reportState'],
              on: {
                'piece.verified': {
                  target: 'downloading',
                  reenter: true,
                  actions: [
                    { type: 'sayVerified', params: ({ event }) => event.verifiedBytes },
                    'forgetObstruction',
                  ],
                },
              },
              after: {
                giveUp: { guard: 'mayGiveUp', target: '#torrent.failed', actions: 'keepStalled' },
              },
            },
            seeding: {
              description: 'Complete.',
              entry: [{ type: 'enter', params: 'seeding' }, 'reportState', 'sayComplete'],
              initial: 'giving',
              states: {
                giving: {
                  description: 'Gives what others ask for.',
                  always: [
                    { guard: 'mustMove', target: 'staging' },
                    {
                      guard: 'isLetGo',
                      target: '#torrent.removed',
                      actions: { type: 'noteEnd', params: 'let-go' },
                    },
                  ],
                  on: {
                    'job.move': {
                      target: 'staging',
                      actions: { type: 'planMove', params: ({ event }) => event.dir },
                    },
                  },
                },
                staging: {
                  description:
                    'Gives what others ask for, while a second copy is made where the content is to move.',
                  invoke: {
                    src: 'stageContent',
                    input: ({ context: { id, located, moveTo } }) => ({ id, located, dir: moveTo }),
                    onDone: [
                      {
                        guard: { type: 'isPlace', params: ({ event }) => event.output.contentPath },
                        target: 'tidying',
                      },
                      {
                        target: '#torrent.moving',
                        actions: { type: 'keepStaged', params: ({ event }) => event.output },
                      },
                    ],
                    onError: {
                      target: 'giving',
                      actions: [
                        { type: 'reportWarning', params: ({ event }) => failureOf(event.error) },
                        'endMove',
                      ],
                    },
                  },
                  on: { 'job.move': { actions: 'refuseMove' } },
                },
                tidying: {
                  description:
                    'It lies there already: deletes what an earlier move that was cut short left behind.',
                  entry: 'endMove',
                  invoke: {
                    src: 'clearContent',
                    input: ({ context: { id, located } }) => ({ id, located }),
                    onDone: { target: 'giving' },
                    onError: {
                      target: 'giving',
                      actions: {
                        type: 'reportWarning',
                        params: ({ event }) => failureOf(event.error),
                      },
                    },
                  },
                  on: { 'job.move': { actions: 'refuseMove' } },
                },
              },
            },
            recovering: {
              description:
                'The engine died and is started again; the torrent is joined anew, and nothing is said twice.',
              entry: [{ type: 'enter', params: 'recovering' }, 'reportState'],
              on: {
                'swarm.joined': [
                  { guard: 'isOpenSeed', target: 'seeding', actions: 'sayKnown' },
                  { guard: 'isDownload', target: 'checking', actions: 'sayKnown' },
                  { target: 'registering', actions: 'sayKnown' },
                ],
              },
            },
          },
        },
        resumePoint: {
          description:
            'The step that was under way when the job was paused; a swarm is joined anew.',
          type: 'history',
          history: 'shallow',
          target: '#torrent.beginning',
        },
      },
    },

    paused: {
      description: 'Nothing of the job moves: no peer, no announce, no hashing.',
      entry: [{ type: 'enter', params: 'paused' }, 'reportState'],
      initial: 'byUser',
      on: {
        'job.resume': {
          target: 'active.resumePoint',
          actions: { type: 'hold', params: false },
        },
        'job.remove': { target: 'removed' },
        'job.move': [
          {
            guard: 'isPlaced',
            target: 'moving',
            actions: { type: 'planMove', params: ({ event }) => event.dir },
          },
          { actions: 'refuseMove' },
        ],
        'job.delete': [
          { guard: 'isSeed', actions: 'refuseDelete' },
          { guard: 'isUnnamed', target: 'removed' },
          { target: 'deleting' },
        ],
      },
      states: {
        byUser: {
          description: 'Until its user resumes it.',
          on: {
            // Nobody is left to resume it.
            'job.finish': {
              target: '#torrent.removed',
              actions: { type: 'noteEnd', params: 'stopped' },
            },
          },
        },
        byDisk: {
          description: 'The disk refuses: goes on by itself when it no longer does.',
          on: {
            'job.pause': { target: 'byUser', actions: { type: 'hold', params: true } },
            'job.finish': { actions: 'noteFinish' },
          },
          after: { diskRetry: { target: '#torrent.active.resumePoint' } },
        },
      },
    },

    moving: {
      description:
        'Out of the swarm for a moment, while the content changes its place. It is not cut short: what it began, it ends.',
      entry: [{ type: 'enter', params: 'moving' }, 'reportState'],
      initial: 'placing',
      on: {
        'job.stop': { actions: 'noteStop' },
        'job.finish': { actions: 'noteFinish' },
        'job.pause': { actions: { type: 'hold', params: true } },
        'job.resume': { actions: { type: 'hold', params: false } },
        'job.move': { actions: 'refuseMove' },
        'job.remove': { actions: 'refuseWhileMoving' },
        'job.delete': { actions: 'refuseWhileMoving' },
      },
      states: {
        placing: {
          description: 'Puts the second copy into its place.',
          invoke: {
            src: 'moveContent',
            input: ({ context: { id, located, moveTo, staged } }) => ({
              ...{ id, located, staged },
              dir: moveTo,
            }),
            onDone: {
              target: 'clearing',
              actions: [
                { type: 'reportRelocated', params: ({ event }) => event.output.contentPath },
                { type: 'place', params: ({ event }) => event.output },
              ],
            },
            onError: {
              target: 'arrived',
              actions: { type: 'reportWarning', params: ({ event }) => failureOf(event.error) },
            },
          },
        },
        clearing: {
          description:
            'Deletes what it left at the old place, which a note beside the new one names, and nothing else.',
          invoke: {
            src: 'clearContent',
            input: ({ context: { id, located } }) => ({ id, located }),
            onDone: { target: 'arrived' },
            onError: {
              target: 'arrived',
              actions: { type: 'reportWarning', params: ({ event }) => failureOf(event.error) },
            },
          },
        },
        arrived: {
          description: 'Goes on from where the content lies now.',
          entry: 'endMove',
          always: [
            {
              guard: 'isStopping',
              target: '#torrent.removed',
              actions: { type: 'noteEnd', params: 'stopped' },
            },
            { guard: 'isPausedByUser', target: '#torrent.paused.byUser' },
            { target: '#torrent.active.swarming' },
          ],
        },
      },
    },

    deleting: {
      description: 'Deletes what the torrent names, and nothing else.',
      invoke: {
        src: 'deleteContent',
        input: ({ context: { id, located, saved } }) => ({ id, located, saved }),
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
        'reportState',
        { type: 'setPercent', params: -2 },
        { type: 'noteEnd', params: 'failed' },
        'reportFailure',
        'recordEnd',
      ],
    },
    removed: {
      description: 'Over: let go by its user, or by the helper when it stops.',
      type: 'final',
      entry: [{ type: 'enter', params: 'removed' }, 'reportState', 'reportRemoved', 'recordEnd'],
    },
  },
  output: ({ context }) => ({
    id: context.id,
    end: context.end,
    completed: context.percent === 100,
  }),
});
