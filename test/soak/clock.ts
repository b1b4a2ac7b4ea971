// How much of the soak is over; it stands still while everything rests.
import { pause } from './waiting.js';

export interface Clock {
  /** From 0, the beginning, to 1, the end. */
  readonly progress: () => number;
  hold(): void;
  goOn(): void;
  until(progress: number, over: AbortSignal): Promise<void>;
}

export function startClock(lengthMs: number): Clock {
  let passedMs = 0;
  let sinceMs: number | undefined = performance.now();
  const progress = () =>
    (passedMs + (sinceMs === undefined ? 0 : performance.now() - sinceMs)) / lengthMs;
  return {
    progress,
    hold() {
      passedMs = progress() * lengthMs;
      sinceMs = undefined;
    },
    goOn() {
      sinceMs = performance.now();
    },
    async until(wanted, over) {
      while (progress() < wanted && !over.aborted) await pause(200, over);
    },
  };
}
