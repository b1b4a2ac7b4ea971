// What may come to a torrent machine and to a relocation, and how each of their steps may end.
import { type AnyActorRef, createActor } from 'xstate';
import { monitorMachine } from '../../../machines/monitor.js';
import { hasBegun } from '../../../machines/torrent-context.js';
import type {
  JobInstruction,
  LocatedTorrent,
  SavedState,
  SwarmMeasure,
} from '../../../machines/types.js';
import { errorCodes, HelperError, isErrorCode } from '../../../src/errors.js';
import type { StepOutcome, WalkOptions } from './machine-walk.js';

export const located: LocatedTorrent = {
  torrent: { infoHash: 'a'.repeat(40), name: 'a.iso', lengthBytes: 100 },
  contentPath: '/srv/a.iso',
  peers: [],
};
export const relocated: LocatedTorrent = { ...located, contentPath: '/elsewhere/a.iso' };
export const failure = { code: 'DISK_FULL', message: 'the disk is full' } as const;
export const obstacle = {
  code: 'DESTINATION_EXISTS',
  message: 'a.iso holds nothing of this torrent',
  isObstacle: true,
} as const;
export const publication = {
  torrentFile: '/t/a.iso.torrent',
  infoHash: 'a'.repeat(40),
  magnetUri: 'magnet:?',
};
export const measure: SwarmMeasure = {
  bytesDone: 10,
  bytesDown: 20,
  bytesUp: 5,
  bytesWasted: 0,
  downBytesPerSecond: 4,
  upBytesPerSecond: 1,
  peers: 2,
  seeds: 1,
  etaSeconds: 23,
};
const staged = { stagedPath: '/elsewhere/.a.iso', contentPath: '/elsewhere/a.iso' };

/** One error of every code there is. */
export const everyError: readonly HelperError[] = Object.keys(errorCodes)
  .filter(isErrorCode)
  .map((code) => new HelperError(code, `a failure with the code ${code}`));

const errors: readonly StepOutcome[] = [
  { error: new Error('a bug') },
  { error: new HelperError('DISK_FULL', 'the disk is full') },
];

export const torrentOutcomes: WalkOptions['outcomes'] = {
  makeMetainfo: () => [{ output: located }, ...errors],
  writeMetainfo: () => [{ output: publication }, ...errors],
  fetchMetainfo: () => [{ output: located }, ...errors],
  joinSwarm: () => errors,
  deleteContent: () => [{ output: undefined }, { output: obstacle }, ...errors],
  relocation: () => [
    { output: { failure: undefined, wasThere: false } },
    { output: { failure: undefined, wasThere: true } },
    { output: { failure, wasThere: false } },
    ...errors,
  ],
};

const fromOutside = [
  { type: 'job.pause' },
  { type: 'job.resume' },
  { type: 'job.remove' },
  { type: 'job.delete' },
  { type: 'job.move', dir: '/elsewhere' },
  { type: 'job.verify' },
  { type: 'job.announce' },
  { type: 'job.finish' },
  { type: 'job.stop' },
  { type: 'job.stalled' },
  { type: 'swarm.joined' },
  { type: 'swarm.announced' },
  { type: 'swarm.warned', failure },
  { type: 'swarm.checked', verifiedBytes: 10 },
  { type: 'piece.verified', verifiedBytes: 50 },
  { type: 'swarm.completed' },
  { type: 'swarm.measured', measure },
  { type: 'swarm.trackerChanged', tracker: { url: 'http://t.invalid/', state: 'waiting' } },
  { type: 'swarm.verified' },
  { type: 'swarm.verified', failure },
  { type: 'swarm.announceFailed', failure },
  { type: 'swarm.interrupted', failure },
  { type: 'storage.error', failure: { ...failure, isTransient: true } },
  { type: 'swarm.failed', failure },
  { type: 'swarm.failed', failure: obstacle },
  { type: 'relocation.copied' },
  { type: 'relocation.committed', located: relocated },
];

const monitor: AnyActorRef = createActor(monitorMachine).start();

export function torrentWalk(
  instruction: JobInstruction,
  options: {
    readonly saved?: SavedState;
    readonly needsTracker?: boolean;
    readonly giveUpMs?: number;
  } = {},
): WalkOptions {
  return {
    input: {
      id: 1,
      instruction,
      monitor,
      saved: options.saved,
      needsTracker: options.needsTracker ?? true,
      giveUpMs: options.giveUpMs,
      moveCompleted: undefined,
    },
    events: fromOutside,
    outcomes: torrentOutcomes,
    traitsOf: (context) => [
      context.percent === 100,
      hasBegun(context),
      context.located === undefined,
      context.isFinishing,
      context.isPausedByUser,
      context.isStopping,
      context.moveTo?.isAsked === true,
      context.relocation !== undefined,
    ],
  };
}

export const torrentWalks = {
  seed: torrentWalk({ kind: 'seed', given: '/srv/a.iso' }),
  openSeed: torrentWalk({ kind: 'seed', given: '/srv/a.iso' }, { needsTracker: false }),
  download: torrentWalk({ kind: 'download', given: 'a.torrent' }, { giveUpMs: 1000 }),
  restoredSeed: torrentWalk(
    { kind: 'seed', given: '/srv/a.iso' },
    { saved: { isPaused: true, infoHash: 'a'.repeat(40) } },
  ),
  /** Paused before its torrent was known. */
  restoredUnknown: torrentWalk(
    { kind: 'download', given: 'a.torrent' },
    { saved: { isPaused: true } },
  ),
  restoredDownload: torrentWalk(
    { kind: 'download', given: 'a.torrent' },
    { saved: { isPaused: true, infoHash: 'a'.repeat(40) } },
  ),
  invalid: torrentWalk({ kind: 'invalid', given: '', failure }),
} as const;

export const relocationWalk: WalkOptions = {
  input: { id: 1, located, dir: '/elsewhere', isServing: true, job: monitor },
  events: [{ type: 'relocation.commit' }],
  outcomes: {
    copyContent: () => [
      { output: staged },
      { output: { ...staged, contentPath: located.contentPath } },
      ...errors,
    ],
    commitRelocation: () => [{ output: relocated }, { output: located }, ...errors],
    removeSource: () => [{ output: undefined }, ...errors],
  },
};
