// Changes on their way to one reader, who may be slow. Of lines a job has at most four waiting: its first (-1), its newest
// percent, its last (100 or -2), and a repeat; of states each but once. Older ones give way to newer ones.
import type { Change } from '../../../machines/types.js';

export interface ChangeQueue extends AsyncIterable<Change> {
  push(change: Change): void;
  /** What waits is still read, then the reader is done. */
  close(): void;
  /** For a reader to whom many at once are no dearer than one: all that waits, up to some hundreds. In place of reading one by one. */
  batches(): AsyncIterable<readonly Change[]>;
}

export interface ChangeQueueOptions {
  /** Ends the reading at once when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Others are passed over. */
  readonly isWanted?: (change: Change) => boolean;
  /** Nothing is read after such a change. */
  readonly isLast?: (change: Change) => boolean;
  /** The reader is done. */
  readonly onDone: () => void;
}

const mostInBatch = 256;

/** For one reader. It hears what is pushed from now on, even before it begins to read. */
export function createChangeQueue({
  signal,
  isWanted = () => true,
  isLast = () => false,
  onDone,
}: ChangeQueueOptions): ChangeQueue {
  const waiting = new Map<string, Change>();
  let isClosed = signal?.aborted ?? false;
  let wake = () => {};

  const close = () => {
    isClosed = true;
    wake();
  };
  const abort = () => {
    waiting.clear();
    close();
    onDone();
  };
  const toWake = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const leave = () => {
    signal?.removeEventListener('abort', abort);
    abort();
  };
  // A moment later, when the caller has the queue in hand.
  if (signal?.aborted) queueMicrotask(abort);
  signal?.addEventListener('abort', abort, { once: true });

  return {
    push(change) {
      if (isClosed || !isWanted(change)) return;
      const slot = slotOf(change);
      // Deleted first: the newer one belongs at the end, where it came.
      waiting.delete(slot);
      waiting.set(slot, change);
      wake();
    },
    close,
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          for (const [slot, change] of waiting) {
            waiting.delete(slot);
            yield change;
            if (isLast(change)) return;
          }
          if (waiting.size > 0) continue;
          if (isClosed) return;
          await toWake();
        }
      } finally {
        leave();
      }
    },
    async *batches() {
      try {
        for (;;) {
          const batch: Change[] = [];
          for (const [slot, change] of waiting) {
            waiting.delete(slot);
            batch.push(change);
            if (batch.length === mostInBatch) break;
          }
          if (batch.length > 0) yield batch;
          else if (isClosed) return;
          else await toWake();
        }
      } finally {
        leave();
      }
    },
  };
}

/** What a newer change may stand in for. */
function slotOf(change: Change): string {
  const { id } = change;
  if (change.type === 'state') return `${id} ${change.state}`;
  if (change.repeated) return `${id} repeated`;
  const { percent } = change;
  const mayBeSkipped = percent >= 0 && percent < 100;
  return mayBeSkipped ? `${id} underway` : `${id} ${percent}`;
}
