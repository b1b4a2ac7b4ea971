// One worker of the engine: watched, spoken to, and ended; and how it came to its end, if nobody ended it.
import { createDeferred } from '../../async/deferred.js';
import { gatherByTurn } from '../../async/gather-by-turn.js';
import { systemCode } from '../../errors.js';
import { heartbeatOver } from '../heartbeat.js';
import type { EngineCommand, EngineReport } from '../messages.js';
import type { EngineThread } from './engine-thread.js';
import { startWatchdog } from './watchdog.js';

const MOST_MISSED_CHECKS = 10;
/** A thread that is stuck in a system call cannot be ended before that returns; nobody waits for it longer. */
const END_DEADLINE_MS = 5_000;
const LONGEST_REASON_CHARACTERS = 1_000;

export interface WorkerCrash {
  readonly reason: string;
  /** Whose code it was, if that is known. */
  readonly infoHash: string | undefined;
  /** Or it hung with next to no memory left. */
  readonly isOutOfMemory: boolean;
}

export interface WorkerHandleOptions {
  /** Nobody else's. */
  readonly thread: EngineThread;
  /** How often its heartbeat is checked; after ten checks without a beat the thread is taken for hung. */
  readonly checkEveryMs: number;
  readonly onReport: (report: EngineReport) => void;
  /** Called at once, at most once, and not after `end`. No report follows. */
  readonly onCrash: (crash: WorkerCrash) => void;
}

export interface WorkerHandle {
  post(command: EngineCommand): void;
  /** Ends the thread, whatever it does. */
  end(): void;
  /** Resolves when the thread has ended, or will not end. Never rejects. */
  readonly ended: Promise<void>;
}

export function createWorkerHandle({
  thread,
  checkEveryMs,
  onReport,
  onCrash,
}: WorkerHandleOptions): WorkerHandle {
  const { worker, memory } = thread;
  const heartbeat = heartbeatOver(memory);

  let isOver = false;
  let giveUp: NodeJS.Timeout | undefined;
  const ended = createDeferred<void>();

  const end = () => {
    isOver = true;
    stopWatching();
    giveUp ??= setTimeout(ended.resolve, END_DEADLINE_MS).unref();
    worker.terminate().catch(() => {});
  };
  const crash = (reason: string, infoHash?: string, isOutOfMemory = false) => {
    if (isOver) return;
    end();
    onCrash({ reason: oneLine(reason), infoHash, isOutOfMemory });
  };
  const stopWatching = startWatchdog(heartbeat, {
    checkEveryMs,
    mostMissedChecks: MOST_MISSED_CHECKS,
    onTimeout: () => crash('it did not answer any more', heartbeat.atWork, heartbeat.isHeapFull),
  });

  worker.on('message', (reports: readonly EngineReport[]) => {
    for (const report of reports) {
      if (isOver) return;
      if (report.type === 'crashed') crash(report.reason, report.infoHash);
      else onReport(report);
    }
  });
  worker.on('error', (error) => {
    const isOutOfMemory = systemCode(error) === 'ERR_WORKER_OUT_OF_MEMORY';
    if (isOutOfMemory) crash('it ran out of memory', heartbeat.atWork, true);
    else crash(error instanceof Error ? error.message : String(error));
  });
  worker.on('exit', (exitCode) => {
    crash(`its thread ended with exit code ${exitCode}`);
    clearTimeout(giveUp);
    ended.resolve();
  });

  const commands = gatherByTurn<EngineCommand>((gathered) => {
    if (!isOver) worker.postMessage(gathered);
  });

  return {
    post: commands.add,
    end,
    ended: ended.promise,
  };
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' | ').slice(0, LONGEST_REASON_CHARACTERS);
}
