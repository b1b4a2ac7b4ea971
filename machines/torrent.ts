// The life of one job: made or fetched, joined, checked, downloaded, seeded, and let go.
// Every step is an actor that the system provides; nothing here touches a disk, a socket or a clock.
import { assign, cancel, enqueueActions, sendTo } from 'xstate';
import { failureOf } from './failure.js';
import {
  cameBackPaused,
  choicesOf,
  completion,
  endOf,
  endReport,
  failed,
  fileOf,
  hasBegun,
  initialContext,
  isThrough,
  kindOf,
  measured,
  percentOf,
  progress,
  recorded,
  refusedInstruction,
  removed,
  stalled,
  stateChanged,
  warning,
} from './torrent-context.js';
import { toMonitor, torrentSetup } from './torrent-setup.js';
import type { Failure, JobState, LocatedTorrent, Publication, SwarmMeasure } from './types.js';

// Why an instruction is refused, as the end of the sentence.
const publishesSource = 'publishes its source, which is never deleted; use remove:';
const onTheMove = 'is on the move; ask again when its content has arrived';
const inNoSwarm = 'is in no swarm now; it announces by itself when it joins one';
const notMovable =
  'cannot be moved now: its content is not known yet, or is on the move; ask again later';

const lifeSetup = torrentSetup.extend({
  delays: {
    /** 1, 2, 4 … 60 s, the more often in a row the disk has refused. */
    diskRetry: ({ context }) => Math.min(500 * 2 ** (context.refusal?.times ?? 1), 60_000),
  },
  guards: {
    isInvalid: ({ context }) => kindOf(context) === 'invalid',
    isSeed: ({ context }) => kindOf(context) === 'seed',
    isDownload: ({ context }) => kindOf(context) === 'download',
    isOpenSeed: ({ context }) => kindOf(context) === 'seed' && !context.input.needsTracker,
    isUnnamed: ({ context: { located, input } }) => !located && !input.saved?.infoHash,
    isLocated: ({ context }) => context.located !== undefined,
    /** By itself; or when what is in the way is moved away, which a job that has just been given does not wait for. */
    mayPass: ({ context }, { isTransient, isObstacle }: Failure) =>
      isTransient === true || (isObstacle === true && hasBegun(context)),
    isPausedByUser: ({ context }) => context.isPausedByUser,
    isPausedSeed: ({ context }) => cameBackPaused(context, 'seed'),
    isPausedDownload: ({ context }) => cameBackPaused(context, 'download'),
    isStopping: ({ context }) => context.isStopping,
    isRelocating: ({ context }) => context.relocation !== undefined,
    /** Asked for, and cancelled by a pause. Complete content is seeded while it is copied. */
    mustMoveFirst: ({ context }) => context.moveTo?.isAsked === true && context.percent !== 100,
    isReleased: ({ context }) => isThrough(context),
  },
  actions: {
    /** Sets the state that others see, and reports it. */
    enter: enqueueActions(({ context, enqueue }, state: JobState) => {
      if (context.state === state) return;
      enqueue.assign({ state });
      enqueue.sendTo(toMonitor, stateChanged(context, state));
    }),
    locate: enqueueActions(({ context, enqueue }, located: LocatedTorrent) => {
      enqueue.assign({ located, file: fileOf(context, located) });
      enqueue.sendTo(toMonitor, recorded({ type: 'located', id: context.input.id, located }));
    }),
    setPublication: assign({ publication: (_, publication: Publication) => publication }),
    /** -1, once: the metainfo is known. */
    sayKnown: enqueueActions(({ context, enqueue }) => {
      if (context.percent !== undefined) return;
      enqueue.assign({ percent: -1 });
      enqueue.sendTo(toMonitor, progress(context, -1));
    }),
    /** The whole percent verified, if it has risen. The last one is said by completion, when the disk has it. */
    sayVerified: enqueueActions(({ context, enqueue }, verifiedBytes: number) => {
      const percent = percentOf(context, verifiedBytes);
      if (percent >= 100 || percent <= (context.percent ?? -1)) return;
      enqueue.assign({ percent });
      enqueue.sendTo(toMonitor, progress(context, percent));
    }),
    /** 100, once: published, or safe on disk. */
    sayComplete: enqueueActions(({ context, enqueue }) => {
      if (context.percent === 100) return;
      enqueue.assign({ percent: 100 });
      enqueue.sendTo(toMonitor, completion(context));
    }),
    reportWarning: sendTo(toMonitor, ({ context }, failure: Failure) => warning(context, failure)),
    reportMeasure: sendTo(toMonitor, ({ context }, now: SwarmMeasure) => measured(context, now)),
    /** Files that a `delete:` did not take for the job's. */
    reportLeft: enqueueActions(({ context, enqueue }, left: Failure | undefined) => {
      enqueue.assign({ failure: left });
      if (left) enqueue.sendTo(toMonitor, warning(context, left));
    }),
    refuse: sendTo(toMonitor, ({ context, event }, why: string) =>
      refusedInstruction(context, event, why),
    ),
    refuseDelete: sendTo(toMonitor, ({ context, event }) =>
      refusedInstruction(context, event, `${publishesSource}${context.input.id}`),
    ),
    /** From now on. Of those alone that may be given up: XState looks through all timers there are whenever an actor ends. */
    awaitProgress: enqueueActions(({ context: { input }, enqueue }) => {
      if (input.giveUpMs === undefined) return;
      enqueue.cancel('stalled');
      enqueue.raise({ type: 'job.stalled' }, { id: 'stalled', delay: input.giveUpMs });
    }),
    awaitNothing: cancel('stalled'),
    setStalled: assign({ failure: ({ context }) => stalled(context) }),
    setFailure: assign({ failure: (_, failure: Failure) => failure }),
    reportFailure: sendTo(toMonitor, ({ context }) => failed(context)),
    reportRemoved: sendTo(toMonitor, ({ context }) => removed(context)),
    /** To those alone who wait for the job. */
    reportEnd: sendTo(toMonitor, ({ context }, end: 'released' | 'stopped') =>
      endReport(context, end),
    ),
    /** Gives back what the job has locked against others, which the system knows. */
    release: (_) => {},
    markFinishing: assign({ isFinishing: true }),
    markStopping: assign({ isStopping: true }),
  },
});

