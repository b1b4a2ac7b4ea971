// A helper in another process, as a program has it: the shape of the library's `Helper`, as far as a pipe can have it.
import type { Change } from '../../machines/types.js';
import type { HelperError } from '../errors.js';
import type { HelperEvent } from '../helper/events/helper-event.js';
import type { HelperStats } from '../helper/stats/helper-stats.js';
import type { JobStats } from '../helper/stats/job-stats.js';
import type {
  ClientDownloadOptions,
  ClientJob,
  ClientJobOptions,
  StatsChangesOptions,
} from './jobs/client-job.js';
import type { HelperFacts } from './wire/helper-facts.js';

/** What the helper says, and what becomes of itself. */
export type ClientEvent =
  | HelperEvent
  /** It is gone, and nobody had told it to go; after `restartMs` another is begun. */
  | {
      readonly type: 'client.lost';
      readonly timeMs: number;
      readonly error: HelperError;
      readonly restartMs: number;
    }
  /** Another helper has all the jobs of this client that have not ended. */
  | { readonly type: 'client.restarted'; readonly timeMs: number };

export interface ReadingOptions {
  /** Ends the reading at once when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

export interface HelperClient extends AsyncDisposable {
  /** How the helper has introduced itself. */
  readonly facts: HelperFacts;
  /** How it introduces itself now: its ports may not have been open at first. */
  describe(): Promise<HelperFacts>;
  /** The live jobs, by id; those last that have none yet. */
  readonly jobs: readonly ClientJob[];
  job(id: number): ClientJob | undefined;
  jobByKey(key: string): ClientJob | undefined;
  /**
   * Makes a torrent of a file or folder, publishes it, and seeds it from where it lies. The same key and the same request
   * give the same job. Throws CLOSED, KEY_TAKEN, or INSTRUCTION_INVALID for what can be no path.
   */
  seed(path: string, options?: ClientJobOptions): ClientJob;
  /** Downloads and then seeds: a URL or path of a `.torrent`, a magnet link, an info hash, or the bytes of a `.torrent`. */
  download(
    source: string | { readonly metainfo: Uint8Array },
    options?: ClientDownloadOptions,
  ): ClientJob;
  /** What the helper tells from now on, in order and without a gap. */
  events(options?: ReadingOptions): AsyncIterable<ClientEvent>;
  /** The percents and states of all jobs. */
  changes(options?: ReadingOptions): AsyncIterable<Change>;
  /** The numbers that changed of all jobs, or of these, whatever ids they have later: an array a pace. */
  statsChanges(
    options?: StatsChangesOptions & { readonly ids?: readonly number[] | undefined },
  ): AsyncIterable<readonly JobStats[]>;
  /** Totals of all jobs. */
  stats(): Promise<HelperStats>;
  /** Calls a method of the dialect. Rejects with HELPER_LOST if the helper dies meanwhile: it is not asked again. */
  request(
    method: string,
    params?: Readonly<Record<string, unknown>>,
    options?: ReadingOptions,
  ): Promise<unknown>;
  /** Resolves when it is over: with why, if this program has not closed it. */
  readonly stopped: Promise<HelperError | undefined>;
  /** Stops the helper gracefully, if it was begun here; else lets go of it. Never rejects. */
  close(): Promise<void>;
}
