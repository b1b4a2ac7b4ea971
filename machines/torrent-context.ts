// What a torrent machine hears and knows, and the reports it makes of that.
import type { ActorRef, ActorRefFrom, DoneActorEvent, ErrorActorEvent, Snapshot } from 'xstate';
import type { relocationMachine } from './relocation.js';
import type {
  DownloadChoices,
  Failure,
  GivenMetainfo,
  JobCommand,
  JobOrder,
  JobReport,
  JobState,
  JobTag,
  LocatedTorrent,
  Outcome,
  Publication,
  RelocationOutcome,
  RelocationReport,
  SessionEntry,
  SwarmEvent,
  SwarmMeasure,
} from './types.js';

export type TorrentEvent =
  | SwarmEvent
  | RelocationReport
  | { readonly type: 'job.pause' }
  | { readonly type: 'job.resume' }
  | { readonly type: 'job.remove' }
  | { readonly type: 'job.delete' }
  /** Read the content again. */
  | { readonly type: 'job.verify' }
  /** Ask the trackers now. */
  | { readonly type: 'job.announce' }
  /** Relocate the content into the folder `dir`. */
  | { readonly type: 'job.move'; readonly dir: string }
  /** Nobody will ask for more: a download is released when it is complete, or stopped when its user paused it. */
  | { readonly type: 'job.finish' }
  /** The helper stops. */
  | { readonly type: 'job.stop' }
  /** No progress for too long: it tells itself. */
  | { readonly type: 'job.stalled' }
  | DoneActorEvent<RelocationOutcome, 'relocation'>
  | ErrorActorEvent;

export interface TorrentInput extends JobOrder {
  readonly monitor: ActorRef<Snapshot<unknown>, JobReport>;
  /** A seed is published when a tracker has accepted it; without trackers, when its swarm is open. */
  readonly needsTracker: boolean;
  /** A download without progress for so long fails; undefined: never. */
  readonly giveUpMs: number | undefined;
  /** The folder a download is relocated to when it is complete; undefined: it stays. */
  readonly moveCompleted: string | undefined;
}

/**
 * What never changes of a job is one field: all others are copied at each change, which takes V8 many times as long from twenty
 * fields on.
 */
export interface TorrentContext {
  readonly input: TorrentInput;
  readonly file: string;
  readonly state: JobState;
  /** The percent last said, but for the -2 of one that failed; undefined before the first line. */
  readonly percent: number | undefined;
  readonly located: LocatedTorrent | undefined;
  readonly publication: Publication | undefined;
  /** Why it failed; of one that was deleted, what was left, if it was not all. */
  readonly failure: Failure | undefined;
  readonly isFinishing: boolean;
  readonly isPausedByUser: boolean;
  /** Its user asked that its content be read again, and that is not done. */
  readonly mustVerify: boolean;
  /** It lacked something when it was read again, be it after its 100. */
  readonly isRefetching: boolean;
  /** Its user asked for an announce, and waits to hear of it. */
  readonly isAnnouncing: boolean;
  /** It came back paused from its session, and nobody let it go on. */
  readonly stayedPaused: boolean;
  /** It stops as soon as the copy has taken its place. */
  readonly isStopping: boolean;
  readonly moveTo: MoveTo | undefined;
  readonly relocation: ActorRefFrom<typeof relocationMachine> | undefined;
  /** Of a disk that refuses: what it said last, and how often in a row. */
  readonly refusal: { readonly failure: Failure; readonly times: number } | undefined;
}

/** The folder that content is still to go to when it is complete; at once, if its user asked for that. */
export interface MoveTo {
  readonly dir: string;
  readonly isAsked: boolean;
}

/** Before the first step: the job is shown as one that waits. */
export function initialContext(input: TorrentInput): TorrentContext {
  const { instruction } = input;
  const choices = choicesOf(input);
  const wasPaused = input.saved?.isPaused ?? false;
  const beginsPaused = input.saved ? wasPaused : (choices.paused ?? false);
  // What was given a folder of its own stays there.
  const dir =
    instruction.kind === 'download' && choices.dir === undefined ? input.moveCompleted : undefined;
  return {
    input,
    file: input.file ?? instruction.given,
    state: 'queued',
    percent: input.hasSpoken ? -1 : undefined,
    located: undefined,
    publication: undefined,
    failure: instruction.kind === 'invalid' ? instruction.failure : undefined,
    isFinishing: false,
    isPausedByUser: input.isPaused ?? beginsPaused,
    stayedPaused: wasPaused && input.isPaused === undefined,
    mustVerify: input.mustVerify ?? false,
    isRefetching: false,
    isAnnouncing: false,
    isStopping: false,
    moveTo: dir === undefined ? undefined : { dir, isAsked: false },
    relocation: undefined,
    refusal: undefined,
  };
}

export function kindOf({ input }: TorrentContext) {
  return input.instruction.kind;
}

export function tagOf(
  { input: { id, instruction }, file, state: current }: TorrentContext,
  state: JobState = current,
): JobTag {
  return { id, kind: instruction.kind, file, state };
}

/** What a download was given for itself alone. */
export function choicesOf({ instruction }: Pick<JobOrder, 'instruction'>): DownloadChoices & {
  readonly metainfo?: GivenMetainfo | undefined;
} {
  return instruction.kind === 'download' ? instruction : {};
}