export const torrentMachine = lifeSetup.createMachine({
  id: 'torrent',
  description: 'The life of one job.',
  context: ({ input }) => initialContext(input),
  initial: 'starting',
  exit: 'release',
  on: {
    'job.stop': { target: '.stopped' },
    'job.finish': { actions: 'markFinishing' },
    'xstate.error.actor.*': {
      target: '.failed',
      actions: { type: 'setFailure', params: ({ event }) => failureOf(event.error) },
    },
  },
  states: {
    starting: {
      description: 'Looks at what the instruction asks for.',
      always: [
        { guard: 'isInvalid', target: 'failed' },
        {
          guard: 'isPausedSeed',
          target: 'paused.byUser',
          actions: [{ type: 'enter', params: 'paused' }, 'sayKnown'],
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
        'job.pause': { target: 'paused.byUser', actions: { type: 'setPaused', params: true } },
        'job.resume': { actions: { type: 'setPaused', params: false } },
        'job.finish': { guard: 'isPausedByUser', target: 'stopped' },
        'job.move': { actions: { type: 'refuse', params: notMovable } },
        'job.verify': { actions: 'setVerify' },
        'job.announce': { actions: { type: 'refuse', params: inNoSwarm } },
        'job.remove': { target: 'removed' },
        'job.delete': [
          { guard: 'isSeed', actions: 'refuseDelete' },
          { guard: 'isUnnamed', target: 'removed' },
          { target: 'deleting' },
        ],
        'swarm.warned': {
          actions: { type: 'reportWarning', params: ({ event }) => event.failure },
        },
        'xstate.error.actor.*': [
          {
            guard: { type: 'mayPass', params: ({ event }) => failureOf(event.error) },
            target: 'paused.waitingForDisk',
            actions: { type: 'reportRefusal', params: ({ event }) => failureOf(event.error) },
          },
          {
            target: 'failed',
            actions: { type: 'setFailure', params: ({ event }) => failureOf(event.error) },
          },
        ],
      },
      states: {
        making: {
          description: 'Reads the content and hashes its pieces.',
          entry: { type: 'enter', params: 'making' },
          invoke: {
            src: 'makeMetainfo',
            input: ({ context: { input } }) => ({
              id: input.id,
              path: input.instruction.given,
              contentPath: input.saved?.contentPath,
            }),
            onDone: {
              target: 'writing',
              actions: { type: 'locate', params: ({ event }) => event.output },
            },
          },
        },
        writing: {
          description: 'Writes the .torrent file, or finds that it is there already.',
          entry: { type: 'enter', params: 'writing' },
          invoke: {
            src: 'writeMetainfo',
            input: ({ context: { located } }) => ({ located }),
            onDone: {
              target: 'joined',
              actions: { type: 'setPublication', params: ({ event }) => event.output },
            },
          },
        },
        fetching: {
          description: 'Fetches the metainfo: over HTTP, from a file, or from the swarm.',
          entry: [{ type: 'enter', params: 'fetching' }, 'awaitProgress'],
          exit: 'awaitNothing',
          invoke: {
            src: 'fetchMetainfo',
            input: ({ context: { input }, self }) => ({
              id: input.id,
              source: input.instruction.given,
              metainfo: choicesOf(input).metainfo,
              dir: choicesOf(input).dir,
              job: self,
              saved: input.saved,
            }),
            onDone: [
              {
                guard: 'isPausedByUser',
                target: '#torrent.paused.byUser',
                actions: [{ type: 'locate', params: ({ event }) => event.output }, 'sayKnown'],
              },
              {
                target: 'joined',
                actions: { type: 'locate', params: ({ event }) => event.output },
              },
            ],
          },
          on: { 'job.stalled': { target: '#torrent.failed', actions: 'setStalled' } },
        },
        joined: {
          description: 'In the swarm of the torrent, until the job is paused, relocated or over.',
          initial: 'joining',
          invoke: {
            src: 'joinSwarm',
            id: 'swarm',
            input: ({ context: { input, located, mustVerify } }) => ({
              id: input.id,
              located,
              role: input.instruction.kind === 'seed' ? 'seed' : 'download',
              verify: mustVerify,
            }),
          },
          on: {
            'swarm.completed': {
              guard: 'isDownload',
              target: '.seeding',
              actions: 'forgetRefusals',
            },
            'swarm.interrupted': { target: '.joining.recovering' },
            'swarm.trackerChanged': {
              actions: { type: 'reportTracker', params: ({ event }) => event.tracker },
            },
            'swarm.measured': {
              actions: { type: 'reportMeasure', params: ({ event }) => event.measure },
            },
            'swarm.verified': [
              {
                guard: { type: 'mustFetchAgain', params: ({ event }) => event.failure },
                target: 'joined',
                reenter: true,
                actions: 'cancelRelocation',
              },
              { actions: { type: 'endVerify', params: ({ event }) => event.failure } },
            ],
            'swarm.announced': { actions: 'sayAnnounced' },
            'swarm.announceFailed': {
              actions: { type: 'failAnnounce', params: ({ event }) => event.failure },
            },
            'job.verify': [
              { guard: 'mustJoinAnew', target: 'joined', reenter: true, actions: 'setVerify' },
              { actions: 'verifyComplete' },
            ],
            'job.announce': { actions: 'announceNow' },
            'swarm.failed': [
              {
                guard: { type: 'mayPass', params: ({ event }) => event.failure },
                target: '#torrent.paused.waitingForDisk',
                actions: { type: 'reportRefusal', params: ({ event }) => event.failure },
              },
              {
                target: '#torrent.failed',
                actions: { type: 'setFailure', params: ({ event }) => event.failure },
              },
            ],
            'storage.error': {
              target: '#torrent.paused.waitingForDisk',
              actions: { type: 'reportRefusal', params: ({ event }) => event.failure },
            },
            'job.move': [
              { guard: 'isRelocating', actions: { type: 'refuse', params: notMovable } },
              {
                target: '#torrent.relocating',
                actions: { type: 'setMove', params: ({ event }) => event.dir },
              },
            ],
            'relocation.copied': { target: '#torrent.relocating.committing' },
            'xstate.done.actor.relocation': {
              actions: { type: 'endRelocation', params: ({ event }) => event.output },
            },
          },
          states: {
            joining: {
              description:
                'Joins the swarm and announces. A seed waits for a tracker to accept; a download does not.',
              initial: 'registering',
              on: {
                'swarm.joined': [
                  {
                    guard: 'isOpenSeed',
                    target: 'seeding',
                    actions: ['sayKnown', 'announceIfAsked'],
                  },
                  {
                    guard: 'isDownload',
                    target: 'checking',
                    actions: ['sayKnown', 'announceIfAsked'],
                  },
                  {
                    target: '.registering',
                    actions: ['sayKnown', 'announceIfAsked', 'verifyIfAsked'],
                  },
                ],
                'swarm.announced': {
                  guard: 'isSeed',
                  target: 'seeding',
                  actions: 'sayAnnounced',
                },
              },
              states: {
                registering: {
                  description: 'For the first time, or after a pause.',
                  entry: { type: 'enter', params: 'registering' },
                },
                recovering: {
                  description:
                    'The engine died and is started again; the torrent is joined anew, and nothing is said twice.',
                  entry: { type: 'enter', params: 'recovering' },
                },
              },
            },
            checking: {
              description: 'Looks at what of the content lies there already.',
              entry: { type: 'enter', params: 'checking' },
              on: {
                'swarm.checked': {
                  target: 'downloading',
                  actions: [
                    { type: 'endVerifyIfRead', params: ({ event }) => event },
                    { type: 'sayVerified', params: ({ event }) => event.verifiedBytes },
                  ],
                },
              },
            },
            downloading: {
              description:
                'Gets the missing pieces; each one verified is progress, and puts off giving up.',
              entry: [{ type: 'enter', params: 'downloading' }, 'awaitProgress'],
              exit: 'awaitNothing',
              on: {
                'piece.verified': {
                  actions: [
                    { type: 'sayVerified', params: ({ event }) => event.verifiedBytes },
                    'forgetRefusals',
                    'awaitProgress',
                  ],
                },
                'job.stalled': { target: '#torrent.failed', actions: 'setStalled' },
              },
            },
            seeding: {
              description:
                'Complete: gives what others ask for, also while a second copy is made elsewhere.',
              entry: [
                { type: 'enter', params: 'seeding' },
                'sayWholeAgain',
                'sayComplete',
                { type: 'relocateIfAsked', params: true },
                'verifyIfAsked',
              ],
              always: { guard: 'isReleased', target: '#torrent.released' },
              on: {
                'job.verify': { actions: 'verifyComplete' },
                'job.move': [
                  { guard: 'isRelocating', actions: { type: 'refuse', params: notMovable } },
                  {
                    actions: [
                      { type: 'setMove', params: ({ event }) => event.dir },
                      { type: 'relocateIfAsked', params: true },
                    ],
                  },
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
          target: '#torrent.starting',
        },
      },
    },

    relocating: {
      description: 'Out of the swarm, while the content goes elsewhere.',
      entry: [{ type: 'enter', params: 'moving' }, 'dropAnnounce'],
      initial: 'copying',
      on: {
        'job.resume': { actions: { type: 'setPaused', params: false } },
        'job.move': { actions: { type: 'refuse', params: notMovable } },
        'job.verify': { actions: 'setVerify' },
        'job.announce': { actions: { type: 'refuse', params: inNoSwarm } },
        'xstate.done.actor.relocation': [
          {
            guard: 'isStopping',
            target: 'stopped',
            actions: { type: 'endRelocation', params: ({ event }) => event.output },
          },
          {
            guard: 'isPausedByUser',
            target: 'paused.byUser',
            actions: { type: 'endRelocation', params: ({ event }) => event.output },
          },
          {
            target: 'active.joined',
            actions: { type: 'endRelocation', params: ({ event }) => event.output },
          },
        ],
      },
      states: {
        copying: {
          description:
            'What there is of unfinished content is copied; pausing, removing or stopping cancels it.',
          entry: { type: 'relocateIfAsked', params: false },
          on: {
            'relocation.copied': { target: 'committing' },
            'job.pause': {
              target: '#torrent.paused.byUser',
              actions: { type: 'setPaused', params: true },
            },
            'job.remove': { target: '#torrent.removed' },
            'job.delete': [
              { guard: 'isSeed', actions: 'refuseDelete' },
              { target: '#torrent.deleting' },
            ],
          },
        },
        committing: {
          description: 'The copy takes its place. It is not cut short: what it began, it ends.',
          entry: 'commitRelocation',
          on: {
            'relocation.committed': {
              actions: [
                { type: 'reportRelocated', params: ({ event }) => event.located.contentPath },
                { type: 'locate', params: ({ event }) => event.located },
              ],
            },
            'job.pause': { actions: { type: 'setPaused', params: true } },
            'job.finish': { guard: 'isPausedByUser', actions: 'markStopping' },
            'job.stop': { actions: 'markStopping' },
            'job.remove': { actions: { type: 'refuse', params: onTheMove } },
            'job.delete': { actions: { type: 'refuse', params: onTheMove } },
          },
        },
      },
    },

    paused: {
      description: 'Nothing of the job moves: no peer, no announce, no hashing, no copying.',
      entry: [{ type: 'enter', params: 'paused' }, 'cancelRelocation', 'dropAnnounce'],
      initial: 'byUser',
      on: {
        'job.resume': [
          {
            guard: 'mustMoveFirst',
            target: 'relocating',
            actions: { type: 'setPaused', params: false },
          },
          { target: 'active.resumePoint', actions: { type: 'setPaused', params: false } },
        ],
        'job.verify': { actions: 'setVerify' },
        'job.announce': { actions: { type: 'refuse', params: inNoSwarm } },
        'job.remove': { target: 'removed' },
        'job.move': [
          {
            guard: 'isLocated',
            target: 'relocating',
            actions: { type: 'setMove', params: ({ event }) => event.dir },
          },
          { actions: { type: 'refuse', params: notMovable } },
        ],
        'job.delete': [
          { guard: 'isSeed', actions: 'refuseDelete' },
          { guard: 'isUnnamed', target: 'removed' },
          { target: 'deleting' },
        ],
      },
      states: {
        byUser: {
          description: 'Until its user resumes it; if nobody is left to do so, it is over.',
          on: { 'job.finish': { target: '#torrent.stopped' } },
        },
        waitingForDisk: {
          description:
            'The disk refuses, or something lies in the way: goes on by itself when that is over.',
          on: {
            'job.pause': { target: 'byUser', actions: { type: 'setPaused', params: true } },
            'job.verify': { target: '#torrent.active.resumePoint', actions: 'setVerify' },
          },
          after: { diskRetry: { target: '#torrent.active.resumePoint' } },
        },
      },
    },

    deleting: {
      description: 'Deletes what the job made of what its torrent names, and nothing else.',
      entry: 'cancelRelocation',
      invoke: {
        src: 'deleteContent',
        input: ({ context: { input, located } }) => ({
          ...input,
          located,
          dir: choicesOf(input).dir,
        }),
        onDone: {
          target: 'removed',
          actions: { type: 'reportLeft', params: ({ event }) => event.output },
        },
      },
    },

    failed: {
      description: 'Over: its last line is -2.',
      type: 'final',
      entry: 'reportFailure',
      output: 'failed',
    },
    removed: {
      description: 'Over: its user removed it.',
      type: 'final',
      entry: 'reportRemoved',
      output: 'removed',
    },
    released: {
      description: 'Over: complete, and nobody asks for more.',
      type: 'final',
      entry: { type: 'reportEnd', params: 'released' },
      output: 'released',
    },
    stopped: {
      description: 'Over for now: the helper stops, and a session may bring it back.',
      type: 'final',
      entry: { type: 'reportEnd', params: 'stopped' },
      output: 'stopped',
    },
  },
  output: ({ context: { input, percent, isRefetching, stayedPaused }, event }) => ({
    id: input.id,
    kind: endOf(event.output),
    completed: percent === 100 && !isRefetching,
    stayedPaused,
  }),
});
