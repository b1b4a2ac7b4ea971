// A thread whose code stands in the program as text (scripts/thread-source.mjs): a small one, that asks for nothing but Node's own.
// It ends by itself when it is told to: Node aborts the whole process where a thread is ended from outside in the middle of a call
// that blocks, and fails.
import { type MessagePort, parentPort, Worker, type WorkerOptions } from 'node:worker_threads';
import { withTimeout } from './with-timeout.js';

/** The last message to such a thread. */
const endMessage = 'end';
/** One that a dead disk holds up cannot be ended, and nobody waits for it for ever. */
const endMs = 1000;

/**
 * What Node's options or the environment preload into every thread (a loader, a tracer) needs more memory than such a thread has,
 * and nothing of it is of use there.
 */
export function startSourceThread(source: string, options: WorkerOptions): Worker {
  return new Worker(source, { ...options, eval: true, execArgv: [], env: {} });
}

/** Resolves when it has ended, after what it was told before; or has taken too long, and ends when it can. Never rejects. */
export async function endSourceThread(worker: Worker): Promise<void> {
  // Of one that has ended already.
  if (worker.threadId === -1) return;
  worker.unref();
  const isOver = new Promise((resolve) => worker.once('exit', resolve));
  worker.postMessage(endMessage);
  await withTimeout(endMs, isOver);
}

/** In the thread: what it is to do with each message. Whatever it waits for itself it may still await after its end was asked for. */
export function hearParent<T>(hear: (message: T) => void): MessagePort {
  if (parentPort === null) throw new Error('this is the entry of a worker thread');
  const port = parentPort;
  port.on('message', (message: T | typeof endMessage) => {
    if (isEnd(message)) port.close();
    else hear(message);
  });
  return port;
}

/** Of a thread that takes messages by itself. */
export function isEnd(message: unknown): message is typeof endMessage {
  return message === endMessage;
}
