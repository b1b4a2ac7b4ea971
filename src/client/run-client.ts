// A client, as a program has it in hand: what it hands over is looked at here, before anything is begun.
import { randomUUID } from 'node:crypto';
import { HelperError } from '../errors.js';
import { type ChangeQueue, createChangeQueue } from '../helper/events/change-queue.js';
import { createEventQueue, type EventQueue } from '../helper/events/event-queue.js';
import {
  checkEventsOptions,
  checkGiven,
  checkJobOptions,
  checkSignal,
  checkStatsOptions,
} from '../options/check-arguments.js';
import { ClientCore, closedError } from './client-core.js';
import type { ClientEvent, HelperClient } from './helper-client.js';
import type { ClientJob, ClientJobOptions } from './jobs/client-job.js';
import type { JobRequest } from './jobs/remote-job.js';
import type { HelperSource } from './lives/life.js';
import { readHelperStats } from './wire/read-stats.js';

export interface ClientOptions {
  /** So many helpers in a row, each of which dies soon. */
  readonly maxRestarts: number;
  readonly signal: AbortSignal | undefined;
}

/** Resolves when the helper is there, and its jobs are known. Rejects with a HelperError; nothing is left running then. */
export async function runClient(
  source: HelperSource,
  { maxRestarts, signal }: ClientOptions,
): Promise<HelperClient> {
  checkSignal('the client', signal);
  if (signal?.aborted) throw closedError(signal.reason);
  const readers = { events: new Set<EventQueue<ClientEvent>>(), changes: new Set<ChangeQueue>() };
  const core = new ClientCore(source, {
    onEvent: (event) => {
      for (const reader of readers.events) reader.push(event);
    },
    onChange: (change) => {
      for (const reader of readers.changes) reader.push(change);
    },
  });
  await core.begin(maxRestarts, signal).catch((error: unknown) => {
    throw signal?.aborted ? closedError(signal.reason) : error;
  });
  const close = () => core.close();
  const onAbort = () => void close();
  signal?.addEventListener('abort', onAbort, { once: true });
  void core.stopped.then(() => {
    signal?.removeEventListener('abort', onAbort);
    for (const reader of [...readers.events, ...readers.changes]) reader.close();
  });
  if (signal?.aborted) {
    await close();
    throw closedError(signal.reason);
  }

  const give = (
    kind: 'seed' | 'download',
    file: string,
    request: JobRequest,
    { key = randomUUID(), signal: jobSignal }: ClientJobOptions,
  ): ClientJob => {
    if (core.over) throw core.over;
    const other = core.register.byKey(key);
    if (other?.request) {
      if (isSame(other.request, request)) return other;
      throw new HelperError('KEY_TAKEN', `${kind}: the key ${key} is that of ${other.file}`);
    }
    const job = core.give(kind, file, key, request);
    const remove = () => void job.remove();
    if (jobSignal?.aborted) remove();
    jobSignal?.addEventListener('abort', remove, { once: true });
    job.onEnd(() => jobSignal?.removeEventListener('abort', remove));
    return job;
  };

  return {
    get facts() {
      return core.facts;
    },
    describe: () => core.describe(),
    get jobs() {
      return core.register.live;
    },
    job: (id) => core.register.byId(id)[0],
    jobByKey: (key) => core.register.byKey(key),
    seed(path, options = {}) {
      checkGiven('seed', path);
      checkJobOptions('seed', options);
      return give('seed', path, { method: 'job.publish', params: { path } }, options);
    },
    download(source, options = {}) {
      checkJobOptions('download', options);
      const { dir, paused } = options;
      const isBytes = typeof source === 'object' && source?.metainfo instanceof Uint8Array;
      if (!isBytes) checkGiven('download', source);
      const params = isBytes
        ? { metainfo: Buffer.from(source.metainfo).toString('base64'), dir, paused }
        : { source, dir, paused };
      const file = typeof source === 'string' ? source : 'metainfo';
      return give('download', file, { method: 'job.fetch', params }, options);
    },
    events(options = {}) {
      checkEventsOptions(options);
      const reader = createEventQueue<ClientEvent>({
        signal: options.signal,
        onDone: () => readers.events.delete(reader),
      });
      readers.events.add(reader);
      if (core.over) reader.close();
      return reader;
    },
    changes({ signal: reading } = {}) {
      const stop = core.listening.follow(undefined, undefined);
      const reader = createChangeQueue({
        signal: reading,
        onDone: () => {
          stop();
          readers.changes.delete(reader);
        },
      });
      readers.changes.add(reader);
      if (core.over) reader.close();
      return reader;
    },
    statsChanges(options = {}) {
      const { ids, ...reading } = checkStatsOptions(options);
      const jobs = ids && new Set(ids.flatMap((id) => core.register.byId(id)));
      return core.listening.read({ ...reading, jobs });
    },
    stats: async () => readHelperStats(await core.request('helper.stats')),
    request: (method, params, { signal: reading } = {}) => core.request(method, params, reading),
    stopped: core.stopped,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function isSame(a: JobRequest, b: JobRequest): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
