// Tries one target in a thread of its own, and watches it: a thread that hangs is ended, one that dies has told on
// what, and in both cases that input is a finding like any other.
import { Worker } from 'node:worker_threads';
import { currentInput } from './current-input.js';
import type { WorkerReport, WorkerTask } from './messages.js';

/** Targets wait for sockets now and then, and reopen; nothing takes so long. */
const usualHangMs = 20_000;
const watchIntervalMs = 500;

export interface Watched {
  readonly executions: number;
  readonly findings: readonly WatchedFinding[];
}

export interface WatchedFinding {
  readonly input: Uint8Array;
  readonly showed: string;
  readonly isRepeatable: boolean;
}

export function watchTarget(
  script: URL,
  task: Omit<WorkerTask, 'memory'>,
  hangMs = usualHangMs,
): Promise<Watched> {
  const current = currentInput();
  const findings: WatchedFinding[] = [];
  const workerData: WorkerTask = { ...task, memory: current.memory };
  return new Promise((resolve) => {
    const worker = new Worker(script, {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    });
    const blame = (showed: string) => {
      findings.push({ input: current.bytes(), showed, isRepeatable: false });
    };
    let count = -1;
    let countedAt = performance.now();
    const watch = setInterval(() => {
      if (current.count() !== count) {
        count = current.count();
        countedAt = performance.now();
      } else if (performance.now() - countedAt > hangMs) {
        blame(`hung for ${hangMs / 1000} s`);
        over(current.count());
      }
    }, watchIntervalMs);
    const over = (executions: number) => {
      clearInterval(watch);
      void worker.terminate();
      resolve({ executions, findings });
    };
    worker.on('message', (said: WorkerReport) => {
      if (said.type === 'found') findings.push(said);
      else over(said.executions);
    });
    worker.on('error', (error) => {
      blame(`the thread died: ${error.stack ?? String(error)}`);
      over(current.count());
    });
  });
}
