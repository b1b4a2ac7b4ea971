// One thread that hashes content, as the helper sees it.
import { endSourceThread, startSourceThread } from '../../../async/source-thread.js';
import type { HashJob, HashReport } from './hash-job.js';

export interface HashingThread {
  /** How many jobs it works at. */
  readonly jobCount: number;
  /** Resolves when it has nothing more to do with the job. Rejects if it dies before. */
  work(job: HashJob): Promise<HashReport>;
  /** With what it is at. Resolves when it has ended, or cannot: see `endSourceThread`. */
  end(): Promise<void>;
}

interface Working {
  readonly resolve: (report: HashReport) => void;
  readonly reject: (error: unknown) => void;
}

export function startHashingThread(source: string, onGone: () => void): HashingThread {
  const jobs = new Map<number, Working>();
  let death: unknown;
  const worker = startSourceThread(source, {
    name: 'hash',
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
  });
  worker.unref();
  worker.on('message', (report: HashReport) => {
    jobs.get(report.jobId)?.resolve(report);
    jobs.delete(report.jobId);
    if (jobs.size === 0) worker.unref();
  });
  worker.on('error', (error) => {
    death = error;
  });
  worker.on('exit', (exitCode) => {
    onGone();
    for (const { reject } of jobs.values()) reject(death ?? new Error(`exit code ${exitCode}`));
    jobs.clear();
  });
  return {
    get jobCount() {
      return jobs.size;
    },
    work: (job) =>
      new Promise((resolve, reject) => {
        jobs.set(job.id, { resolve, reject });
        worker.ref();
        worker.postMessage(job);
      }),
    end: () => endSourceThread(worker),
  };
}
