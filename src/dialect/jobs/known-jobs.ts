// The jobs that a client may ask for: all that live, and those that ended last, as who asks for what became of a job may come
// a moment too late.
import { HelperError } from '../../errors.js';
import type { HelperEvent } from '../../helper/events/helper-event.js';
import type { Helper } from '../../helper/helper.js';
import type { Job } from '../../helper/jobs/job.js';
import { dialectLimits } from '../../limits.js';

export type JobEndKind = Extract<HelperEvent, { readonly type: 'job.ended' }>['end'];

interface Ended {
  readonly job: Job;
  readonly end: JobEndKind;
}

export class KnownJobs {
  readonly #helper: Helper;
  /** Seen, and not known to have ended. */
  readonly #seen = new Map<number, Job>();
  readonly #ended = new Map<number, Ended>();

  constructor(helper: Helper) {
    this.#helper = helper;
  }

  /** It has begun, and may be over at once. */
  add(job: Job): void {
    if (!this.#ended.has(job.id)) this.#seen.set(job.id, job);
  }

  onEvent(event: HelperEvent): void {
    if (!('id' in event)) return;
    const { id } = event;
    const job = this.#seen.get(id) ?? this.#helper.job(id);
    if (job === undefined) return;
    if (event.type !== 'job.ended') {
      this.#seen.set(id, job);
      return;
    }
    this.#seen.delete(id);
    this.#ended.set(id, { job, end: event.end });
    const [oldest] = this.#ended.keys();
    if (oldest !== undefined && this.#ended.size > dialectLimits.endedJobs) {
      this.#ended.delete(oldest);
    }
  }

  /** Throws JOB_UNKNOWN. */
  get(id: number): Job {
    const live = this.#helper.job(id);
    // Whoever waits for it hears its end, be it over before anything is told of it.
    if (live) this.add(live);
    const job = live ?? this.#seen.get(id) ?? this.#ended.get(id)?.job;
    if (job) return job;
    throw new HelperError('JOB_UNKNOWN', `no job has the id ${id}, or it ended long ago`);
  }

  /** How it ended; undefined while it lives. */
  endOf(id: number): JobEndKind | undefined {
    return this.#ended.get(id)?.end;
  }
}
