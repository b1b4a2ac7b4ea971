// Who listens to the numbers of which jobs, and how often; so the engine is told which torrents are to be measured, at the
// fastest pace that somebody asked for, and whether closely. While nobody listens nothing is measured.
import type { JobState, SwarmDetail } from '../../../machines/types.js';
import { isInSwarm, type JobStats } from './job-stats.js';
import { type MeasuredJob, StatsQueue } from './stats-queue.js';
import { enoughForBoth, TorrentPaces, type WatchPace, type WatchTorrent } from './torrent-paces.js';

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

/** What a job's swarm is made of. */
export interface JobSwarm {
  readonly stats: JobStats;
  /** Undefined while it is in no swarm, or has not been looked at. */
  readonly detail: SwarmDetail | undefined;
}

export interface StatsListenersOptions {
  readonly watch: WatchTorrent;
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
  readonly #detailed = new WeakSet<StatsQueue>();
  /** Of the jobs that somebody wants to know it of, as told last. */
  readonly #details = new Map<number, SwarmDetail>();
  readonly #paces: TorrentPaces;
  /** Who hears what is told only while somebody listens, numbers aside. */
  #attending = 0;
  #isClosed = false;

  constructor(options: StatsListenersOptions) {
    this.#options = options;
    this.#paces = new TorrentPaces(options.watch);
  }

  /** From the newest on, until it is over. */
  async *readJob(
    job: WatchedJob,
    options: StatsOptions,
    isDetailed = false,
  ): AsyncGenerator<JobStats, void, undefined> {
    if (options.signal?.aborted) return;
    if (this.#isClosed || isOver(job)) yield job.stats;
    else
      for await (const [stats] of this.#read({ ...options, ids: [job.id] }, job, isDetailed))
        if (stats) yield stats;
  }

  /** As `readJob`, with what its swarm is made of. */
  async *readSwarm(
    job: WatchedJob,
    options: StatsOptions,
  ): AsyncGenerator<JobSwarm, void, undefined> {
    for await (const stats of this.readJob(job, options, true))
      yield { stats, detail: this.#details.get(job.id) };
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

  /** What its swarm was made of a moment ago. */
  looked(job: WatchedJob, detail: SwarmDetail): void {
    const readers = [...(this.#ofJob.get(job.id) ?? [])].filter((each) => this.#detailed.has(each));
    if (readers.length > 0) this.#details.set(job.id, detail);
    for (const queue of readers) queue.push(job);
  }

  /** Its numbers may be others than before. */
  changed(job: WatchedJob): void {
    if (!isInSwarm(job.state)) this.#details.delete(job.id);
    for (const queue of this.#ofAll) queue.push(job);
    for (const queue of this.#ofJob.get(job.id) ?? []) queue.push(job);
  }

  /** Its torrent is known. */
  located(job: WatchedJob): void {
    this.#watch(job, this.#paceOf(job.id));
  }

  ended(job: WatchedJob): void {
    this.#details.delete(job.id);
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
    isDetailed = false,
  ): AsyncGenerator<readonly JobStats[], void, undefined> {
    if (this.#isClosed || signal?.aborted) return;
    const queue = new StatsQueue(everyMs);
    if (isDetailed) this.#detailed.add(queue);
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
  #paceOf(id: number): WatchPace | undefined {
    const unmeasured: WatchPace = { everyMs: Number.POSITIVE_INFINITY, isDetailed: false };
    let pace = this.#attending > 0 ? unmeasured : undefined;
    for (const queues of [this.#ofAll, this.#ofJob.get(id) ?? []]) {
      for (const queue of queues) {
        const isDetailed = this.#detailed.has(queue);
        pace = enoughForBoth(pace, { everyMs: queue.everyMs, isDetailed });
      }
    }
    return pace;
  }

  #watch({ id, infoHash }: WatchedJob, pace: WatchPace | undefined): void {
    if (!pace?.isDetailed) this.#details.delete(id);
    if (infoHash !== undefined) this.#paces.set(infoHash, id, pace);
  }
}

function isOver({ state }: WatchedJob): boolean {
  return state === 'failed' || state === 'removed';
}
