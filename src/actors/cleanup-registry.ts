// What a job has taken and must give back. A machine that throws leaves its actors as they are, neither stopped nor
// cleaned up; whoever removes it cleans up after it.

export interface CleanupRegistry {
  /** `cleanUp` is called if the job's machine dies of a bug. Returns how to say that it need not be. */
  add(jobId: number, cleanUp: () => void): () => void;
  /** The job's machine has died. */
  cleanUp(jobId: number): void;
  /** Work that goes on for a moment when it is cancelled, to remove what it has begun. */
  track(work: Promise<unknown>): void;
  /** Resolves when no tracked work is left. */
  settled(): Promise<void>;
}

export function createCleanupRegistry(): CleanupRegistry {
  const byJob = new Map<number, readonly (() => void)[]>();
  const tracked = new Set<Promise<unknown>>();
  return {
    add(jobId, cleanUp) {
      const others = byJob.get(jobId);
      byJob.set(jobId, others ? [...others, cleanUp] : [cleanUp]);
      return () => {
        const left = byJob.get(jobId)?.filter((other) => other !== cleanUp) ?? [];
        if (left.length > 0) byJob.set(jobId, left);
        else byJob.delete(jobId);
      };
    },
    cleanUp(jobId) {
      for (const cleanUp of byJob.get(jobId) ?? []) cleanUp();
      byJob.delete(jobId);
    },
    track(work) {
      const ended = () => tracked.delete(work);
      tracked.add(work);
      work.then(ended, ended);
    },
    async settled() {
      await Promise.allSettled(tracked);
    },
  };
}
