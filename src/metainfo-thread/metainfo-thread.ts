// The thread that makes and reads metainfo, as the helper sees it. It is started when there is something to do, and ends when
// there was nothing for a while: until then it keeps a few MiB.
import { type Asker, mustStay } from '../async/asker.js';
import { gatherByTurn } from '../async/gather-by-turn.js';
import { endSourceThread, startSourceThread } from '../async/source-thread.js';
import { HelperError, systemCode, toldError } from '../errors.js';
import type { HashingThreads } from '../metainfo/create/threads/hashing-threads.js';
import { Metainfo } from '../metainfo/metainfo.js';
import type { Unparsed } from '../metainfo/parse/parse-as.js';
import type { MadeData, Order, PlainMakeRequest, Report, ThreadData } from './messages.js';
import metainfoWorker from './metainfo-worker.js?source';

type Answer = Extract<Report, { readonly type: 'made' | 'parsed' }>;

export interface MetainfoThread {
  readonly isRunning: boolean;
  /** Its metainfo names no trackers, and is plain data. Rejects as `makeMetainfo` does, or with INTERNAL or CLOSED. */
  make(request: PlainMakeRequest, asker: Asker): Promise<MadeData>;
  /** Rejects with what `parseAs` throws, or with INTERNAL or CLOSED. */
  parse(bytes: Uint8Array, as: Unparsed): Promise<Metainfo>;
  /** Never rejects. */
  close(): Promise<void>;
}

interface Waiting {
  /** Or it waits for its turn, or is hashed in other threads. */
  isInThread: boolean;
  /** Of what is made. Who has left while it waited is not answered before its turn. */
  readonly asker: Asker | undefined;
  /** Ends the hashing: it is not over before the other threads have closed its files. */
  stop?: AbortController | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** So much is in the thread at a time: it answers when it has no more, and the first of thousands is not to wait for the last. */
const mostInThread = 32;
const idleMs = 10_000;

export function createMetainfoThread(
  data: ThreadData,
  hashing: Pick<HashingThreads, 'hashShared'>,
): MetainfoThread {
  const waiting = new Map<number, Waiting>();
  let queued: Order[] = [];
  let inThread = 0;
  let worker: ReturnType<typeof startSourceThread> | undefined;
  let ending: NodeJS.Timeout | undefined;
  let isClosed = false;
  let lastId = 0;

  const fill = () => {
    while (inThread < mostInThread) {
      const order = queued.shift();
      if (order === undefined) return;
      const job = waiting.get(order.id);
      if (job === undefined) continue;
      if (job.asker?.hasLeft) {
        settle(order.id)?.reject(job.asker.signal.reason);
        continue;
      }
      job.isInThread = true;
      inThread += 1;
      post(order);
    }
  };
  const leave = (job: Waiting) => {
    if (!job.isInThread) return;
    job.isInThread = false;
    inThread -= 1;
    fill();
  };

  const settle = (id: number): Waiting | undefined => {
    const settled = waiting.get(id);
    waiting.delete(id);
    if (settled) leave(settled);
    if (waiting.size === 0) {
      worker?.unref();
      clearTimeout(ending);
      ending = setTimeout(end, idleMs).unref();
    }
    return settled;
  };

  const rejectAll = (error: HelperError) => {
    const rejected = [...waiting.values()];
    waiting.clear();
    queued = [];
    inThread = 0;
    for (const { stop, reject } of rejected) {
      stop?.abort(error);
      reject(error);
    }
  };

  const hear = (report: Report) => {
    switch (report.type) {
      case 'hash':
        void hash(report);
        return;
      case 'failed':
        settle(report.id)?.reject(toldError(report));
        return;
      default:
        settle(report.id)?.resolve(report);
    }
  };

  const hash = async ({ id, files, pieceLengthBytes }: Extract<Report, { type: 'hash' }>) => {
    const job = waiting.get(id);
    if (job === undefined) return;
    leave(job);
    const stop = new AbortController();
    job.stop = stop;
    const signal = job.asker?.signal;
    const onAbort = () => stop.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
    try {
      const { hashes } = await hashing.hashShared(files, pieceLengthBytes, stop.signal);
      post({ type: 'hashed', id, hashes });
    } catch (error) {
      job.reject(error);
      post({ type: 'cancel', id });
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  };

  const start = () => {
    const started = startSourceThread(metainfoWorker, { name: 'metainfo', workerData: data });
    let death: unknown;
    started.on('message', (reports: readonly Report[]) => {
      for (const report of reports) hear(report);
    });
    started.on('error', (error) => {
      death = error;
    });
    started.on('exit', () => {
      // One that was ended had nothing to do, and there may be another by now.
      if (worker !== started) return;
      worker = undefined;
      rejectAll(died(death));
    });
    return started;
  };

  const orders = gatherByTurn<Order>((gathered) => worker?.postMessage(gathered));
  const post = orders.add;

  const end = async () => {
    const ended = worker;
    worker = undefined;
    if (ended) await endSourceThread(ended);
  };

  const nextId = () => {
    lastId += 1;
    return lastId;
  };

  const ask = <T extends Answer['type']>(type: T, order: Order, asker?: Asker) =>
    new Promise<Extract<Answer, { readonly type: T }>>((resolve, reject) => {
      if (isClosed) {
        reject(closed());
        return;
      }
      const take = (answer: Answer) => {
        if (isOf(answer, type)) resolve(answer);
        else
          reject(new HelperError('INTERNAL', `bug: ${answer.type} is the answer to ${order.type}`));
      };
      clearTimeout(ending);
      waiting.set(order.id, { isInThread: false, asker, resolve: take, reject });
      worker ??= start();
      worker.ref();
      queued.push(order);
      fill();
    });

  return {
    get isRunning() {
      return worker !== undefined;
    },
    async make(request, asker) {
      mustStay(asker);
      try {
        const { made } = await ask('made', { type: 'make', id: nextId(), request }, asker);
        mustStay(asker);
        return made;
      } catch (error) {
        mustStay(asker);
        throw error;
      }
    },
    async parse(bytes, as) {
      const { metainfo } = await ask('parsed', { type: 'parse', id: nextId(), bytes, as });
      return new Metainfo(metainfo);
    },
    async close() {
      isClosed = true;
      clearTimeout(ending);
      rejectAll(closed());
      await end();
    },
  };
}

function isOf<T extends Answer['type']>(
  answer: Answer,
  type: T,
): answer is Extract<Answer, { readonly type: T }> {
  return answer.type === type;
}

function died(death: unknown): HelperError {
  const what = systemCode(death) ?? (death instanceof Error ? death.message : String(death));
  return new HelperError(
    'INTERNAL',
    `the thread that makes and reads metainfo died (${what}); give the instruction again`,
    { cause: death },
  );
}

function closed(): HelperError {
  return new HelperError('CLOSED', 'the helper was closed before the metainfo was there');
}
