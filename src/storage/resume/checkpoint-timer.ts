// When a download's progress is put on record: some time after there was any, never twice at once, and the less often
// the longer it takes.

const everyMs = 10_000;
/** The disk is left alone for so many times as long as the last checkpoint took. */
const restFactor = 5;

export interface CheckpointTimer {
  /** There is progress. */
  progressed(): void;
  stop(): void;
}

/** A `checkpoint` that rejects is the last, and `onFailure` hears why. */
export function createCheckpointTimer(
  checkpoint: () => Promise<void>,
  onFailure: (thrown: unknown) => void,
): CheckpointTimer {
  let timer: NodeJS.Timeout | undefined;
  let state: 'idle' | 'due' | 'running' | 'stopped' = 'idle';
  let hasProgress = false;
  let tookMs = 0;

  function begin() {
    state = 'due';
    timer = setTimeout(() => void run(), Math.max(everyMs, restFactor * tookMs)).unref();
  }

  async function run() {
    state = 'running';
    hasProgress = false;
    const startedMs = performance.now();
    try {
      await checkpoint();
      tookMs = performance.now() - startedMs;
      if (!isStopped()) state = 'idle';
      if (hasProgress && !isStopped()) begin();
    } catch (thrown) {
      if (!isStopped()) onFailure(thrown);
      state = 'stopped';
    }
  }

  const isStopped = () => state === 'stopped';

  return {
    progressed() {
      hasProgress = true;
      if (state === 'idle') begin();
    },
    stop() {
      state = 'stopped';
      clearTimeout(timer);
    },
  };
}
