// What stands behind a job that a client has: what was told of it last, and what it was promised. It survives the helper, and
// knows nothing of how one is reached.
import { dirname } from 'node:path';
import type { Change, JobState, Publication } from '../../../machines/types.js';
import { createDeferred, type Deferred } from '../../async/deferred.js';
import { HelperError } from '../../errors.js';
import { type ChangeQueue, createChangeQueue } from '../../helper/events/change-queue.js';
import type { HelperEvent } from '../../helper/events/helper-event.js';
import type { JobStats } from '../../helper/stats/job-stats.js';
import { checkMove, checkRemoveOptions, checkStatsOptions } from '../../options/check-arguments.js';
import type { RemoteFacts } from '../wire/read-facts.js';
import type { Fields } from '../wire/read-fields.js';
import { readJobStats } from '../wire/read-stats.js';
import type {
  ClientChangesOptions,
  ClientJob,
  ClientJobResult,
  StatsChangesOptions,
} from './client-job.js';
import { ToldJob } from './told-job.js';

/** How a job was asked for; it is asked for again of the next helper, under its key. */
export interface JobRequest {
  readonly method: 'job.publish' | 'job.fetch';
  readonly params: Fields;
}

type ToldOfJob = Extract<HelperEvent, { readonly id: number }>;

/** What a job asks of its client. */
export interface RemoteLinks {
  /** Carried out by this helper or the next. */
  command(job: RemoteJob, method: string, params?: Fields): Promise<unknown>;
  /** Has percents told, so often, until it is called. */
  follow(job: RemoteJob, everyMs: number | undefined): () => void;
  statsChanges(job: RemoteJob, options: StatsChangesOptions): AsyncIterable<JobStats>;
  /** For those who read the changes of all jobs. */
  changed(change: Change): void;
}

export class RemoteJob extends ToldJob implements ClientJob {
  readonly #links: RemoteLinks;
  readonly #published: Deferred<Publication> = createDeferred();
  readonly #done: Deferred<ClientJobResult> = createDeferred();
  readonly #readers = new Map<ChangeQueue, () => void>();
  readonly #atEnd: (() => void)[] = [];
  #id: number | undefined;
  #bound: Deferred<number> = createDeferred();
  #wasPaused: boolean | undefined;
  #stats: JobStats;
  #last: Change | undefined;
  #isPausedByUser = false;
  #movedTo: string | undefined;
  #isOver = false;

  /** `request`: undefined where somebody else has asked for it. */
  constructor(
    key: string | undefined,
    readonly request: JobRequest | undefined,
    facts: RemoteFacts,
    links: RemoteLinks,
  ) {
    super(key, facts);
    this.#links = links;
    this.#stats = readJobStats(0, key, {});
    if (facts.kind === 'download') this.#published.reject(notPublished(facts.file));
  }

  get id() {
    return this.#id;
  }

  get stats() {
    return this.#stats;
  }

  get published() {
    return this.#published.promise;
  }

  get done() {
    return this.#done.promise;
  }

