// Numbers on their way to one reader, who may be slow: of each job the newest, and at most once a pace. What the reader has not
// taken when newer is due is counted, and gone; so no more waits than there are live jobs.
import type { JobStats } from './job-stats.js';

/** A job whose numbers are read when they are taken. */
export interface MeasuredJob {
  readonly id: number;
  readonly stats: JobStats;
}

interface Due {
  readonly job: MeasuredJob;
  coalesced: number;
}

/** A report that comes this much early is of its pace: timers of one pace do not go off together. */
const early = 0.1;

export class StatsQueue {
  readonly everyMs: number;
  readonly #changed = new Map<number, MeasuredJob>();
  readonly #due = new Map<number, Due>();
  #lastMs = Number.NEGATIVE_INFINITY;
  #isPaced = false;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #wake = () => {};

  constructor(everyMs: number) {
    this.everyMs = everyMs;
  }

  /** Its numbers are others than before. */
  push(job: MeasuredJob): void {
    if (this.#isClosed) return;
    this.#changed.set(job.id, job);
    if (this.#isPaced) return;
    this.#isPaced = true;
    const waitMs = this.#lastMs + this.everyMs * (1 - early) - performance.now();
    // Those of one report come in one turn.
    if (waitMs <= 0) queueMicrotask(this.#onPace);
    else this.#timer = setTimeout(this.#onPace, waitMs).unref();
  }

  /** It is over, and kept for nobody. */
  drop({ id }: MeasuredJob): void {
    this.#changed.delete(id);
    this.#due.delete(id);
  }

  /** Nothing follows these, which are still read. */
  end(job: MeasuredJob): void {
    this.#changed.set(job.id, job);
    this.#onPace();
    this.#stop();
  }

  /** The reader is done. */
  close(): void {
    this.#due.clear();
    this.#stop();
  }

  /** What is due, as soon as there is something; undefined: nothing follows. */
  async next(): Promise<readonly JobStats[] | undefined> {
    while (this.#due.size === 0) {
      if (this.#isClosed) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const due = [...this.#due.values()];
    this.#due.clear();
    return due.map(({ job, coalesced }) => ({ ...job.stats, coalesced }));
  }

  #stop(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#changed.clear();
    this.#wake();
  }

  readonly #onPace = (): void => {
    this.#isPaced = false;
    this.#lastMs = performance.now();
    for (const [id, job] of this.#changed) {
      const due = this.#due.get(id);
      if (due === undefined) this.#due.set(id, { job, coalesced: 0 });
      else due.coalesced += 1;
    }
    this.#changed.clear();
    if (this.#due.size > 0) this.#wake();
  };
}
