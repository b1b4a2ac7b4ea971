// Small work with files. A little of it goes through Node's thread pool, one system call at a time; each of these costs more
// than the call itself, so where much waits, a thread of its own takes it by the batch. It ends when there was nothing for a while.
import type { Worker } from 'node:worker_threads';
import { endSourceThread, startSourceThread } from '../../async/source-thread.js';
import type { FileAnswer, FileTask } from './file-task.js';
import fileWorker from './file-worker.js?source';

/** What is larger costs more to hand over than to do the longer way. */
export const mostSmallBytes = 128 * 1024;
/** So much is in the thread pool at a time: what its threads are at, and what they are at next. */
const mostInPool = 8;
/** So much that waits is worth the 25 ms of a core that a thread takes to start. */
const worthAThread = 48;
const mostInBatch = 64;
const idleMs = 2000;

export interface SmallFileWork {
  /** `inPool` does the same as the task, the longer way. `settle` is given the thread's answer, if that does it. */
  run<T>(
    task: FileTask,
    inPool: () => Promise<T>,
    settle: (answer: FileAnswer) => T | Promise<T>,
  ): Promise<T>;
  /** Whether there is a thread now. */
  readonly hasThread: boolean;
}

interface Waiting {
  readonly task: FileTask;
  /** Undefined: to be done in the thread pool. */
  readonly resolve: (answer: FileAnswer | undefined) => void;
}

interface SmallFilesOptions {
  readonly idleMs?: number;
  /** Run instead of ours. */
  readonly workerSource?: string;
}

export function createSmallFiles(options: SmallFilesOptions = {}): SmallFileWork {
  let waiting: Waiting[] = [];
  let pooled = 0;
  let worker: Worker | undefined;
  /** What the thread is at. */
  let batch: readonly Waiting[] = [];
  const source = options.workerSource ?? fileWorker;
  let isWithout = false;
  let ending: NodeJS.Timeout | undefined;

  const end = () => {
    const ended = worker;
    worker = undefined;
    if (ended) void endSourceThread(ended);
  };
  const callPooled = () => {
    while (worker === undefined && pooled < mostInPool) {
      const next = waiting.shift();
      if (next === undefined) return;
      pooled += 1;
      next.resolve(undefined);
    }
  };
  const postBatch = () => {
    if (worker === undefined || batch.length > 0) return;
    clearTimeout(ending);
    batch = waiting.splice(0, mostInBatch);
    if (batch.length === 0) {
      worker.unref();
      ending = setTimeout(end, options.idleMs ?? idleMs).unref();
      return;
    }
    worker.ref();
    worker.postMessage(batch.map(({ task }) => task));
  };
  const start = () => {
    const started = startSourceThread(source, {
      name: 'small files',
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
    });
    started.on('message', (answers: readonly FileAnswer[]) => {
      const answered = batch;
      batch = [];
      for (const [index, { resolve }] of answered.entries()) resolve(answers[index]);
      postBatch();
    });
    started.on('error', () => {
      // There was no memory or no descriptor for it: the thread pool does it all.
      isWithout = true;
    });
    started.on('exit', () => {
      if (worker !== started) return;
      isWithout = true;
      worker = undefined;
      waiting = [...batch, ...waiting];
      batch = [];
      callPooled();
    });
    worker = started;
  };

  const turn = (task: FileTask): Promise<FileAnswer | undefined> => {
    const answer = new Promise<FileAnswer | undefined>((resolve) =>
      waiting.push({ task, resolve }),
    );
    if (worker === undefined && waiting.length >= worthAThread && !isWithout) start();
    if (worker) postBatch();
    else callPooled();
    return answer;
  };
  return {
    get hasThread() {
      return worker !== undefined;
    },
    async run(task, inPool, settle) {
      // In a thread of ours: it starts none, and has no pool to go through.
      if (source === '') return inPool();
      const answer = await turn(task);
      if (answer?.kind === 'undone') return inPool();
      if (answer) return settle(answer);
      try {
        return await inPool();
      } finally {
        pooled -= 1;
        callPooled();
      }
    },
  };
}

/** Of this process, or of this thread of it. */
export const smallFiles = createSmallFiles();
