// What a torrent machine hears and knows, and the reports it makes of that.
import type { ActorRef, ActorRefFrom, DoneActorEvent, ErrorActorEvent, Snapshot } from 'xstate';
import type { relocationMachine } from './relocation.js';
import type {
  Failure,
  JobOrder,
  JobReport,
  JobState,
  JobTag,
  LocatedTorrent,
  Publication,
  RelocationOutcome,
  RelocationReport,
  SwarmEvent,
} from './types.js';

export type TorrentEvent =
  | SwarmEvent
  | RelocationReport
  | { readonly type: 'job.pause' }
  | { readonly type: 'job.resume' }
  | { readonly type: 'job.remove' }
  | { readonly type: 'job.delete' }
  /** Relocate the content into the folder `dir`. */
  | { readonly type: 'job.move'; readonly dir: string }
  /** Say the last line again. */
  | { readonly type: 'job.repeat' }
  /** Nobody will ask for more: a download is released when it is complete, or stopped when its user paused it. */
  | { readonly type: 'job.finish' }
  /** The helper stops. */
  | { readonly type: 'job.stop' }
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

export interface TorrentContext extends TorrentInput {
  readonly file: string;
  readonly state: JobState;
  /** The percent last said; undefined before the first line. */
  readonly percent: number | undefined;
  readonly located: LocatedTorrent | undefined;
  readonly publication: Publication | undefined;
  readonly failure: Failure | undefined;
  readonly isFinishing: boolean;
  readonly isPausedByUser: boolean;
  /** The helper stops as soon as the copy has taken its place. */
  readonly isStopping: boolean;
  /** The folder that its user asked the content to go to. */
  readonly moveTo: string | undefined;
  readonly relocation: ActorRefFrom<typeof relocationMachine> | undefined;
  /** How often in a row the disk has refused, and what it said last. */
  readonly diskRefusals: number;
  readonly diskFailure: Failure | undefined;
}

/** Before the first step: the job is shown as one that waits. */
export function initialContext(input: TorrentInput): TorrentContext {
  return {
    ...input,
    file: input.instruction.given,
    state: 'queued',
    percent: undefined,
    located: undefined,
    publication: undefined,
    failure: input.instruction.kind === 'invalid' ? input.instruction.failure : undefined,
    isFinishing: false,
    isPausedByUser: input.saved?.isPaused ?? false,
    isStopping: false,
    moveTo: undefined,
    relocation: undefined,
    diskRefusals: 0,
    diskFailure: undefined,
  };
}

export function tagOf({ id, file, state }: TorrentContext): JobTag {
  return { id, file, state };
}

export function percentOf(context: TorrentContext, verifiedBytes: number): number {
  const lengthBytes = context.located?.torrent.lengthBytes ?? 0;
  return lengthBytes > 0 ? Math.floor((verifiedBytes / lengthBytes) * 100) : 0;
}

/** Its content was looked at in this life, or had its place in an earlier one: it is not told to begin anew. */
export function hasBegun({ percent, saved }: TorrentContext): boolean {
  return (percent ?? -1) >= 0 || saved?.contentPath !== undefined;
}

export function progress(context: TorrentContext, percent: number, repeated = false): JobReport {
  return { type: 'job.progressed', job: tagOf(context), percent, repeated };
}

export function warning(context: TorrentContext, failure: Failure): JobReport {
  return { type: 'job.warned', job: tagOf(context), failure };
}

/** `why` goes on with the sentence: `cannot be moved now`. */
export function refusedInstruction({ id, file }: TorrentContext, why: string): JobReport {
  const failure = { code: 'REFUSED', message: `job ${id} (${file}) ${why}` } as const;
  return { type: 'instruction.refused', failure };
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

/** The folder that complete content is to go to. */
export function destinationOf({
  moveTo,
  moveCompleted,
  instruction,
}: TorrentContext): string | undefined {
  return moveTo ?? (instruction.kind === 'download' ? moveCompleted : undefined);
}
