// Threads for small files that take the first one already, and end with the test.
import { onTestFinished } from 'vitest';
import {
  BatchThreads,
  type BatchThreadsOptions,
} from '../../../src/storage/batches/batch-threads.js';

export function eagerThreads(options: BatchThreadsOptions = {}): BatchThreads {
  const threads = new BatchThreads({ fewestFiles: 1, filesWorthAThread: 0, ...options });
  onTestFinished(() => threads.close());
  return threads;
}
