// A job as a user of the library has it.
import type { Change, JobKind, JobState, Publication } from '../../../machines/types.js';
import type { HelperError } from '../../errors.js';
import type { JobStats } from '../stats/job-stats.js';
import type { JobSwarm, StatsOptions } from '../stats/stats-listeners.js';
import type { JobFile, JobResult } from './job-result.js';

export interface JobChangesOptions {
  /** Ends the reading at once when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** `done`, the default: the last change is the job's 100, its failure, or its end. `end`: it goes on after 100. */
  readonly until?: 'done' | 'end' | undefined;
}

/**
 * What is known of its torrent is there as soon as it is known, and stays when the job is over.
 *
 * Its commands resolve when they are done, and reject with a HelperError that says why they are not; nothing is reported
 * where nobody waits for them.
 */
export interface Job {
  /** Counts from 1 in the order in which jobs were given. */
  readonly id: number;
  /** Its user's own name for it; a helper has one live job of a key, and a session keeps it. */
  readonly key: string | undefined;
  readonly kind: JobKind;
  /** The path as given for a seed; the torrent's name for a download, or its source while there is no name. */
  readonly file: string;
  readonly state: JobState;
  /** -1 when the metainfo is known, then 0 to 100; -2: failed. Undefined before all that. */
  readonly percent: number | undefined;
  /** When it was given, in Unix ms; a session keeps it. */
  readonly addedMs: number;
  /** When it was complete for the first time: a download safe on disk, a seed published. In Unix ms; a session keeps it. */
  readonly doneMs: number | undefined;
  readonly infoHash: string | undefined;
  /** Of the torrent. */
  readonly name: string | undefined;
  readonly lengthBytes: number | undefined;
  readonly isPrivate: boolean | undefined;
  readonly pieceLengthBytes: number | undefined;
  readonly pieceCount: number | undefined;
  /** How many `files` there are; it takes no memory, as those do. */
  readonly fileCount: number | undefined;
  readonly files: readonly JobFile[] | undefined;
  /** Where the content lies, or is to lie: the file itself for a single-file torrent, else the folder. */
  readonly contentPath: string | undefined;
  /** Of a seed: the `.torrent` file that was written, once it is published. */
  readonly torrentFile: string | undefined;
  readonly magnetUri: string | undefined;
  /** Why it failed, or ended before it was done. */
  readonly error: HelperError | undefined;
  /**
   * Of a seed: a tracker has accepted it. Rejects with a HelperError if the job fails or ends before; that of a download
   * rejects at once, with REFUSED.
   */
  readonly published: Promise<Publication>;
  /** Of a download: verified and safe on disk; of a seed: published. Rejects if the job fails or ends before. */
  readonly done: Promise<JobResult>;
  /** As measured last. It is measured only while somebody listens, by `statsChanges` here or of the helper; zeros before. */
  readonly stats: JobStats;
  /** Its numbers, from the newest on and until it is over, when they have changed, and at most once every `everyMs`. */
  statsChanges(options?: StatsOptions): AsyncIterable<JobStats>;
  /**
   * As `statsChanges`, with what its swarm is made of: pieces, peers and trackers, looked at once a second at most, and only
   * while somebody reads.
   */
  swarmChanges(options?: StatsOptions): AsyncIterable<JobSwarm>;
  /** Its lines of progress and changes of state, from the newest one on. */
  changes(options?: JobChangesOptions): AsyncIterable<Change>;
  /** Resolves when it is paused and has let go of its files. */
  pause(): Promise<void>;
  /** Resolves when it is paused no more: at work, or in line for it. */
  resume(): Promise<void>;
  /** Moves the content into the folder `dir`, and goes on from there. Resolves when it lies there; a pause holds it up. */
  move(dir: string): Promise<void>;
  /**
   * Reads the content again, whatever is known of it. Resolves when that is done: a download then fetches what is missing, and
   * is `downloading` until it has it. Rejects with CONTENT_CHANGED for a seed that is not what was published, and with a DISK_
   * code if it cannot be read. What seeds goes on seeding meanwhile; a job that waits, is paused, is moved or has no content
   * yet does it when it comes to its swarm.
   */
  verify(): Promise<void>;
  /**
   * Asks its trackers now, or as soon as they may be asked. Resolves when one has accepted it. Rejects as the tracker does,
   * with TRACKER_UNREACHABLE for instance; with REFUSED if it is in no swarm, has no tracker, or has one that is not to be asked
   * again for more than half a minute.
   */
  announce(): Promise<void>;
  /**
   * Forgets the job. Resolves when that is done, and its files are let go of. `data`: deletes what was downloaded, too;
   * rejects with REFUSED for a seed, whose source is never deleted, and with DESTINATION_EXISTS where what lay there was not
   * the job's.
   */
  remove(options?: { readonly data?: boolean }): Promise<void>;
}
