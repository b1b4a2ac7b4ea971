// What a job promises to whoever asks: that it is published, that it is done. Most jobs are never asked, and make none.
import type { Publication } from '../../../machines/types.js';
import { createDeferred, type Deferred } from '../../async/deferred.js';
import { HelperError } from '../../errors.js';
import type { Job } from './job.js';
import type { JobResult } from './job-result.js';

/** What is so now. What costs something is asked for where somebody waits for it. */
export interface Outlook {
  readonly publication: Publication | undefined;
  /** Undefined as long as it is not done. */
  readonly result: () => JobResult | undefined;
  /** Undefined as long as it is not over. */
  readonly over: () => HelperError | undefined;
}

export class JobPromises {
  #published: Deferred<Publication> | undefined;
  #done: Deferred<JobResult> | undefined;

  published(job: Pick<Job, 'id' | 'file' | 'kind'>, outlook: Outlook): Promise<Publication> {
    this.#published ??= createDeferred<Publication>();
    if (job.kind === 'download') this.#published.reject(notPublished(job));
    this.settle(outlook);
    return this.#published.promise;
  }

  done(outlook: Outlook): Promise<JobResult> {
    this.#done ??= createDeferred<JobResult>();
    this.settle(outlook);
    return this.#done.promise;
  }

  /** As far as it is known how they end. */
  settle({ publication, result, over }: Outlook): void {
    if (publication) this.#published?.resolve(publication);
    const done = this.#done && result();
    if (done) this.#done?.resolve(done);
    const error = (this.#published || this.#done) && over();
    if (!error) return;
    this.#published?.reject(error);
    this.#done?.reject(error);
  }
}

function notPublished({ id, file }: Pick<Job, 'id' | 'file'>): HelperError {
  return new HelperError(
    'REFUSED',
    `job ${id} (${file}) is a download, and publishes nothing; wait for \`done\` instead`,
  );
}