  changes(options: ClientChangesOptions = {}): AsyncIterable<Change> {
    const { signal, until = 'done', everyMs } = options;
    const stop = this.#isOver ? () => {} : this.#links.follow(this, everyMs);
    const reader = createChangeQueue({
      signal,
      isLast: ({ percent }) => percent === 100 && until === 'done',
      onDone: () => {
        stop();
        this.#readers.delete(reader);
      },
    });
    this.#readers.set(reader, stop);
    reader.push(this.#last ?? this.#change(undefined));
    if (this.#isOver) reader.close();
    return reader;
  }

  statsChanges(options: StatsChangesOptions = {}): AsyncIterable<JobStats> {
    return this.#links.statsChanges(this, checkStatsOptions(options));
  }

  pause(): Promise<void> {
    return this.#command('job.pause');
  }

  resume(): Promise<void> {
    return this.#command('job.resume');
  }

  move(dir: string): Promise<void> {
    const error = checkMove(dir);
    if (error) return quietly(Promise.reject(error));
    return this.#command('job.move', { dir });
  }

  verify(): Promise<void> {
    return this.#command('job.verify');
  }

  announce(): Promise<void> {
    return this.#command('job.announce');
  }

  remove(options: { readonly data?: boolean } = {}): Promise<void> {
    const error = checkRemoveOptions(options);
    if (error) return quietly(Promise.reject(error));
    const removed = this.#command('job.remove', options.data ? { data: true } : {});
    return quietly(removed.then(() => this.end(endError('removed', this.file))));
  }

  /** The id that the helper of now gives it. Rejects when it is over. */
  get bound(): Promise<number> {
    return this.#bound.promise;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether its user had it paused, at the helper before. Undefined: there was none. */
  get wasPaused(): boolean | undefined {
    return this.#wasPaused;
  }

  /** How it is asked for; of a helper that remembers nothing, as it has become. */
  paramsFor(isRemembered: boolean): Fields {
    const params = { ...this.request?.params, key: this.key };
    if (isRemembered || this.#wasPaused === undefined) return params;
    if (this.kind === 'seed')
      return { ...params, path: this.#movedTo ?? this.request?.params.path };
    const dir = this.#movedTo === undefined ? this.request?.params.dir : dirname(this.#movedTo);
    return { ...params, dir, paused: this.#wasPaused };
  }

  /** Undefined: the helper is gone, and with it the id. */
  bind(id: number | undefined): void {
    if (this.#isOver || id === this.#id) return;
    // Whoever waits for an id gets the newest.
    if (this.#id !== undefined) this.#bound = createDeferred();
    this.#id = id;
    if (id === undefined) this.#wasPaused = this.#isPausedByUser;
    else this.#bound.resolve(id);
  }

  /** Called when nothing more comes of it. */
  onEnd(call: () => void): void {
    if (this.#isOver) call();
    else this.#atEnd.push(call);
  }

  /** Whether this may be told of it. */
  isLike({ kind, infoHash = this.infoHash }: RemoteFacts, key: string | undefined): boolean {
    const mine = this.infoHash ?? infoHash;
    return key === this.key && kind === this.kind && infoHash === mine;
  }

  /** All that there is to know. */
  learn(facts: RemoteFacts): void {
    if (this.#isOver) return;
    const { state } = this.facts;
    this.facts = { ...facts, state };
    this.#enter(facts.state);
    if (facts.infoHash !== undefined) this.#tellPercent(facts.percent ?? -1);
    if (facts.error) this.end(facts.error);
    else if (facts.doneMs !== undefined || facts.percent === 100) this.#complete();
  }

  apply(event: ToldOfJob): void {
    if (this.#isOver) return;
    switch (event.type) {
      case 'job.known': {
        const { type: _, timeMs: _time, id: _id, key: _key, ...torrent } = event;
        this.facts = { ...this.facts, ...torrent };
        this.#tellPercent(-1);
        return;
      }
      case 'job.state':
        this.#isPausedByUser = event.to === 'paused' && event.reason !== 'disk';
        if (event.from === undefined) this.facts = { ...this.facts, addedMs: event.timeMs };
        this.#enter(event.to);
        return;
      case 'job.published': {
        const { torrentFile, infoHash, magnetUri } = event;
        const doneMs = this.doneMs ?? event.timeMs;
        this.facts = { ...this.facts, torrentFile, infoHash, magnetUri, doneMs };
        this.#complete();
        return;
      }
      case 'job.done': {
        const { contentPath, timeMs } = event;
        this.facts = { ...this.facts, contentPath, doneMs: this.doneMs ?? timeMs };
        this.#complete();
        return;
      }
      case 'job.moved':
        this.#movedTo = event.contentPath;
        this.facts = { ...this.facts, contentPath: event.contentPath };
        return;
      case 'job.failed':
        this.end(new HelperError(event.error.code, event.error.message));
        return;
      case 'job.ended':
        this.end(endError(event.end, this.file));
        return;
    }
  }

  measured(stats: JobStats): void {
    this.#stats = stats;
    if (stats.percent !== undefined) this.#tellPercent(stats.percent);
  }

  /** Nothing more comes of it: what was promised and has not come rejects. */
  end(error: HelperError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const hasEnded = error.code === 'REMOVED' || error.code === 'CLOSED';
    const isDone = this.highest === 100;
    const state = hasEnded ? (error.code === 'REMOVED' ? 'removed' : this.state) : 'failed';
    this.facts = { ...this.facts, state, error: hasEnded && isDone ? undefined : error };
    if (state === 'failed') this.#tell(this.#change(-2));
    else if (state === 'removed') this.#tell(this.#change(undefined));
    for (const promise of [this.#published, this.#done, this.#bound]) promise.reject(error);
    for (const [reader, stop] of this.#readers) {
      reader.close();
      // Nothing more is told, whether or not it is ever read.
      stop();
    }
    for (const call of this.#atEnd) call();
  }

  #command(method: string, params?: Fields): Promise<void> {
    return quietly(this.#links.command(this, method, params).then(() => {}));
  }

  #enter(state: JobState): void {
    if (state === this.facts.state) return;
    this.facts = { ...this.facts, state };
    this.#tell(this.#change(undefined));
  }

  #complete(): void {
    const { name, infoHash = '', lengthBytes = 0, contentPath, torrentFile, magnetUri = '' } = this;
    const where = contentPath ?? this.file;
    const result = { infoHash, name: name ?? this.file, lengthBytes, magnetUri };
    if (this.kind === 'seed' && torrentFile !== undefined) {
      this.#published.resolve({ torrentFile, infoHash, magnetUri });
    }
    this.#done.resolve({ ...result, contentPath: where, torrentFile });
    this.#tellPercent(100);
  }

  #tellPercent(percent: number): void {
    if (percent <= this.highest) return;
    this.highest = percent;
    this.#tell(this.#change(percent));
  }

  /** Of its state, if `percent` is undefined. */
  #change(percent: number | undefined): Change {
    const { kind, file, state } = this;
    const tag = { id: this.#id ?? 0, kind, file, state, repeated: false } as const;
    if (percent !== undefined) return { type: 'progress', ...tag, percent };
    return { type: 'state', ...tag, percent: this.highest === -2 ? undefined : this.highest };
  }

  #tell(change: Change): void {
    this.#last = change;
    for (const reader of this.#readers.keys()) reader.push(change);
    this.#links.changed(change);
  }
}

/** Reported where somebody waits for it, and nowhere else. */
function quietly(task: Promise<void>): Promise<void> {
  task.catch(() => {});
  return task;
}

function endError(end: 'failed' | 'removed' | 'released' | 'stopped', file: string): HelperError {
  return end === 'removed'
    ? new HelperError('REMOVED', `${file} was removed before it was done`)
    : new HelperError('CLOSED', `the helper stopped before ${file} was done`);
}

function notPublished(file: string): HelperError {
  return new HelperError('REFUSED', `${file} is a download: it is never published; wait for done`);
}
