// A job as a user of the library holds it.
import type { Change, Diagnostic, JobState, JobTag, Publication } from '../machines/vocabulary.js';
import { type ChangeQueue, createChangeQueue } from './change-queue.js';
import { createDeferred } from './deferred.js';
import { type ErrorCode, errorCodes, HelperError } from './errors.js';

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
  /** Forgets the job. `data`: deletes what was downloaded, too; a seed's source is never deleted. */
  remove(options?: { readonly data?: boolean }): void;
}

export type JobCommand = 'pause' | 'resume' | 'remove' | 'delete';

export interface KeptJob {
  readonly job: Job;
  /** Aborts when the job is over. */
  readonly over: AbortSignal;
  onMoved(tag: JobTag): void;
  onChanged(change: Change): void;
  onDiagnosed(diagnostic: Diagnostic): void;
  /** Nothing follows; what was promised and has not come will not. */
  end(error: HelperError): void;
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}

/** A job, and the side of it that the helper keeps up to date. */
export function createJob(id: number, command: (id: number, command: JobCommand) => void): KeptJob {
  const published = createDeferred<Publication>();
  const done = createDeferred<void>();
  const readers = new Set<ChangeQueue>();
  let tag: JobTag = { id, file: '', state: 'fetching' };
  let last: Change | undefined;
  const over = new AbortController();

  const end = (error: HelperError) => {
    published.reject(error);
    done.reject(error);
    over.abort();
    for (const reader of readers) reader.close();
  };

  const job: Job = {
    id,
    get file() {
      return tag.file;
    },
    get state() {
      return tag.state;
    },
    get percent() {
      return last?.percent;
    },
    published: published.promise,
    done: done.promise,
    changes({ signal } = {}) {
      const reader = createChangeQueue({
        signal,
        isLast: ({ percent }) => percent === 100,
        onDone: () => readers.delete(reader),
      });
      readers.add(reader);
      if (last) reader.push(last);
      if (over.signal.aborted) reader.close();
      return reader;
    },
    pause: () => command(id, 'pause'),
    resume: () => command(id, 'resume'),
    remove: ({ data = false } = {}) => command(id, data ? 'delete' : 'remove'),
  };

  return {
    job,
    over: over.signal,
    end,
    onMoved(moved) {
      tag = moved;
    },
    onChanged(change) {
      if (change.repeated) return;
      last = change;
      for (const reader of readers) reader.push(change);
      if (change.percent === 100) done.resolve(undefined);
    },
    onDiagnosed(diagnostic) {
      if (diagnostic.kind === 'published') {
        const { torrentFile, infoHash, magnetUri } = diagnostic;
        published.resolve({ torrentFile, infoHash, magnetUri });
      } else if (diagnostic.kind === 'failed') {
        const { code, message } = diagnostic.failure;
        end(new HelperError(isErrorCode(code) ? code : 'INTERNAL', message));
      }
    },
  };
}
