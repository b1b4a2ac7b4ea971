// The relocation of one job's content: a whole copy lies at one of the two places at every moment.
// The job decides when its swarm has let go of the files; until then nothing but a copy is made, which may be cancelled.
import { type ActorRef, assign, fromPromise, type Snapshot, sendTo, setup } from 'xstate';
import { failureOf } from './failure.js';
import { notProvided } from './not-provided.js';
import type {
  Failure,
  LocatedTorrent,
  RelocationOutcome,
  RelocationReport,
  StagedContent,
} from './types.js';

export type RelocationEvent =
  /** The swarm has let go of the files: the copy may take their place. */
  { readonly type: 'relocation.commit' };

export interface RelocationInput {
  /** Of the job. */
  readonly id: number;
  readonly located: LocatedTorrent;
  /** The folder that the content is to lie in. */
  readonly dir: string;
  /** Complete, and given to others while it is copied. */
  readonly isServing: boolean;
  readonly job: ActorRef<Snapshot<unknown>, RelocationReport>;
}

export interface RelocationContext extends RelocationInput {
  readonly staged: StagedContent | undefined;
  readonly failure: Failure | undefined;
  /** The content lies in the folder already. */
  readonly wasThere: boolean;
}

export interface CopyInput {
  readonly id: number;
  readonly located: LocatedTorrent;
  readonly dir: string;
  readonly isServing: boolean;
}

export interface CommitInput {
  readonly id: number;
  readonly located: LocatedTorrent;
  readonly dir: string;
  readonly staged: StagedContent | undefined;
}

export interface RemoveSourceInput {
  readonly id: number;
  /** Where the content lies now; a marker beside it tells where it came from. */
  readonly located: LocatedTorrent;
}

export const relocationMachine = setup({
  types: {
    input: {} as RelocationInput,
    context: {} as RelocationContext,
    events: {} as RelocationEvent,
    output: {} as RelocationOutcome,
  },
  actors: {
    /** Makes a whole second copy beside the new place, and nothing else; leaves nothing when it is cancelled. */
    copyContent: fromPromise<StagedContent, CopyInput>(() => notProvided('copyContent')),
    /** Gives the copy its name, in one step. */
    commitRelocation: fromPromise<LocatedTorrent, CommitInput>(() =>
      notProvided('commitRelocation'),
    ),
    /** Deletes at the old place what lies at the new one. */
    removeSource: fromPromise<void, RemoveSourceInput>(() => notProvided('removeSource')),
  },
  guards: {
    liesThere: ({ context }, contentPath: string) => context.located.contentPath === contentPath,
  },
  actions: {
    setStaged: assign({ staged: (_, staged: StagedContent) => staged }),
    setLocated: assign(({ context }, located: LocatedTorrent) => ({
      located,
      wasThere: located.contentPath === context.located.contentPath,
    })),
    setThere: assign({ wasThere: true }),
    setFailure: assign({ failure: (_, failure: Failure) => failure }),
    reportCopied: sendTo(({ context }) => context.job, { type: 'relocation.copied' }),
    reportCommitted: sendTo(
      ({ context }) => context.job,
      ({ context }) => ({ type: 'relocation.committed', located: context.located }),
    ),
  },
}).createMachine({
  id: 'relocation',
  description: 'Content goes to another folder.',
  context: ({ input }) => ({ ...input, staged: undefined, failure: undefined, wasThere: false }),
  initial: 'copying',
  states: {
    copying: {
      description: 'Makes a second copy, while the first one stays as it is.',
      invoke: {
        src: 'copyContent',
        input: ({ context: { id, located, dir, isServing } }) => ({ id, located, dir, isServing }),
        onDone: [
          {
            guard: { type: 'liesThere', params: ({ event }) => event.output.contentPath },
            target: 'removingSource',
            actions: 'setThere',
          },
          {
            target: 'copied',
            actions: { type: 'setStaged', params: ({ event }) => event.output },
          },
        ],
        onError: {
          target: 'failed',
          actions: { type: 'setFailure', params: ({ event }) => failureOf(event.error) },
        },
      },
    },
    copied: {
      description: 'Waits until the swarm has let go of the files.',
      entry: 'reportCopied',
      on: { 'relocation.commit': { target: 'committing' } },
    },
    committing: {
      description: 'The copy takes its place. It is not cut short: what it begins, it ends.',
      invoke: {
        src: 'commitRelocation',
        input: ({ context: { id, located, dir, staged } }) => ({ id, located, dir, staged }),
        onDone: {
          target: 'removingSource',
          actions: [{ type: 'setLocated', params: ({ event }) => event.output }, 'reportCommitted'],
        },
        onError: {
          target: 'failed',
          actions: { type: 'setFailure', params: ({ event }) => failureOf(event.error) },
        },
      },
    },
    removingSource: {
      description: 'Deletes what was left at the old place, as a marker at the new one names it.',
      invoke: {
        src: 'removeSource',
        input: ({ context: { id, located } }) => ({ id, located }),
        onDone: { target: 'done' },
        onError: {
          target: 'failed',
          actions: { type: 'setFailure', params: ({ event }) => failureOf(event.error) },
        },
      },
    },
    done: { description: 'The content lies in its folder, and nowhere else.', type: 'final' },
    failed: {
      description: 'The content lies where the job last heard, whole; what went wrong is told.',
      type: 'final',
    },
  },
  output: ({ context: { failure, wasThere } }) => ({ failure, wasThere }),
});
