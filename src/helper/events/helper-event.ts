// What a helper says of its life, as a program hears it: types alone. Each comes once, in the order in which it happened;
// lines of progress are not among them.
import type {
  JobKind,
  JobState,
  Outcome,
  Publication,
  TrackerStatus,
} from '../../../machines/types.js';
import type { ErrorCode } from '../../errors.js';

/** An error as data. */
export interface EventError {
  readonly code: ErrorCode;
  readonly message: string;
  /** It may pass by itself, so that trying again later may help. */
  readonly retryable: boolean;
  /** What to do, in a sentence. */
  readonly help: string;
  readonly jobId?: number | undefined;
  /** What it happened to. */
  readonly path?: string | undefined;
}

/** What is known of a job's torrent; undefined is what is not known yet. */
export interface JobFacts {
  readonly kind: JobKind;
  /** As the lines of the job name it. */
  readonly file: string;
  readonly name: string | undefined;
  readonly infoHash: string | undefined;
  readonly magnetUri: string | undefined;
  readonly contentPath: string | undefined;
  readonly lengthBytes: number | undefined;
  readonly pieceLengthBytes: number | undefined;
  readonly pieceCount: number | undefined;
  readonly fileCount: number | undefined;
  readonly isPrivate: boolean | undefined;
}

/** Why a job pauses: its user said so, or the disk refuses. */
export type PauseReason = 'user' | 'disk';

interface OfJob {
  readonly id: number;
  readonly key: string | undefined;
}

export type JobEvent = OfJob &
  (
    | ({ readonly type: 'job.known' } & JobFacts)
    | ({ readonly type: 'job.published' } & Publication)
    /** `from`: undefined where it is the first one. `reason`: of `paused` alone. */
    | {
        readonly type: 'job.state';
        readonly from: JobState | undefined;
        readonly to: JobState;
        readonly reason?: PauseReason | undefined;
      }
    /** A download is complete and safe on disk. */
    | { readonly type: 'job.done'; readonly contentPath: string }
    /** Its content lies there now. */
    | { readonly type: 'job.moved'; readonly contentPath: string }
    /** Its content was read again, as was asked; so much of it is missing, and is fetched again. */
    | { readonly type: 'job.verified'; readonly missingBytes: number }
    /** A tracker has accepted it since that was asked for. */
    | { readonly type: 'job.announced' }
    | { readonly type: 'job.failed'; readonly error: EventError }
    /** Nothing more comes of it. */
    | { readonly type: 'job.ended'; readonly end: Outcome['kind'] }
    | { readonly type: 'job.warning'; readonly error: EventError }
    /** Told while somebody listens to the job's numbers or to events: at first of each of its trackers that was asked, then when one
     * has changed. */
    | {
        readonly type: 'tracker.changed';
        readonly url: string;
        readonly state: TrackerStatus['state'];
        readonly error?: EventError | undefined;
        readonly seeders?: number | undefined;
        readonly leechers?: number | undefined;
      }
  );

export type HelperEvent = { readonly timeMs: number } & (
  | JobEvent
  /** Of an instruction that was refused or not understood, too. */
  | { readonly type: 'helper.warning'; readonly error: EventError }
  | { readonly type: 'helper.stopping' }
  /** The jobs of its session have come back; the next one takes this id. */
  | { readonly type: 'helper.restored'; readonly jobCount: number; readonly nextId: number }
);
