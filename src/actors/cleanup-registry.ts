// What a job has taken and must give back. A machine that throws leaves its actors as they are, neither stopped nor
// cleaned up; whoever buries it ties up what it left.

export interface CleanupRegistry {
  /** `tieUp` is called if the job's machine dies of a bug. Returns how to say that it need not be. */
  leave(jobId: number, tieUp: () => void): () => void;
  /** The job's machine has died. */
  tieUp(jobId: number): void;
}

export function createCleanupRegistry(): CleanupRegistry {
  const byJob = new Map<number, Set<() => void>>();
  return {
    leave(jobId, tieUp) {
      const ends = byJob.get(jobId) ?? new Set();
      byJob.set(jobId, ends.add(tieUp));
      return () => {
        ends.delete(tieUp);
        if (ends.size === 0) byJob.delete(jobId);
      };
    },
    tieUp(jobId) {
      for (const tieUp of byJob.get(jobId) ?? []) tieUp();
      byJob.delete(jobId);
    },
  };
}
