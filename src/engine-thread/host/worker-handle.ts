// One life of the engine's thread: begun, watched, and ended; and how it came to its end, if nobody ended it.
import { systemCode } from '../../errors.js';
import { heartbeatOver } from '../heartbeat.js';
import type { Command, Report } from '../messages.js';
import type { EngineThread } from './engine-thread.js';
import { startWatchdog } from './watchdog.js';

const MOST_SILENT_LOOKS = 10;
/** A thread that is stuck in a system call cannot be ended before that returns; nobody waits for it longer. */
const GONE_DEADLINE_MS = 5_000;
const LONGEST_REASON_CHARACTERS = 1_000;

export interface Death {
  readonly reason: string;
  /** Whose code it was, if that is known. */
  readonly infoHash: string | undefined;
}

export interface LifeOptions {
  /** Nobody else's. */
  readonly thread: EngineThread;
  /** How often the heart is looked at; after ten looks without a beat the thread is taken for hung. */
  readonly lookEveryMs: number;
  readonly onReport: (report: Report) => void;
  /** Called at once, at most once, and not after `end`. No report follows. */
  readonly onDeath: (death: Death) => void;
}

export interface Life {
  post(command: Command): void;
  /** Ends the thread, whatever it does. */
  end(): void;
  /** Resolves when the thread has ended, or will not end. Never rejects. */
  readonly gone: Promise<void>;
}

export function beginLife({ thread, lookEveryMs, onReport, onDeath }: LifeOptions): Life {
  const { worker, memory } = thread;
  const heartbeat = heartbeatOver(memory);

  let isOver = false;
  let giveUp: NodeJS.Timeout | undefined;
  let onGone = () => {};
  const gone = new Promise<void>((resolve) => {
    onGone = resolve;
  });

  const end = () => {
    isOver = true;
    stopWatching();
    giveUp ??= setTimeout(onGone, GONE_DEADLINE_MS).unref();
    worker.terminate().catch(() => {});
  };
  const die = (reason: string, infoHash?: string) => {
    if (isOver) return;
    end();
    onDeath({ reason: oneLine(reason), infoHash });
  };
  const stopWatching = startWatchdog(heartbeat, {
    lookEveryMs,
    mostSilentLooks: MOST_SILENT_LOOKS,
    onSilence: () => die('it did not answer any more', heartbeat.atWork),
  });

  worker.on('message', (report: Report) => {
    if (isOver) return;
    if (report.type === 'crashed') die(report.reason, report.infoHash);
    else onReport(report);
  });
  worker.on('error', (error) => {
    const isOutOfMemory = systemCode(error) === 'ERR_WORKER_OUT_OF_MEMORY';
    if (isOutOfMemory) die('it ran out of memory', heartbeat.atWork);
    else die(error instanceof Error ? error.message : String(error));
  });
  worker.on('exit', (exitCode) => {
    die(`its thread ended with exit code ${exitCode}`);
    clearTimeout(giveUp);
    onGone();
  });

  return {
    post: (command) => {
      if (!isOver) worker.postMessage(command);
    },
    end,
    gone,
  };
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' | ').slice(0, LONGEST_REASON_CHARACTERS);
}
