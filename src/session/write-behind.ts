// Brings the disk up to date in the background: what changed is marked, and written as it is when its turn comes, so that
// many changes are written once. Nothing here rejects; trouble is told once, and what failed is tried again.

export interface WriteBehindOptions<Key> {
  /** So many keys are written at once, and never one key twice. */
  readonly lanes: number;
  /** After a failure nothing is written for so long. */
  readonly retryMs: number;
  /** Makes the disk say what is true of `key` now. */
  readonly write: (key: Key) => Promise<void>;
  /** The first failure since everything had been written. */
  readonly onTrouble: (error: unknown) => void;
}

export interface WriteBehind<Key> {
  /** How many keys wait. */
  readonly waiting: number;
  /** Something changed about `key`. */
  mark(key: Key): void;
  /** Tries all that waits at once, each once. For the end: what fails now is not tried again. */
  flush(): Promise<void>;
  /** Begins nothing more; resolves when what is under way is over. */
  stop(): Promise<void>;
}

export function createWriteBehind<Key extends string | number>({
  lanes,
  retryMs,
  write,
  onTrouble,
}: WriteBehindOptions<Key>): WriteBehind<Key> {
  const waiting = new Set<Key>();
  const writing = new Set<Key>();
  let whenIdle: (() => void)[] = [];
  let isScheduled = false;
  let isTroubled = false;
  let isFlushing = false;
  let isStopped = false;
  let pause: NodeJS.Timeout | undefined;

  const take = (): Key | undefined => {
    if (isStopped || pause !== undefined || writing.size === lanes) return undefined;
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
    isTroubled = false;
    for (const resolve of whenIdle) resolve();
    whenIdle = [];
  };

  const run = async (key: Key) => {
    writing.add(key);
    try {
      await write(key);
    } catch (error) {
      fail(key, error);
    }
    writing.delete(key);
    pump();
  };

  const fail = (key: Key, error: unknown) => {
    if (!isFlushing) {
      // To the end of the queue: a key that can never be written must not keep the others from it.
      waiting.add(key);
      pause ??= setTimeout(goOn, retryMs).unref();
    }
    if (isTroubled) return;
    isTroubled = true;
    onTrouble(error);
  };

  const goOn = () => {
    clearTimeout(pause);
    pause = undefined;
    pump();
  };

  const idle = () =>
    new Promise<void>((resolve) => {
      whenIdle.push(resolve);
      pump();
    });

  return {
    get waiting() {
      return waiting.size;
    },
    mark(key) {
      waiting.add(key);
      if (isScheduled) return;
      isScheduled = true;
      setImmediate(() => {
        isScheduled = false;
        pump();
      });
    },
    flush() {
      isFlushing = true;
      goOn();
      return idle();
    },
    stop() {
      isStopped = true;
      return idle();
    },
  };
}
