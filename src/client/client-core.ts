// What a client is made of: the helper of now, and the jobs. Every helper that follows another is given each job that has not
// ended, under its key.
import type { Change } from '../../machines/types.js';
import { createDeferred, type Deferred } from '../async/deferred.js';
import { HelperError } from '../errors.js';
import type { HelperEvent } from '../helper/events/helper-event.js';
import type { ClientEvent } from './helper-client.js';
import { JobRegister } from './jobs/job-register.js';
import { type JobRequest, RemoteJob } from './jobs/remote-job.js';
import { createListening, type Listening } from './listening.js';
import { type HelperSource, isLost, type Life } from './lives/life.js';
import { beginLives, type Lives, type LivesParts } from './lives/lives.js';
import { lostError } from './wire/connection.js';
import { type HelperFacts, readHelperFacts } from './wire/helper-facts.js';
import { readEvent } from './wire/read-event.js';
import { newFacts, type RemoteFacts, readFacts } from './wire/read-facts.js';
import { type Fields, fieldsOf, flagIn, listIn, numberIn, textIn } from './wire/read-fields.js';
import { readJobStats } from './wire/read-stats.js';

/** All but numbers, which are told where somebody reads them. */
const lifecycle = [
  ...['job.known', 'job.published', 'job.state', 'job.done', 'job.moved', 'job.failed'],
  ...['job.verified', 'job.announced', 'job.ended', 'job.warning', 'tracker.*', 'helper.*'],
];
const jobsPerPage = 1_000;

type JobEnded = Extract<HelperEvent, { readonly type: 'job.ended' }>;

export interface CoreListeners {
  readonly onEvent: (event: ClientEvent) => void;
  readonly onChange: (change: Change) => void;
}

export class ClientCore {
  readonly register = new JobRegister();
  readonly listening: Listening;
  readonly #source: HelperSource;
  readonly #listeners: CoreListeners;
  readonly #stopped: Deferred<HelperError | undefined> = createDeferred();
  /** Jobs of somebody else that the helper is being asked about; with their end, if that came before the answer. */
  readonly #meeting = new Map<number, JobEnded | undefined>();
  #lives: Lives | undefined;
  /** At work, and told of the jobs. */
  #life: Life | undefined;
  #facts: HelperFacts | undefined;
  #up: Deferred<Life> = createDeferred();
  #isUp = false;
  #restored: Deferred<void> = createDeferred();
  #over: HelperError | undefined;
  #closing: Promise<void> | undefined;

  constructor(source: HelperSource, listeners: CoreListeners) {
    this.#source = source;
    this.#listeners = listeners;
    this.listening = createListening((method, params) => this.request(method, params));
  }

  /** Rejects if no helper can be begun. */
  async begin(maxRestarts: number, signal: AbortSignal | undefined): Promise<void> {
    const { onEvent } = this.#listeners;
    const parts: LivesParts = {
      source: this.#source,
      maxRestarts,
      onNotification: (method, params) => this.#hear(method, params),
      settle: (life) => this.#settle(life),
      onDown: (life) => this.#down(life),
      onLost: (error, restartMs) =>
        onEvent({ type: 'client.lost', timeMs: Date.now(), error, restartMs }),
      onRestarted: () => onEvent({ type: 'client.restarted', timeMs: Date.now() }),
    };
    this.#lives = await beginLives(parts, signal);
    void this.#lives.over.then((error) => this.#finish(error));
  }

