// Waiting with an end to it: for time to pass, for something to become so.
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../support/random.js';

/** Resolves early, and never rejects, when the soak is over. */
export async function pause(ms: number, over: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: over }).catch(() => {});
}

/** Between half and one and a half times `meanMs`. */
export function about(meanMs: number, random: Random): number {
  return meanMs / 2 + random.below(Math.ceil(meanMs));
}

/** Those who wait for something look again whenever it rings; they stop waiting when the soak is over. */
export interface Bell {
  ring(): void;
  /** Whether it became so in time. Rejects as `isSo` throws, and when the soak is over. */
  until(isSo: () => boolean, deadlineMs: number): Promise<boolean>;
}

export function createBell(over: AbortSignal): Bell {
  const looks = new Set<() => void>();
  const ring = () => {
    for (const look of looks) look();
  };
  over.addEventListener('abort', ring);
  return {
    ring,
    until: (isSo, deadlineMs) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => settle(() => resolve(false)), deadlineMs);
        const settle = (say: () => void) => {
          clearTimeout(timer);
          looks.delete(look);
          say();
        };
        const look = () => {
          try {
            over.throwIfAborted();
            if (isSo()) settle(() => resolve(true));
          } catch (error) {
            settle(() => reject(error));
          }
        };
        looks.add(look);
        look();
      }),
  };
}