/** How its lines name it once its torrent is known. */
export function fileOf({ input, file }: TorrentContext, { torrent }: LocatedTorrent): string {
  return input.instruction.kind === 'download' ? torrent.name : file;
}

export function percentOf(context: TorrentContext, verifiedBytes: number): number {
  const lengthBytes = context.located?.torrent.lengthBytes ?? 0;
  return lengthBytes > 0 ? Math.floor((verifiedBytes / lengthBytes) * 100) : 0;
}

/** Its content was looked at in this life, or had its place in an earlier one: it is not told to begin anew. */
export function hasBegun({ percent, input }: TorrentContext): boolean {
  return (percent ?? -1) >= 0 || input.saved?.contentPath !== undefined;
}

/** Paused by its user in an earlier life, when its torrent was known. */
export function cameBackPaused(
  { input: { instruction, saved }, isPausedByUser }: TorrentContext,
  kind: 'seed' | 'download',
): boolean {
  return instruction.kind === kind && isPausedByUser && saved?.infoHash !== undefined;
}

export function stateChanged(context: TorrentContext, state: JobState): JobReport {
  return { type: 'job.stateChanged', job: tagOf(context, state), percent: context.percent };
}

/** For the session. */
export function recorded(entry: SessionEntry): JobReport {
  return { type: 'job.recorded', entry };
}

export function progress(context: TorrentContext, percent: number): JobReport {
  return { type: 'job.progressed', job: tagOf(context), percent, repeated: false };
}

export function measured({ input: { id } }: TorrentContext, measure: SwarmMeasure): JobReport {
  return { type: 'job.measured', id, measure };
}

export function warning(context: TorrentContext, failure: Failure): JobReport {
  return { type: 'job.warned', job: tagOf(context), failure };
}

/** `verifiedBytes`: left out, all of it. */
export function verified(context: TorrentContext, verifiedBytes?: number): JobReport {
  const lengthBytes = context.located?.torrent.lengthBytes ?? 0;
  const missingBytes = lengthBytes - (verifiedBytes ?? lengthBytes);
  return { type: 'job.verified', job: tagOf(context), missingBytes };
}

export function commandFailed(
  context: TorrentContext,
  command: 'verify' | 'announce',
  failure: Failure,
): JobReport {
  return { type: 'job.commandFailed', job: tagOf(context), command, failure };
}

export function leftUnannounced({ input: { id }, file }: TorrentContext): Failure {
  const message = `announce: job ${id} (${file}) has left its swarm, and no tracker had accepted it`;
  return { code: 'REFUSED', message };
}

export const jobCommands: readonly JobCommand['kind'][] = [
  'pause',
  'resume',
  'remove',
  'delete',
  'move',
  'verify',
  'announce',
];

/** `why` goes on with the sentence: `cannot be moved now`. */
export function refusedInstruction(
  { input: { id }, file }: TorrentContext,
  { type }: TorrentEvent,
  why: string,
): JobReport {
  const command = jobCommands.find((kind) => type === `job.${kind}`) ?? 'move';
  const failure = { code: 'REFUSED', message: `job ${id} (${file}) ${why}` } as const;
  return { type: 'instruction.refused', id, command, failure };
}

export function stalled({ input }: TorrentContext): Failure {
  const seconds = (input.giveUpMs ?? 0) / 1000;
  const message = `no progress for ${seconds} s; are there seeders, and can this machine reach them?`;
  return { code: 'STALLED', message };
}

/** The report of its end tells of this, too. */
function lastState(context: TorrentContext, state: 'failed' | 'removed') {
  return { job: tagOf(context, state), percent: context.percent };
}

export function failed(context: TorrentContext): JobReport {
  const { failure = { code: 'INTERNAL', message: 'bug: failed without a reason' } } = context;
  return { type: 'job.failed', ...lastState(context, 'failed'), failure };
}

export function removed(context: TorrentContext): JobReport {
  return { type: 'job.removed', ...lastState(context, 'removed'), left: context.failure };
}

const ends = ['failed', 'removed', 'released', 'stopped'] as const;

/** What the last state is called says how the job ended. */
export function endOf(lastState: unknown): Outcome['kind'] {
  return ends.find((end) => end === lastState) ?? 'failed';
}

/** Over without a word. */
export function endReport(context: TorrentContext, end: 'released' | 'stopped'): JobReport {
  return { type: 'job.ended', ...lastState(context, 'removed'), end };
}

/** The report behind the 100 of a seed or of a download. */
export function completion(context: TorrentContext): JobReport {
  const { publication, located } = context;
  return publication
    ? { type: 'job.published', job: tagOf(context), publication }
    : { type: 'job.downloaded', job: tagOf(context), contentPath: located?.contentPath ?? '' };
}

/** Its content lies there now, or lay there before. */
export function relocated(
  context: TorrentContext,
  contentPath = context.located?.contentPath ?? '',
): JobReport {
  return { type: 'job.relocated', job: tagOf(context), contentPath };
}

/** It lies where it lay, or at the new place with something left at the old one. */
export function relocationFailure(context: TorrentContext, failure: Failure): JobReport {
  return { type: 'job.relocationFailed', job: tagOf(context), failure };
}

/** A complete download, where nobody asks for more. */
export function isThrough(context: TorrentContext): boolean {
  const { isFinishing, mustVerify, moveTo } = context;
  return isFinishing && !mustVerify && kindOf(context) === 'download' && !moveTo;
}
