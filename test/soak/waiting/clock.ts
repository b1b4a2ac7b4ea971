// How much of the soak is over; it is stopped while everything rests.
import { pause } from './waiting.js';

export interface Clock {
  /** From 0, the beginning, to 1, the end. */
  readonly progress: () => number;
  stop(): void;
  start(): void;
  until(progress: number, over: AbortSignal): Promise<void>;
}

export function startClock(lengthMs: number): Clock {
  let passedMs = 0;
  let sinceMs: number | undefined = performance.now();
  const progress = () =>
    (passedMs + (sinceMs === undefined ? 0 : performance.now() - sinceMs)) / lengthMs;
  return {
    progress,
    stop() {
      passedMs = progress() * lengthMs;
      sinceMs = undefined;
    },
    start() {
      sinceMs = performance.now();
    },
    async until(wanted, over) {
      while (progress() < wanted && !over.aborted) await pause(200, over);
    },
  };
}
