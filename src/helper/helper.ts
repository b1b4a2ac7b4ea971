// A running helper as a user of the library has it: instructions in, jobs, changes and events out. Types alone.
import type { Tally } from '../../machines/supervisor.js';
import type { Change, InputLine } from '../../machines/types.js';
import type { HelperEvent } from './events/helper-event.js';
import type { Job } from './jobs/job.js';
import type { DownloadSource } from './jobs/job-instruction.js';
import type { HelperStats } from './stats/helper-stats.js';
import type { JobStats } from './stats/job-stats.js';
import type { AllStatsOptions } from './stats/stats-listeners.js';

export interface JobOptions {
  /** Removes the job, and keeps its data, when it aborts; what the job's promises reject with has its reason as `cause`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The caller's own name for the job, 1 to 128 characters. Asked for again under the same key, the same gives the same job, in
   * a later life of the session too; anything else throws KEY_TAKEN, as long as that job lives.
   */
  readonly key?: string | undefined;
}

export interface DownloadJobOptions extends JobOptions {
  /** The folder that the content is to lie in, and to stay in; left out, `downloadDir`. */
  readonly dir?: string | undefined;
  /** It begins paused. */
  readonly paused?: boolean | undefined;
}

/** What a session brought back; without one, nothing. */
export interface Restored {
  readonly jobCount: number;
  /** The id that the first job takes which is given after that. */
  readonly nextId: number;
}

export interface Helper extends AsyncDisposable {
  /** Where peers connect. */
  readonly peerPort: number;
  /** What torrents made here announce to, by tier (BEP 12). */
  readonly announce: readonly (readonly string[])[];
  /** The live jobs, by id. */
  readonly jobs: readonly Job[];
  /** The id that the next job takes. */
  readonly nextId: number;
  /** The live job that has this id. */
  job(id: number): Job | undefined;
  /** The live job that has this key. */
  jobByKey(key: string): Job | undefined;
  /**
   * Makes a torrent of a file or folder, publishes it, and seeds it from where it lies. Throws CLOSED when no more jobs may
   * begin, KEY_TAKEN, INSTRUCTION_INVALID for what can be no path.
   */
  seed(path: string, options?: JobOptions): Job;
  /**
   * Downloads and then seeds: a URL or path of a `.torrent`, a magnet link, an info hash, or a `.torrent` as bytes. Throws as
   * `seed` does, and TOO_LARGE or WAITING_FOR_MEMORY for too many bytes.
   */
  download(source: DownloadSource, options?: DownloadJobOptions): Job;
  /** Carries out one line as stdin takes it; gives back the job that it began, if it began one. */
  send(line: string | InputLine): Job | undefined;
  /** Says that no instruction will follow; what then happens is the option `onEof`. */
  end(): void;
  /**
   * Every line and every change of state of every job from now on, until the helper is closed or `signal` aborts. Asked for
   * before `restored` has resolved: from the beginning on.
   */
  changes(options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<Change>;
  /** Of all jobs together. */
  readonly stats: HelperStats;
  /**
   * The numbers of those jobs, or of all, that have changed, at most once every `everyMs`, until the helper is closed or `signal`
   * aborts. They are measured only while somebody reads.
   */
  statsChanges(options?: AllStatsOptions): AsyncIterable<readonly JobStats[]>;
  /**
   * What happens to its jobs and to itself, each once, in order and without a gap, until it is closed or `signal` aborts; of
   * progress nothing. Asked for before `restored` has resolved: from the beginning on. Rejects with EVENTS_LOST where too many
   * wait to be read.
   */
  events(options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<HelperEvent>;
  /** Resolves when the jobs that a session brought back have said their first line; after 2 s in any case. */
  readonly restored: Promise<Restored>;
  /** Resolves when no job is left after `end()`, or when the helper was told to stop: what did not end well. */
  readonly stopped: Promise<Tally>;
  /** Stops gracefully, within 5 s: last announces, data flushed, ports closed. Never rejects. */
  close(): Promise<void>;
}
