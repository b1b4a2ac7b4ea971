// What stands behind a job that a user of the library has. A helper may have ten thousand of them, so what nobody asked for
// is not made.
import { inspect } from 'node:util';
import type {
  Change,
  Diagnostic,
  JobCommand,
  JobEnd,
  JobInstruction,
  JobKind,
  JobState,
  LocatedTorrent,
  Publication,
  SavedState,
  StateChange,
  SwarmMeasure,
} from '../../machines/types.js';
import type { HelperError } from '../errors.js';
import {
  checkChangesOptions,
  checkMove,
  checkRemoveOptions,
  checkStatsOptions,
  checkSwarmOptions,
} from '../options/check-arguments.js';
import { type ChangeQueue, createChangeQueue } from './events/change-queue.js';
import type { Job, JobChangesOptions } from './jobs/job.js';
import { type EndReasons, endError, tooLate } from './jobs/job-end.js';
import { releaseMetainfo } from './jobs/job-instruction.js';
import { JobPromises, type Outlook } from './jobs/job-promises.js';
import type { JobFile, JobResult } from './jobs/job-result.js';
import { JobTorrent } from './jobs/job-torrent.js';
import { PendingCommands } from './jobs/pending-commands.js';
import {
  isOutermost,
  isSameMeasure,
  type JobStats,
  jobStats,
  measureAfter,
  newerMeasure,
  silenced,
} from './stats/job-stats.js';
import type { JobSwarm, StatsListeners, StatsOptions } from './stats/stats-listeners.js';

/** What the jobs of a helper have in common. */
export interface JobLinks {
  readonly carryOut: (command: JobCommand) => void;
  /** Resolves when the engine has let go of a torrent's files. */
  readonly left: (infoHash: string) => Promise<void>;
  readonly listeners: StatsListeners;
}

/** What is known of a job before anything is seen of it. */
export interface JobOrigin {
  readonly instruction: JobInstruction;
  /** When it was given. */
  readonly addedMs: number;
  /** What its session knew of it. */
  readonly saved?: SavedState | undefined;
}

/** What the helper tells it comes by static methods: its user sees none of them. */
export class HelperJob implements Job {
  readonly #links: JobLinks;
  readonly #origin: JobOrigin | undefined;
  readonly addedMs: number;
  #doneMs: number | undefined;
  #last: Change;
  readonly #torrent: JobTorrent;
  /** Once it is over: how that came. */
  #end: (JobEnd & EndReasons) | undefined;
  #endError: HelperError | undefined;
  #removeReason: unknown;
  #promises: JobPromises | undefined;
  #ending: AbortController | undefined;
  #readers: Set<ChangeQueue> | undefined;
  #commands: PendingCommands | undefined;
  #measure: SwarmMeasure | undefined;

  constructor(first: StateChange, links: JobLinks, origin?: JobOrigin) {
    this.#last = first;
    this.#links = links;
    this.#origin = origin;
    this.addedMs = origin?.addedMs ?? Date.now();
    this.#doneMs = origin?.saved?.doneMs;
    this.#torrent = new JobTorrent(origin?.saved);
  }

  get id(): number {
    return this.#last.id;
  }

  get key(): string | undefined {
    return this.#origin?.instruction.key;
  }

  get kind(): JobKind {
    return this.#last.kind;
  }

  get file(): string {
    return this.#last.file;
  }

  get state(): JobState {
    return this.#last.state;
  }

  get percent(): number | undefined {
    return this.#last.percent;
  }

  get infoHash(): string | undefined {
    return this.#torrent.infoHash;
  }

  get name(): string | undefined {
    return this.#torrent.name;
  }

  get lengthBytes(): number | undefined {
    return this.#torrent.lengthBytes;
  }

  get files(): readonly JobFile[] | undefined {
    return this.#torrent.result?.files;
  }

  get contentPath(): string | undefined {
    return this.#torrent.contentPath;
  }

