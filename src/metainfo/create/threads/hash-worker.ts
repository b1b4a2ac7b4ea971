// The entry of a hashing thread. It works at every job that it was told of, a short turn at each, and says when it has
// nothing more to do with one. It reads the content itself and knows nothing else of the helper.
import { receiveMessageOnPort } from 'node:worker_threads';
import { hearParent, isEnd } from '../../../async/source-thread.js';
import {
  type HashJob,
  type HashReport,
  isStopped,
  type ReadFailure,
  stop,
  takeRun,
} from './hash-job.js';
import { hashRun } from './hash-run.js';
import { SharedFileReader } from './shared-file-reader.js';

/** Long enough for a disk that has to seek to make use of, short enough for fifty jobs to come round in seconds. */
const turnMs = 50;

interface PartialJob {
  readonly job: HashJob;
  pieces: number;
}

let waiting: PartialJob[] = [];

const port = hearParent((job: HashJob) => {
  waiting.push({ job, pieces: 0 });
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    if (takeTurn(next) === 'not through') waiting.push(next);
    receiveJobs();
    dropStopped();
  }
});

/** Takes runs of pieces, then closes the job's file: so one file is open, however many jobs there are. */
function takeTurn(partial: PartialJob): 'through' | 'not through' {
  const { job } = partial;
  const reader = new SharedFileReader(job.files);
  const endMs = performance.now() + turnMs;
  try {
    while (!isStopped(job)) {
      const run = takeRun(job);
      if (run * job.piecesPerRun >= job.pieceCount) break;
      partial.pieces += hashRun(job, run, reader);
      if (performance.now() < endMs) continue;
      reader.closeChecked();
      return 'not through';
    }
    reader.closeChecked();
    postReport(partial, undefined);
  } catch (error) {
    reader.close();
    stop(job);
    postReport(partial, failureOf(error, reader.fileIndex));
  }
  return 'through';
}

/** Messages do not come by themselves while a thread is at work. New jobs go first: most of them are short. */
function receiveJobs(): void {
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
    if (isEnd(next.message)) end();
    else waiting.unshift({ job: next.message, pieces: 0 });
  }
}

/** Nobody waits for what is left: whoever does hears of the thread's end. */
function end(): void {
  waiting = [];
  port.close();
}

/** What was stopped does not wait for its turn: somebody waits to hear that its files are closed. */
function dropStopped(): void {
  const isOver = ({ job }: PartialJob) => isStopped(job);
  for (const over of waiting.filter(isOver)) postReport(over, undefined);
  waiting = waiting.filter((each) => !isOver(each));
}

function postReport({ job, pieces }: PartialJob, failure: ReadFailure | undefined): void {
  const report: HashReport = { jobId: job.id, pieces, failure };
  port.postMessage(report);
}

function failureOf(error: unknown, fileIndex: number): ReadFailure {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') {
    throw error; // a bug; the thread ends of it
  }
  return { fileIndex, code: error.code, message: error.message };
}
