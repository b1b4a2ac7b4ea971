// A job of a helper in another process, as a program has it: the shape of the library's `Job`, as far as a pipe can have it.
import type { Change, JobKind, JobState, Publication } from '../../../machines/types.js';
import type { HelperError } from '../../errors.js';
import type { JobStats } from '../../helper/stats/job-stats.js';

export interface ClientJobOptions {
  /** The program's own name for the job, 1 to 128 characters; a random one if it is left out. */
  readonly key?: string | undefined;
  /** Removes the job, and keeps its data, when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

export interface ClientDownloadOptions extends ClientJobOptions {
  /** The folder that its content is to lie in, instead of the download directory. */
  readonly dir?: string | undefined;
  /** It begins paused. */
  readonly paused?: boolean | undefined;
}

export interface ClientChangesOptions {
  /** Ends the reading at once when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** `done`, the default: the last change is the job's 100, its failure, or its end. `end`: it goes on after 100. */
  readonly until?: 'done' | 'end' | undefined;
  /** How often percents come at most; 1000 if it is left out. */
  readonly everyMs?: number | undefined;
}

export interface StatsChangesOptions {
  /** How often at most: 100 or more; 1000 if it is left out. */
  readonly everyMs?: number | undefined;
  /** Ends the reading at once when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** What a job has published or downloaded. */
export interface ClientJobResult {
  readonly infoHash: string;
  /** Of the torrent. */
  readonly name: string;
  readonly lengthBytes: number;
  /** The file itself for a single-file torrent, else the folder. */
  readonly contentPath: string;
  /** Of a seed: the `.torrent` file that was written. */
  readonly torrentFile: string | undefined;
  readonly magnetUri: string;
}

/**
 * It outlives the process that works at it: when the helper dies, it is given to the next one under the same key. What is
 * known of it is what was told last.
 */
export interface ClientJob {
  /** What stays the same when the helper dies. Undefined for a job of somebody else who gave it none. */
  readonly key: string | undefined;
  /** Undefined until the helper has answered. Another helper may give it another one. */
  readonly id: number | undefined;
  readonly kind: JobKind;
  /** The path as given for a seed; the torrent's name for a download, or its source while there is no name. */
  readonly file: string;
  readonly state: JobState;
  /** 0 to 100, as told last: while somebody reads `changes` or `statsChanges`, and at the end. */
  readonly percent: number | undefined;
  /** Of the torrent. */
  readonly name: string | undefined;
  readonly infoHash: string | undefined;
  readonly lengthBytes: number | undefined;
  readonly pieceLengthBytes: number | undefined;
  readonly pieceCount: number | undefined;
  readonly fileCount: number | undefined;
  readonly isPrivate: boolean | undefined;
  /** Where the content lies, or is to lie. */
  readonly contentPath: string | undefined;
  /** Of a seed: the `.torrent` file that was written. */
  readonly torrentFile: string | undefined;
  readonly magnetUri: string | undefined;
  /** Unix ms. */
  readonly addedMs: number | undefined;
  readonly doneMs: number | undefined;
  /** Why it failed, or ended before it was done. */
  readonly error: HelperError | undefined;
  /** As measured last, zeros before: while somebody reads `changes` or `statsChanges`. */
  readonly stats: JobStats;
  /** Of a seed: a tracker has accepted it. Rejects if the job fails or ends before; that of a download at once. */
  readonly published: Promise<Publication>;
  /** Of a download: verified and safe on disk; of a seed: published. Rejects if the job fails or ends before. */
  readonly done: Promise<ClientJobResult>;
  /** Its percents and changes of state, from the newest one on. */
  changes(options?: ClientChangesOptions): AsyncIterable<Change>;
  statsChanges(options?: StatsChangesOptions): AsyncIterable<JobStats>;
  /** Resolves when it is paused and has let go of its files. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Resolves when the content lies in the folder `dir`. */
  move(dir: string): Promise<void>;
  /** Reads the content again. Resolves when all is checked. */
  verify(): Promise<void>;
  /** Asks its trackers for peers now. Resolves when one has accepted. */
  announce(): Promise<void>;
  /** Forgets the job; `data`: deletes what was downloaded, too. Resolves when its files are let go of. */
  remove(options?: { readonly data?: boolean }): Promise<void>;
}
