// The entry of a thread that does what batches of small files ask for. It waits for the disk as long as the disk likes.
import { parentPort } from 'node:worker_threads';
import type { BatchRequest } from './file-batch.js';
import { runBatch } from './run-batch.js';

/** A disk that is slow to sync keeps others, who want to write, waiting for so long and one file more. */
const turnMs = 20;

if (parentPort === null) throw new Error('this is the entry of a worker thread');
const port = parentPort;

port.on('message', (request: BatchRequest) => {
  const endMs = performance.now() + turnMs;
  const report = runBatch(request, () => performance.now() > endMs);
  port.postMessage(report, [report.stamps.buffer]);
});
