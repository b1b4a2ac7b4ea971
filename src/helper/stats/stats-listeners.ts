// Who listens to the numbers of which jobs, and how often; so the engine is told which torrents are to be measured, at the
// fastest pace that somebody asked for. While nobody listens nothing is measured.
import type { JobState } from '../../../machines/types.js';
import type { JobStats } from './job-stats.js';
import { type MeasuredJob, StatsQueue } from './stats-queue.js';

export interface WatchedJob extends MeasuredJob {
  /** Undefined while its torrent is not known. */
  readonly infoHash: string | undefined;
  readonly state: JobState;
}

export interface StatsOptions {
  /** So often at most, from 100 on; 1000 where it is left out. */
  readonly everyMs?: number | undefined;
  /** Ends the reading at once when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

export interface AllStatsOptions extends StatsOptions {
  /** Of these jobs alone. */
  readonly ids?: readonly number[] | undefined;
}

export interface StatsListenersOptions {
  readonly watch: (infoHash: string, everyMs: number | undefined) => void;
  /** The live ones. */
  readonly jobs: () => Iterable<WatchedJob>;
  readonly job: (id: number) => WatchedJob | undefined;
}

const usualEveryMs = 1_000;

export class StatsListeners {
  readonly #options: StatsListenersOptions;
  readonly #ofAll = new Set<StatsQueue>();
  readonly #ofJob = new Map<number, Set<StatsQueue>>();
  /** They end with their jobs. */
  readonly #own = new WeakSet<StatsQueue>();
  /** By info hash, the pace of each who has that torrent: several may, though one alone is in the swarm. */
  readonly #watched = new Map<string, Map<number, number>>();
  /** Who hears what is told only while somebody listens, numbers aside. */
  #attending = 0;
  #isClosed = false;

  constructor(options: StatsListenersOptions) {
    this.#options = options;
  }

  /** From the newest on, until it is over. */
  async *readJob(
    job: WatchedJob,
    options: StatsOptions,
  ): AsyncGenerator<JobStats, void, undefined> {
    if (options.signal?.aborted) return;
    if (this.#isClosed || isOver(job)) yield job.stats;
    else
      for await (const [stats] of this.#read({ ...options, ids: [job.id] }, job))
        if (stats) yield stats;
  }

  /** Of those that have changed. */
  readAll(options: AllStatsOptions): AsyncGenerator<readonly JobStats[], void, undefined> {
    return this.#read(options);
  }

  /** Somebody hears of all torrents, but wants no numbers. Returns how to say that this is over, once. */
  attend(): () => void {
    this.#attending += 1;
    if (this.#attending === 1) this.#watchAgain(undefined);
    return () => {
      this.#attending -= 1;
      if (this.#attending === 0) this.#watchAgain(undefined);
    };
  }

  /** Its numbers may be others than before. */
  changed(job: WatchedJob): void {
    for (const queue of this.#ofAll) queue.push(job);
    for (const queue of this.#ofJob.get(job.id) ?? []) queue.push(job);
  }

  /** Its torrent is known. */
  located(job: WatchedJob): void {
    this.#watch(job, this.#paceOf(job.id));
  }

  ended(job: WatchedJob): void {
    this.#watch(job, undefined);
    for (const queue of this.#ofAll) queue.drop(job);
    for (const queue of this.#ofJob.get(job.id) ?? []) {
      if (this.#own.has(queue)) queue.end(job);
      else queue.drop(job);
    }
  }

  /** The helper is closed: nothing is measured any more. */
  close(): void {
    this.#isClosed = true;
    for (const queue of [...this.#ofAll, ...[...this.#ofJob.values()].flatMap((all) => [...all])])
      queue.close();
  }

  async *#read(
    { everyMs = usualEveryMs, signal, ids }: AllStatsOptions,
    own?: WatchedJob,
  ): AsyncGenerator<readonly JobStats[], void, undefined> {
    if (this.#isClosed || signal?.aborted) return;
    const queue = new StatsQueue(everyMs);
    const abort = () => queue.close();
    signal?.addEventListener('abort', abort, { once: true });
    this.#add(queue, ids);
    if (own) {
      this.#own.add(queue);
      queue.push(own);
    }
    try {
      for (;;) {
        const due = await queue.next();
        if (due === undefined) return;
        yield due;
      }
    } finally {
      signal?.removeEventListener('abort', abort);
      queue.close();
      this.#remove(queue, ids);
    }
  }

  #add(queue: StatsQueue, ids: readonly number[] | undefined): void {
    if (ids === undefined) this.#ofAll.add(queue);
    for (const id of ids ?? []) {
      const queues = this.#ofJob.get(id) ?? new Set();
      this.#ofJob.set(id, queues.add(queue));
    }
    this.#watchAgain(ids);
  }

  #remove(queue: StatsQueue, ids: readonly number[] | undefined): void {
    this.#ofAll.delete(queue);
    for (const id of ids ?? []) {
      const queues = this.#ofJob.get(id);
      queues?.delete(queue);
      if (queues?.size === 0) this.#ofJob.delete(id);
    }
    this.#watchAgain(ids);
  }

  #watchAgain(ids: readonly number[] | undefined): void {
    if (this.#isClosed) return;
    const { jobs, job } = this.#options;
    // There may be ten thousand jobs, and a reader for each.
    for (const each of ids?.map(job) ?? jobs()) if (each) this.#watch(each, this.#paceOf(each.id));
  }

  /** The fastest that is asked for; undefined: none is. */
  #paceOf(id: number): number | undefined {
    let paceMs = this.#attending > 0 ? Number.POSITIVE_INFINITY : undefined;
    for (const { everyMs } of this.#ofAll) paceMs = faster(paceMs, everyMs);
    for (const { everyMs } of this.#ofJob.get(id) ?? []) paceMs = faster(paceMs, everyMs);
    return paceMs;
  }

  #watch({ id, infoHash }: WatchedJob, everyMs: number | undefined): void {
    if (infoHash === undefined) return;
    const paces = this.#watched.get(infoHash) ?? new Map<number, number>();
    const before = fastest(paces.values());
    if (everyMs === undefined) paces.delete(id);
    else paces.set(id, everyMs);
    if (paces.size > 0) this.#watched.set(infoHash, paces);
    else this.#watched.delete(infoHash);
    const now = fastest(paces.values());
    if (now !== before) this.#options.watch(infoHash, now);
  }
}

function isOver({ state }: WatchedJob): boolean {
  return state === 'failed' || state === 'removed';
}

function fastest(pacesMs: Iterable<number>): number | undefined {
  let least: number | undefined;
  for (const paceMs of pacesMs) least = faster(least, paceMs);
  return least;
}

function faster(oneMs: number | undefined, otherMs: number): number {
  return oneMs === undefined ? otherMs : Math.min(oneMs, otherMs);
}
