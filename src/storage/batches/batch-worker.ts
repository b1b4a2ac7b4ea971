// The entry of a thread that does what batches of small files ask for. It waits for the disk as long as the disk likes.
import { hearParent } from '../../async/source-thread.js';
import type { BatchReport, BatchRequest } from './file-batch.js';
import { runBatch } from './run-batch.js';

/** A disk that is slow to sync keeps others, who want to write, waiting for so long and one file more. */
const turnMs = 20;

const nothingDone: BatchReport = { done: 0, stamps: new BigInt64Array(), namesMadeIn: [] };

const port = hearParent((requests: readonly BatchRequest[]) => {
  const endMs = performance.now() + turnMs;
  const isTurnOver = () => performance.now() > endMs;
  const reports = requests.map((request, nth) =>
    // Whoever asked asks again.
    nth > 0 && isTurnOver() ? nothingDone : runBatch(request, isTurnOver),
  );
  port.postMessage(reports);
});
