// Threads for small files that are started for the first one already, and ended with the test.
import { onTestFinished } from 'vitest';
import {
  BatchThreads,
  type BatchThreadsOptions,
} from '../../../src/storage/batches/batch-threads.js';

export function eagerThreads(options: BatchThreadsOptions = {}): BatchThreads {
  const threads = new BatchThreads({ filesWorthAThread: 0, ...options });
  onTestFinished(() => threads.close());
  return threads;
}
