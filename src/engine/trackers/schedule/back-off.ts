// How long to wait before the next announce: pure arithmetic, no clock, no timer.

const second = 1000;
const minute = 60 * second;

const longestDelayMs = 5 * minute;
/** One of ours that was restarted remembers nothing: it is told again within half a minute. */
const longestDelayToOursMs = 20 * second;

/** `random` is as Math.random: at least 0, below 1. */
export type Random = () => number;

/**
 * The wait after so many failures in a row (1, 2, …): 1, 2, 4 … 300 s, less up to a quarter, lest a thousand torrents
 * all come back to a restarted tracker in the same moment.
 */
export function retryDelayMs(failures: number, random: Random, longestMs = longestDelayMs): number {
  return Math.min(doubling(second, failures - 1), longestMs) * (1 - random() / 4);
}

/**
 * The longest of those waits: a tracker of ours, and one that is known to want announces oftener than every five
 * minutes, is not to miss one for long.
 */
export function longestRetryDelayMs(isOurs: boolean, intervalMs?: number): number {
  return isOurs ? longestDelayToOursMs : Math.min(longestDelayMs, intervalMs ?? longestDelayMs);
}

/** An interval, longer by up to a twentieth, lest torrents that began together stay together for ever. */
export function spreadInterval(intervalMs: number, random: Random): number {
  return intervalMs * (1 + random() / 20);
}

/**
 * How long after an accepted announce a torrent without peers may ask again: 15, 30, 60 … 300 s, the more often it has
 * asked in a row, and never sooner than the tracker allows.
 */
export function askAgainDelayMs(timesInARow: number, minIntervalMs = 0): number {
  return Math.max(doubling(15 * second, timesInARow), minIntervalMs);
}

function doubling(firstMs: number, times: number): number {
  return Math.min(firstMs * 2 ** times, longestDelayMs);
}

/** What many do one after the other, each at a moment of its own, however many there are. */
export class Pace {
  readonly #everyMs: number;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor({ everyMs }: { readonly everyMs: number }) {
    this.#everyMs = everyMs;
  }

  /** The next moment that nobody has yet, no sooner than `earliestMs`. */
  next(earliestMs: number): number {
    this.#lastMs = Math.max(earliestMs, this.#lastMs + this.#everyMs);
    return this.#lastMs;
  }
}
