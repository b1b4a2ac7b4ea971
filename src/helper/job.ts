// A job as a user of the library has it. A helper may have ten thousand of them, so what nobody asked for is not made.
import type {
  Change,
  Diagnostic,
  JobCommand,
  JobState,
  JobTag,
  Publication,
} from '../../machines/types.js';
import { createDeferred, type Deferred } from '../async/deferred.js';
import { HelperError, isErrorCode } from '../errors.js';
import { type ChangeQueue, createChangeQueue } from './change-queue.js';

export interface Job {
  /** Counts from 1 in the order in which jobs were given. */
  readonly id: number;
  /** The path as given for a seed; the torrent's name for a download, or its source while there is no name. */
  readonly file: string;
  readonly state: JobState;
  /** -1 when the metainfo is known, then 0 to 100; -2: failed. Undefined before all that. */
  readonly percent: number | undefined;
  /** Of a seed: a tracker has accepted it. Rejects with a HelperError if the job fails or ends before. */
  readonly published: Promise<Publication>;
  /** Of a download: verified and safe on disk; of a seed: published. Rejects as `published` does. */
  readonly done: Promise<void>;
  /** The job's changes from the newest one on, until its 100, its failure, or its end. */
  changes(options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<Change>;
  pause(): void;
  resume(): void;
  /** Moves the content into the folder `dir`, and goes on from there. */
  move(dir: string): void;
  /** Forgets the job. `data`: deletes what was downloaded, too; a seed's source is never deleted. */
  remove(options?: { readonly data?: boolean }): void;
}

/** What the helper tells it comes by static methods: its user sees none of them. */
export class HelperJob implements Job {
  readonly #command: (command: JobCommand) => void;
  #tag: JobTag;
  #last: Change | undefined;
  #publication: Publication | undefined;
  #failure: HelperError | undefined;
  #published: Deferred<Publication> | undefined;
  #done: Deferred<void> | undefined;
  #over: AbortController | undefined;
  #readers: Set<ChangeQueue> | undefined;

  constructor(tag: JobTag, command: (command: JobCommand) => void) {
    this.#tag = tag;
    this.#command = command;
  }

  get id(): number {
    return this.#tag.id;
  }

  get file(): string {
    return this.#tag.file;
  }

  get state(): JobState {
    return this.#tag.state;
  }

  get percent(): number | undefined {
    return this.#last?.percent;
  }

  get published(): Promise<Publication> {
    this.#published ??= createDeferred<Publication>();
    this.#settle();
    return this.#published.promise;
  }

  get done(): Promise<void> {
    this.#done ??= createDeferred<void>();
    this.#settle();
    return this.#done.promise;
  }

  changes({ signal }: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterable<Change> {
    const readers = this.#readers ?? new Set();
    this.#readers = readers;
    const reader = createChangeQueue({
      signal,
      isLast: ({ percent }) => percent === 100,
      onDone: () => readers.delete(reader),
    });
    readers.add(reader);
    if (this.#last) reader.push(this.#last);
    if (this.#failure) reader.close();
    return reader;
  }

  pause(): void {
    this.#command({ kind: 'pause', id: this.id });
  }

  resume(): void {
    this.#command({ kind: 'resume', id: this.id });
  }

  move(dir: string): void {
    this.#command({ kind: 'move', id: this.id, dir });
  }

  remove({ data = false }: { readonly data?: boolean } = {}): void {
    this.#command({ kind: data ? 'delete' : 'remove', id: this.id });
  }

  static onStateChanged(job: HelperJob, tag: JobTag): void {
    job.#tag = tag;
  }

  static onChanged(job: HelperJob, change: Change): void {
    if (change.repeated) return;
    job.#last = change;
    for (const reader of job.#readers ?? []) reader.push(change);
    job.#settle();
  }

  static onDiagnosed(job: HelperJob, diagnostic: Diagnostic): void {
    if (diagnostic.kind === 'published') {
      const { torrentFile, infoHash, magnetUri } = diagnostic;
      job.#publication = { torrentFile, infoHash, magnetUri };
      job.#settle();
    } else if (diagnostic.kind === 'failed') {
      const { code, message } = diagnostic.failure;
      HelperJob.end(job, new HelperError(isErrorCode(code) ? code : 'INTERNAL', message));
    }
  }

  /** Nothing follows; what was promised and has not come will not. */
  static end(job: HelperJob, error: HelperError): void {
    job.#failure ??= error;
    job.#settle();
    job.#over?.abort();
    for (const reader of job.#readers ?? []) reader.close();
  }

  /** Aborts when the job is over. */
  static over(job: HelperJob): AbortSignal {
    job.#over ??= new AbortController();
    if (job.#failure) job.#over.abort();
    return job.#over.signal;
  }

  /** Settles the promises that somebody has asked for, as far as it is known how they end. */
  #settle(): void {
    if (this.#publication) this.#published?.resolve(this.#publication);
    if (this.#last?.percent === 100) this.#done?.resolve();
    if (!this.#failure) return;
    this.#published?.reject(this.#failure);
    this.#done?.reject(this.#failure);
  }
}
