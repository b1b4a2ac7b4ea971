// Brings the disk up to date in the background: what changed is marked, and written as it is when its turn comes, so that
// many changes are written once. Nothing here rejects; an error is told once, and what failed is tried again.

export interface WriteBehindOptions<Key> {
  /** So many keys are written at once, and never one key twice. */
  readonly writesAtOnce: number;
  /** Where at least so many wait, so many: a thread takes them by the batch then. Left out: no more than ever. */
  readonly manyAtOnce?: number;
  /** After a failure nothing is written for so long. */
  readonly retryMs: number;
  /** Makes the disk say what is true of `key` now. */
  readonly write: (key: Key) => Promise<void>;
  /** The first failure since everything had been written. */
  readonly onError: (error: unknown) => void;
}

export interface WriteBehind<Key> {
  /** The keys that wait or are being written. */
  unwritten(): readonly Key[];
  /** Something changed about `key`. */
  mark(key: Key): void;
  /** Resolves when all that was marked until now is written: true; or, of some of it, cannot be or was not: false. */
  settled(): Promise<boolean>;
  /** Tries all that waits at once, each once; resolves with whether all was written. For the end: nothing follows. */
  flush(): Promise<boolean>;
  /** Begins nothing more; resolves when what is under way is over. */
  stop(): Promise<void>;
}

/** Somebody who waits until all of `keys` are written. */
interface Waiter<Key> {
  readonly keys: Set<Key>;
  readonly resolve: (isWritten: boolean) => void;
}

export function createWriteBehind<Key extends string | number>({
  writesAtOnce,
  manyAtOnce = writesAtOnce,
  retryMs,
  write,
  onError,
}: WriteBehindOptions<Key>): WriteBehind<Key> {
  const waiting = new Set<Key>();
  const writing = new Set<Key>();
  const waiters = new Set<Waiter<Key>>();
  let whenIdle: (() => void)[] = [];
  let isScheduled = false;
  let hasTold = false;
  let isFlushing = false;
  let hasFailed = false;
  let isStopped = false;
  let pause: NodeJS.Timeout | undefined;

  const take = (): Key | undefined => {
    // At the end few again: what is under way when the time is over is waited for.
    const isMany = waiting.size >= manyAtOnce && !isFlushing;
    const atOnce = isMany ? manyAtOnce : writesAtOnce;
    if (isStopped || pause !== undefined || writing.size >= atOnce) return undefined;
    for (const key of waiting) {
      if (writing.has(key)) continue;
      waiting.delete(key);
      return key;
    }
    return undefined;
  };

  const pump = () => {
    for (let key = take(); key !== undefined; key = take()) void run(key);
    if (writing.size > 0 || (waiting.size > 0 && !isStopped)) return;
    hasTold = false;
    for (const resolve of whenIdle) resolve();
    whenIdle = [];
    for (const waiter of waiters) tell(waiter, waiter.keys.size === 0);
  };

  const run = async (key: Key) => {
    writing.add(key);
    try {
      await write(key);
      // What was marked again since is not written yet.
      if (!waiting.has(key)) markWritten(key);
    } catch (error) {
      fail(key, error);
    }
    writing.delete(key);
    pump();
  };

  const markWritten = (key: Key) => {
    for (const waiter of waiters) {
      waiter.keys.delete(key);
      if (waiter.keys.size === 0) tell(waiter, true);
    }
  };

  const tell = (waiter: Waiter<Key>, isWritten: boolean) => {
    waiters.delete(waiter);
    waiter.resolve(isWritten);
  };

  const fail = (key: Key, error: unknown) => {
    if (isFlushing) {
      hasFailed = true;
    } else {
      // To the end of the queue: a key that can never be written must not keep the others from it.
      waiting.add(key);
      pause ??= setTimeout(goOn, retryMs).unref();
    }
    for (const waiter of waiters) if (waiter.keys.has(key)) tell(waiter, false);
    if (hasTold) return;
    hasTold = true;
    onError(error);
  };

  const goOn = () => {
    clearTimeout(pause);
    pause = undefined;
    pump();
  };

  const unwritten = () => [...new Set([...writing, ...waiting])];

  const idle = () =>
    new Promise<void>((resolve) => {
      whenIdle.push(resolve);
      pump();
    });

  return {
    unwritten,
    settled: () =>
      new Promise((resolve) => {
        const keys = new Set(unwritten());
        if (keys.size === 0 || isStopped) resolve(keys.size === 0);
        else waiters.add({ keys, resolve });
      }),
    mark(key) {
      waiting.add(key);
      if (isScheduled) return;
      isScheduled = true;
      setImmediate(() => {
        isScheduled = false;
        pump();
      });
    },
    async flush() {
      isFlushing = true;
      goOn();
      await idle();
      return waiting.size === 0 && !hasFailed;
    },
    stop() {
      isStopped = true;
      return idle();
    },
  };
}
