// Who reads numbers, of which jobs and how often: one subscription at the helper stands for them all, and none while nobody
// reads. Each reader has its own pace; of each job the newest waits for it.
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobStats } from '../helper/stats/job-stats.js';
import type { RemoteJob } from './jobs/remote-job.js';
import { type Fields, fieldsOf, numberIn } from './wire/read-fields.js';

export interface StatsReading {
  readonly everyMs?: number | undefined;
  /** Undefined: of all. */
  readonly jobs?: ReadonlySet<RemoteJob> | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Reader {
  readonly everyMs: number;
  readonly jobs: ReadonlySet<RemoteJob> | undefined;
  /** Undefined: its changes are pushed in another way. */
  readonly take?: (job: RemoteJob, stats: JobStats) => void;
  readonly wake?: () => void;
}

export interface Listening {
  /** Has numbers told, until it is called. */
  follow(jobs: ReadonlySet<RemoteJob> | undefined, everyMs: number | undefined): () => void;
  /** The numbers that changed, an array a pace. */
  read(reading: StatsReading): AsyncIterable<readonly JobStats[]>;
  readOne(job: RemoteJob, reading: StatsReading): AsyncIterable<JobStats>;
  onMeasured(job: RemoteJob, stats: JobStats): void;
  /** The helper knows it by its id now. */
  onBound(job: RemoteJob): void;
  /** Nothing more comes of it. */
  onEnded(job: RemoteJob): void;
  /** There is a helper that knows nothing of it. */
  begin(): void;
  /** There is none. */
  pause(): void;
  /** Nothing comes any more. */
  close(): void;
}

const defaultEveryMs = 1_000;
/** So long those who read may change before the helper is told. */
const settlingMs = 50;
/** Beyond so many jobs by name all are asked for: the list would be longer than what it spares. */
const mostNamed = 100;

/** `request` reaches the helper of now. */
export function createListening(
  request: (method: string, params: Fields) => Promise<unknown>,
): Listening {
  const readers = new Set<Reader>();
  /** By the job that they read of; by undefined those who read of all. */
  const readersOf = new Map<RemoteJob | undefined, Set<Reader>>();
  const closed = new AbortController();
  // Each reader listens to it, and there may be one for each job.
  setMaxListeners(0, closed.signal);
  /** What the helper was asked for, as JSON. */
  let asked = '';
  let subscription: number | undefined;
  let life = 0;
  let isUp = false;
  let isChanging = false;

  const subscribe = async () => {
    const params = subscriptionOf(readers);
    const wanted = JSON.stringify(params ?? '');
    if (wanted === asked) return;
    asked = wanted;
    const before = subscription;
    const mine = life;
    // In this order, so that nothing is missed between.
    const answer = params && fieldsOf(await request('events.listen', params));
    // Another helper knows nothing of what the one before was asked for.
    if (mine !== life) return;
    subscription = answer && numberIn(answer, 'subscription');
    if (before !== undefined) await request('events.stop', { subscription: before });
  };
  const changed = () => {
    if (isChanging || !isUp) return;
    isChanging = true;
    // What changes together is asked for together.
    setTimeout(async () => {
      // A helper that dies over it is followed by one that is asked anew.
      await subscribe().catch(() => {});
      isChanging = false;
      if (isUp && JSON.stringify(subscriptionOf(readers) ?? '') !== asked) changed();
    }, settlingMs);
  };
  const pause = () => {
    isUp = false;
    life += 1;
    asked = '';
    subscription = undefined;
  };
  const add = (reader: Reader) => {
    const read = reader.jobs ?? [undefined];
    readers.add(reader);
    for (const job of read) readersOf.set(job, (readersOf.get(job) ?? new Set()).add(reader));
    changed();
    return () => {
      if (!readers.delete(reader)) return;
      for (const job of read) {
        const others = readersOf.get(job);
        others?.delete(reader);
        if (others?.size === 0) readersOf.delete(job);
      }
      changed();
    };
  };

  const read = ({
    everyMs = defaultEveryMs,
    jobs,
    signal,
  }: StatsReading): AsyncIterable<readonly JobStats[]> => {
    const waiting = new Map<RemoteJob, JobStats>();
    const ended = signal ? AbortSignal.any([signal, closed.signal]) : closed.signal;
    let wake = () => {};
    const take = (job: RemoteJob, stats: JobStats) => {
      waiting.set(job, stats);
      wake();
    };
    const stop = () => wake();
    const remove = add({ everyMs, jobs, take, wake: stop });
    return {
      async *[Symbol.asyncIterator]() {
        ended.addEventListener('abort', stop);
        try {
          while (!ended.aborted) {
            if (waiting.size === 0 && isAnyLive(jobs)) {
              await new Promise<void>((resolve) => {
                wake = resolve;
              });
            }
            // What comes together is told together.
            await new Promise(setImmediate);
            if (ended.aborted) return;
            const stats = [...waiting.values()];
            waiting.clear();
            if (stats.length > 0) yield stats;
            else if (!isAnyLive(jobs)) return;
            await delay(everyMs - paceSlackMs, undefined, { signal: ended }).catch(() => {});
          }
        } finally {
          ended.removeEventListener('abort', stop);
          remove();
        }
      },
    };
  };

  return {
    follow: (jobs, everyMs = defaultEveryMs) => add({ everyMs, jobs }),
    read,
    async *readOne(job, reading) {
      for await (const all of read({ ...reading, jobs: new Set([job]) })) yield* all;
    },
    onMeasured(job, stats) {
      for (const key of [job, undefined]) {
        for (const { take } of readersOf.get(key) ?? []) take?.(job, stats);
      }
    },
    onBound(job) {
      if (readersOf.has(job)) changed();
    },
    onEnded(job) {
      for (const { wake } of readersOf.get(job) ?? []) wake?.();
    },
    begin() {
      isUp = true;
      changed();
    },
    pause,
    close() {
      pause();
      closed.abort();
      readers.clear();
      readersOf.clear();
    },
  };
}

/** A helper takes none that is slower. */
const mostEveryMs = 3_600_000;
/** The helper has the same pace, and is not to be missed by a moment each time. */
const paceSlackMs = 50;

function isAnyLive(jobs: ReadonlySet<RemoteJob> | undefined): boolean {
  return jobs === undefined || [...jobs].some((job) => !job.isOver);
}

/** The params of `events.listen`; undefined if nobody reads. */
function subscriptionOf(readers: ReadonlySet<Reader>): Fields | undefined {
  let quickestMs = mostEveryMs;
  for (const { everyMs } of readers) quickestMs = Math.min(quickestMs, everyMs);
  const all = { topics: ['job.progress'], everyMs: Math.ceil(quickestMs) };
  const ids = new Set<number>();
  for (const { jobs } of readers) {
    if (!jobs) return all;
    for (const { id } of jobs) if (id !== undefined) ids.add(id);
    if (ids.size > mostNamed) return all;
  }
  return ids.size > 0 ? { ...all, ids: [...ids] } : undefined;
}
