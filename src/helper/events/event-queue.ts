// Values on their way to one reader, in order and without a gap. One who lets too many wait is told so, and hears no more.
import { HelperError } from '../../errors.js';
import { eventLimits } from '../../limits.js';

export interface EventQueue<T> extends AsyncIterable<T> {
  push(value: T): void;
  /** What waits is still read, then the reader is done. */
  close(): void;
}

export interface EventQueueOptions {
  /** Ends the reading at once when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** The reader is done. */
  readonly onDone: () => void;
  readonly maxWaiting?: number;
}

/** For one reader. It hears what is pushed from now on, even before it begins to read. */
export function createEventQueue<T>({
  signal,
  onDone,
  maxWaiting = eventLimits.waiting,
}: EventQueueOptions): EventQueue<T> {
  let waiting: T[] = [];
  let lost: HelperError | undefined;
  let isClosed = false;
  let wake = () => {};

  const close = () => {
    isClosed = true;
    wake();
  };
  const drop = () => {
    waiting = [];
    close();
    onDone();
  };
  const abort = () => {
    lost = undefined;
    drop();
  };
  // A moment later, when the caller has the queue in hand.
  if (signal?.aborted) queueMicrotask(abort);
  signal?.addEventListener('abort', abort, { once: true });

  return {
    push(value) {
      if (isClosed) return;
      if (waiting.length >= maxWaiting) {
        lost = eventsLost(maxWaiting);
        drop();
        return;
      }
      waiting.push(value);
      wake();
    },
    close,
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          const batch = waiting;
          waiting = [];
          for (const value of batch) {
            if (signal?.aborted || lost) break;
            yield value;
          }
          if (lost) throw lost;
          if (waiting.length > 0) continue;
          if (isClosed) return;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      } finally {
        signal?.removeEventListener('abort', abort);
        abort();
      }
    },
  };
}

function eventsLost(waiting: number): HelperError {
  return new HelperError(
    'EVENTS_LOST',
    `${waiting} events were waiting to be read, so they are dropped, and no more are kept; read on without a pause, and ask for the jobs anew`,
  );
}