  /** Of the helper of now, or of the last one. */
  get facts(): HelperFacts {
    if (!this.#facts) throw closedError();
    return this.#facts;
  }

  async describe(): Promise<HelperFacts> {
    const facts = readHelperFacts(await this.request('helper.describe'));
    this.#facts = facts;
    return facts;
  }

  /** With why, if nobody has closed it. */
  get stopped(): Promise<HelperError | undefined> {
    return this.#stopped.promise;
  }

  /** Why it takes nothing any more. */
  get over(): HelperError | undefined {
    return this.#over ?? (this.#closing && closedError());
  }

  /** By the helper of now, or the next one; but not by two. */
  async request(method: string, params?: Fields, signal?: AbortSignal): Promise<unknown> {
    const life = await this.#up.promise;
    return life.request(method, params, signal);
  }

  /** A job of this program. */
  give(kind: 'seed' | 'download', file: string, key: string, request: JobRequest): RemoteJob {
    const job = this.#newJob(key, request, newFacts(kind, file));
    if (this.#life) void this.#ask(job, this.#life);
    return job;
  }

  /** By the helper of now; if that dies over it, by the next one. */
  async command(job: RemoteJob, method: string, params: Fields = {}): Promise<unknown> {
    for (;;) {
      if (job.isOver) throw new HelperError('JOB_UNKNOWN', `the job of ${job.file} is over`);
      const id = await job.bound;
      const life = this.#life ?? (await this.#up.promise);
      if (job.id !== id) continue;
      try {
        return await life.request(method, { id, ...params });
      } catch (error) {
        if (!isLost(error) || this.over) throw error;
        this.#down(life);
      }
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#lives?.close() ?? Promise.resolve();
    return this.#closing;
  }

  /** Gives a helper that has just begun what there is to do, and learns what it has. */
  async #settle(life: Life): Promise<void> {
    await life.request('events.listen', { topics: lifecycle });
    const isAlone = !this.#source.isShared;
    if (isAlone && life.facts.session !== undefined) {
      const lost = life.ended.then((error) => Promise.reject(error ?? lostError()));
      await Promise.race([this.#restored.promise, lost]);
    }
    this.#facts = life.facts;
    this.#life = life;
    const own = this.register.all.filter(({ request }) => request !== undefined);
    const others = this.register.all.filter(({ request }) => request === undefined);
    await Promise.all(own.map((job) => this.#ask(job, life)));
    if (this.#isRemembered(life)) {
      const ids = await this.#list(life);
      for (const job of others) if (!ids.has(job.id)) job.end(lostError());
    }
    // It may have died while it was asked.
    if (this.#life !== life) throw lostError();
    this.#isUp = true;
    this.#up.resolve(life);
    this.listening.begin();
  }

  async #ask(job: RemoteJob, life: Life): Promise<void> {
    const { request } = job;
    if (!request) return;
    try {
      const params = job.paramsFor(this.#isRemembered(life));
      const { wasPaused } = job;
      let facts: RemoteFacts | undefined;
      let isNew = true;
      await life.request(request.method, params, undefined, (result) => {
        const answer = fieldsOf(result);
        const id = numberIn(answer, 'id');
        isNew = flagIn(answer, 'created') ?? true;
        if (id !== undefined && !job.isOver) this.register.bind(job, id);
      });
      const { id } = job;
      if (id === undefined || job.isOver) return;
      if (!isNew) {
        await life.request('job.get', { id }, undefined, (result) => {
          facts = readFacts(fieldsOf(result));
          job.learn(facts);
        });
      }
      this.listening.onBound(job);
      const isPaused = facts ? facts.state === 'paused' : params.paused === true;
      if (wasPaused === undefined || wasPaused === isPaused) return;
      // What a session had not written yet when it died. What cannot be paused any more goes on.
      await life.request(wasPaused ? 'job.pause' : 'job.resume', { id }).catch(() => {});
    } catch (error) {
      if (isLost(error) || !(error instanceof HelperError)) return;
      job.end(error);
    }
  }

  /** Whether its jobs do not end with this client, or with their helper. */
  #isRemembered(life: Life): boolean {
    return this.#source.isShared || life.facts.session !== undefined;
  }

  /** Resolves with the ids of all live jobs. */
  async #list(life: Life): Promise<ReadonlySet<number | undefined>> {
    const ids = new Set<number | undefined>();
    for (let after: number | undefined = 0; after !== undefined; ) {
      const learn = (result: unknown) => {
        for (const each of listIn(fieldsOf(result), 'jobs')) {
          const fields = fieldsOf(each);
          this.#learn(fields);
          ids.add(numberIn(fields, 'id'));
        }
      };
      const asked = { after, limit: jobsPerPage };
      after = numberIn(fieldsOf(await life.request('job.list', asked, undefined, learn)), 'next');
    }
    return ids;
  }

  #learn(fields: Fields): void {
    const id = numberIn(fields, 'id');
    if (id === undefined) return;
    const facts = readFacts(fields);
    const key = textIn(fields, 'key');
    // A helper that began anew behind the same socket counts from 1 again.
    for (const job of this.register.byId(id))
      if (!job.request && !job.isLike(facts, key)) job.end(lostError());
    if (this.#known(id, key).length === 0)
      this.register.bind(this.#newJob(key, undefined, facts), id);
    for (const job of this.register.byId(id)) job.learn(facts);
  }

  #hear(method: string, params: Fields): void {
    if (method === 'job.progress') {
      this.#measured(params);
      return;
    }
    const event = readEvent(method, params);
    if (!event) return;
    if (event.type === 'helper.restored') this.#restored.resolve();
    if ('id' in event) {
      const { id, type } = event;
      // Only so does a job begin: of one that is over, more may be told after that was answered.
      const isFirst = type === 'job.state' && event.from === undefined;
      const known = isFirst ? this.#known(id, event.key) : this.register.byId(id);
      if (isFirst && known.length === 0) this.#meet(id, event.key);
      if (type === 'job.ended' && this.#meeting.has(id)) this.#meeting.set(id, event);
      for (const job of known) job.apply(event);
    }
    this.#listeners.onEvent(event);
  }

  /** The jobs that go by this id, or are about to. */
  #known(id: number, key: string | undefined): readonly RemoteJob[] {
    const known = this.register.byId(id);
    if (known.length > 0 || key === undefined) return known;
    const job = this.register.byKey(key);
    if (!job || job.id !== undefined) return [];
    this.register.bind(job, id);
    return [job];
  }

  /** Somebody else has asked for it. */
  #meet(id: number, key: string | undefined): void {
    const life = this.#life;
    if (!life || this.#meeting.has(id)) return;
    this.#meeting.set(id, undefined);
    const met = (result: unknown) => {
      if (!this.#meeting.has(id)) return;
      const end = this.#meeting.get(id);
      this.#meeting.delete(id);
      // Whoever has its key now is this one, and knows it, or has come after it.
      if (key === undefined || this.register.byKey(key) === undefined)
        this.#learn({ key, ...fieldsOf(result) });
      if (end) for (const job of this.register.byId(id)) job.apply(end);
    };
    void life.request('job.get', { id }, undefined, met).catch(() => {
      if (this.#life === life) this.#meeting.delete(id);
    });
  }

  #measured(params: Fields): void {
    const id = numberIn(params, 'id') ?? 0;
    for (const job of this.register.byId(id)) {
      const stats = readJobStats(id, job.key, params);
      job.measured(stats);
      this.listening.onMeasured(job, stats);
    }
  }

  #newJob(key: string | undefined, request: JobRequest | undefined, facts: RemoteFacts): RemoteJob {
    const { listening } = this;
    const job = new RemoteJob(key, request, facts, {
      command: (each, method, params) => this.command(each, method, params),
      follow: (each, everyMs) => listening.follow(new Set([each]), everyMs),
      statsChanges: (each, options) => listening.readOne(each, options),
      changed: this.#listeners.onChange,
    });
    this.register.add(job);
    job.onEnd(() => {
      this.register.remove(job);
      if (job.id !== undefined) this.#meeting.delete(job.id);
      listening.onEnded(job);
    });
    return job;
  }

  /** It is gone, or as good as gone. */
  #down(life: Life): void {
    if (this.#life !== life && this.#life !== undefined) return;
    this.#life = undefined;
    this.#restored = createDeferred();
    this.#meeting.clear();
    if (this.#isUp) this.#up = createDeferred();
    this.#isUp = false;
    this.listening.pause();
    const others = this.register.all.filter(({ request }) => request === undefined);
    // What others had asked for, nobody asks for again.
    if (!this.#isRemembered(life)) for (const job of others) job.end(lostError());
    this.register.unbind();
  }

  #finish(error: HelperError | undefined): void {
    const over = error ?? closedError();
    this.#over = over;
    for (const job of this.register.all) job.end(over);
    this.#up.reject(over);
    this.listening.close();
    this.#stopped.resolve(error);
  }
}

export function closedError(reason?: unknown): HelperError {
  return new HelperError('CLOSED', 'the client is closed, or its helper was told to stop', {
    cause: reason,
  });
}
