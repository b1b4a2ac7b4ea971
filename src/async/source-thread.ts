// A thread whose code stands in the program as text (scripts/thread-source.mjs): a small one, that asks for nothing but Node's own.
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * What Node's options or the environment preload into every thread (a loader, a tracer) needs more memory than such a thread has,
 * and nothing of it is of use there.
 */
export function startSourceThread(source: string, options: WorkerOptions): Worker {
  return new Worker(source, { ...options, eval: true, execArgv: [], env: {} });
}