  get isPrivate(): boolean | undefined {
    return this.#torrent.facts?.isPrivate;
  }

  get pieceLengthBytes(): number | undefined {
    return this.#torrent.facts?.pieceLengthBytes;
  }

  get pieceCount(): number | undefined {
    return this.#torrent.facts?.pieceCount;
  }

  get fileCount(): number | undefined {
    return this.#torrent.facts?.fileCount;
  }

  get doneMs(): number | undefined {
    return this.#doneMs;
  }

  get torrentFile(): string | undefined {
    return this.#torrent.result?.torrentFile;
  }

  get magnetUri(): string | undefined {
    return this.#torrent.result?.magnetUri;
  }

  get error(): HelperError | undefined {
    return this.#end?.end === 'failed' || this.percent !== 100 ? this.#over : undefined;
  }

  get published(): Promise<Publication> {
    this.#promises ??= new JobPromises();
    return this.#promises.published(this, this.#outlook);
  }

  get done(): Promise<JobResult> {
    this.#promises ??= new JobPromises();
    return this.#promises.done(this.#outlook);
  }

  changes(options: JobChangesOptions = {}): AsyncIterable<Change> {
    const { signal, until = 'done' } = checkChangesOptions(options);
    const readers = this.#readers ?? new Set();
    this.#readers = readers;
    const reader = createChangeQueue({
      signal,
      isLast: ({ percent }) => percent === 100 && until === 'done',
      onDone: () => readers.delete(reader),
    });
    readers.add(reader);
    reader.push(this.#last);
    if (this.#end) reader.close();
    return reader;
  }

  get stats(): JobStats {
    const { id, key, percent, lengthBytes } = this;
    return jobStats({ id, key, percent, lengthBytes }, this.#measure);
  }

  statsChanges(options: StatsOptions = {}): AsyncIterable<JobStats> {
    return this.#links.listeners.readJob(this, checkStatsOptions(options));
  }

  swarmChanges(options: StatsOptions = {}): AsyncIterable<JobSwarm> {
    return this.#links.listeners.readSwarm(this, checkSwarmOptions(options));
  }

  pause(): Promise<void> {
    return quiet(this.#give({ kind: 'pause', id: this.id }).then(() => this.#left()));
  }

  resume(): Promise<void> {
    return this.#give({ kind: 'resume', id: this.id });
  }

  move(dir: string): Promise<void> {
    const error = checkMove(dir);
    if (error) return quiet(Promise.reject(error));
    return this.#give({ kind: 'move', id: this.id, dir });
  }

  remove(options: { readonly data?: boolean } = {}): Promise<void> {
    const error = checkRemoveOptions(options);
    if (error) return quiet(Promise.reject(error));
    const kind = options.data ? 'delete' : 'remove';
    return quiet(this.#give({ kind, id: this.id }).then(() => this.#left()));
  }

  verify(): Promise<void> {
    return quiet(this.#give({ kind: 'verify', id: this.id }));
  }

  announce(): Promise<void> {
    return quiet(this.#give({ kind: 'announce', id: this.id }));
  }

  toJSON() {
    const { id, key, kind, state, percent, file, infoHash, contentPath, error } = this;
    const why = error && { code: error.code, message: error.message };
    return { id, key, kind, state, percent, file, infoHash, contentPath, error: why };
  }

  [inspect.custom](_depth: number, options: object, show: typeof inspect): string {
    const known = Object.entries(this.toJSON()).filter(([, value]) => value !== undefined);
    return `Job ${show(Object.fromEntries(known), options)}`;
  }

  static onChanged(job: HelperJob, change: Change): void {
    if (change.repeated) return;
    job.#last = change;
    if (change.percent === 100) job.#doneMs ??= Date.now();
    for (const reader of job.#readers ?? []) reader.push(change);
    job.#settle();
    if (change.type === 'state') job.#commands?.onState(change.state);
    const measure = measureAfter(job.#measure, change);
    const isNews = measure !== job.#measure || (change.type === 'progress' && isOutermost(change));
    job.#measure = measure;
    if (isNews) job.#links.listeners.changed(job);
  }

  static onLocated(job: HelperJob, located: LocatedTorrent): void {
    job.#torrent.locate(located);
    job.#links.listeners.located(job);
  }

  static onMeasured(job: HelperJob, { detail, ...measure }: SwarmMeasure): void {
    const { listeners } = job.#links;
    const before = job.#measure;
    job.#measure = newerMeasure(before, measure);
    if (detail !== undefined) listeners.looked(job, detail);
    // Details are told though the numbers are the same.
    if (detail === undefined || !isSameMeasure(before, job.#measure)) listeners.changed(job);
  }

  /** Whether it answers somebody who waits for it. */
  static onDiagnosed(job: HelperJob, diagnostic: Diagnostic): boolean {
    const isAnswer = job.#commands?.onDiagnosed(diagnostic, job.state) ?? false;
    if (diagnostic.kind !== 'published') return isAnswer;
    job.#torrent.publish(diagnostic);
    job.#settle();
    return isAnswer;
  }

  /** Nothing follows; what was promised and has not come will not. `closeReason`: why the helper closes. */
  static onEnd(job: HelperJob, end: JobEnd, closeReason: unknown): void {
    if (job.#end) return;
    job.#end = { removeReason: job.#removeReason, closeReason, ...end };
    job.#torrent.letGo();
    // Of one that was stopped a session may still be writing it down.
    if (end.end !== 'stopped') releaseMetainfo(job.#origin?.instruction);
    job.#settle();
    if (job.#commands && job.#over) job.#commands.onEnd(end, job.#over);
    job.#ending?.abort();
    for (const reader of job.#readers ?? []) reader.close();
    job.#measure = silenced(job.#measure);
    job.#links.listeners.ended(job);
  }

  /** Removes it, if need be as soon as its content has arrived where it is on its way to. */
  static async removeFor(job: HelperJob, reason: unknown): Promise<void> {
    job.#removeReason = reason;
    while (!job.#end) {
      const isRefused = await job.remove().then(
        () => false,
        () => true,
      );
      if (!isRefused || job.state !== 'moving') return;
      for await (const { state } of job.changes({ until: 'end' })) if (state !== 'moving') break;
    }
  }

  /** Aborts when the job is over. */
  static ending(job: HelperJob): AbortSignal {
    job.#ending ??= new AbortController();
    if (job.#end) job.#ending.abort();
    return job.#ending.signal;
  }

  static instruction(job: HelperJob): JobInstruction | undefined {
    return job.#origin?.instruction;
  }

  /** Why nothing follows. An error is made for those alone who ask: its stack costs more than the end of a job. */
  get #over(): HelperError | undefined {
    if (this.#end) this.#endError ??= endError(this, this.#end, this.#end);
    return this.#endError;
  }

  get #outlook(): Outlook {
    const { publication } = this.#torrent;
    // What was published is told a moment after the 100.
    const isDone = this.percent === 100 && (this.kind !== 'seed' || publication !== undefined);
    return {
      publication,
      result: () => (isDone ? this.#torrent.result : undefined),
      over: () => this.#over,
    };
  }

  #settle(): void {
    this.#promises?.settle(this.#outlook);
  }

  #give(command: JobCommand): Promise<void> {
    const send = () => this.#links.carryOut(command);
    if (this.#over) {
      // It is answered as any other that comes too late.
      send();
      return quiet(Promise.reject(tooLate(this, command, this.#over)));
    }
    this.#commands ??= new PendingCommands();
    return this.#commands.give(command.kind, send, () => this.state);
  }

  async #left(): Promise<void> {
    if (this.infoHash !== undefined) await this.#links.left(this.infoHash);
  }
}

/** Its rejection is not reported where nobody waits for it. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
