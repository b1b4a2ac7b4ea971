// Requests that wait until a job has come so far. They are looked at again when something happens to their job, so that one
// that is not wanted any more leaves nothing behind.
import { HelperError } from '../../errors.js';
import type { Job } from '../../helper/jobs/job.js';
import type { ParamsOf } from '../schema/types.js';
import type { KnownJobs } from './known-jobs.js';

type Until = ParamsOf<'job.wait'>['until'];

interface Waiter {
  readonly until: Until;
  settle(outcome: Job | HelperError): void;
}

export class JobWaits {
  readonly #jobs: KnownJobs;
  readonly #waiters = new Map<number, Set<Waiter>>();

  constructor(jobs: KnownJobs) {
    this.#jobs = jobs;
  }

  /** Rejects with what failed; with WAIT_TIMEOUT; with the signal's reason. */
  wait({ id, until, timeoutMs }: ParamsOf<'job.wait'>, signal: AbortSignal): Promise<Job> {
    const job = this.#jobs.get(id);
    if (until === 'published' && job.kind === 'download') {
      throw new HelperError(
        'REFUSED',
        `job ${id} (${job.file}) is a download, and publishes nothing; wait until it is done`,
      );
    }
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const forget = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        const waiters = this.#waiters.get(id);
        waiters?.delete(waiter);
        if (waiters?.size === 0) this.#waiters.delete(id);
      };
      const abort = () => {
        forget();
        reject(signal.reason);
      };
      const waiter: Waiter = {
        until,
        settle(outcome) {
          forget();
          if (outcome instanceof HelperError) reject(outcome);
          else resolve(outcome);
        },
      };
      const outcome = this.#outcome(job, until);
      if (outcome) {
        waiter.settle(outcome);
        return;
      }
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const waiters = this.#waiters.get(id) ?? new Set();
      this.#waiters.set(id, waiters.add(waiter));
      signal.addEventListener('abort', abort);
      if (timeoutMs === undefined) return;
      const timedOut = () => {
        const message = `job ${id} (${job.file}) was not ${until} within ${timeoutMs} ms; it is ${job.state}`;
        waiter.settle(new HelperError('WAIT_TIMEOUT', message));
      };
      timer = setTimeout(timedOut, timeoutMs);
    });
  }

  /** Something has happened to the job. */
  look(id: number): void {
    const waiters = this.#waiters.get(id);
    if (waiters === undefined) return;
    const job = this.#jobs.get(id);
    for (const waiter of waiters) {
      const outcome = this.#outcome(job, waiter.until);
      if (outcome) waiter.settle(outcome);
    }
  }

  /** Undefined while it is to be waited for. */
  #outcome(job: Job, until: Until): Job | HelperError | undefined {
    const end = this.#jobs.endOf(job.id);
    if (end !== 'failed' && (hasCome(job, until) || (end && until === 'ended'))) return job;
    if (end === undefined) return undefined;
    const message = `job ${job.id} (${job.file}) is over, and was not ${until}`;
    return job.error ?? new HelperError('CLOSED', message);
  }
}

function hasCome({ lengthBytes, percent, kind, torrentFile }: Job, until: Until): boolean {
  switch (until) {
    case 'known':
      return lengthBytes !== undefined;
    case 'published':
      return torrentFile !== undefined;
    case 'done':
      // What was published is told a moment after the 100.
      return percent === 100 && (kind !== 'seed' || torrentFile !== undefined);
    case 'ended':
      return false;
  }
}
