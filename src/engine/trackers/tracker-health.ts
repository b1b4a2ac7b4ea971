// What all torrents of an engine know of one tracker together: whether it answers, when it may be asked again, and
// who is next in line. A thousand torrents of a tracker that is down ask it no oftener than one would.
import type { HelperError } from '../../errors.js';
import { keepWork } from '../torrent-context.js';
import { type Random, retryDelayMs } from './back-off.js';

const announcesAtOnce = 8;

/** A place among the announces under way. Exactly one verdict; `end` after it does nothing. */
export interface Turn {
  /** The tracker answered, be it with a refusal of this one torrent. */
  answered(): void;
  /**
   * It did not. True if that is the tracker's doing; false where it has answered others since this turn began, so that
   * something about this torrent must be the reason.
   */
  failed(trouble: HelperError, longestDelayMs: number): boolean;
  /** No verdict: the announce was given up. */
  end(): void;
}

export interface Entrance {
  /** How long to wait in line. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
  /** Goes to the head of the line, and in although the tracker is known to be down: a last word. */
  readonly isUrgent?: boolean;
}

interface Waiting {
  readonly isUrgent: boolean;
  go(turn: Turn | undefined): void;
}

export class TrackerHealth {
  readonly #random: Random;
  #failures = 0;
  #retryAtMs = 0;
  #trouble: HelperError | undefined;
  /** Counted for ever, so that a turn can tell what happened since it began. */
  #answers = 0;
  #setbacks = 0;
  #underWay = 0;
  readonly #line: Waiting[] = [];
  readonly #watchers = new Set<() => void>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** Nobody asks, waits or watches. */
  get isIdle(): boolean {
    return this.#underWay === 0 && this.#line.length === 0 && this.#watchers.size === 0;
  }

  /** Why it is not asked now; undefined while it works. */
  get trouble(): HelperError | undefined {
    return this.#trouble;
  }

  /** The first moment at which anyone may ask; Infinity while someone finds out, of which the watchers are told. */
  get nextTurnAtMs(): number {
    if (this.#failures === 0) return 0;
    return this.#underWay > 0 ? Number.POSITIVE_INFINITY : this.#retryAtMs;
  }

  /** Calls `watcher` whenever a tracker that is down has been tried, until the returned function is called. */
  watch(watcher: () => void): () => void {
    const told = keepWork(watcher);
    this.#watchers.add(told);
    return () => this.#watchers.delete(told);
  }

  /** A turn as soon as there is room; undefined when patience or the signal ends the wait, or the tracker is down. */
  enter({ patienceMs, signal, isUrgent = false }: Entrance): Promise<Turn | undefined> {
    return new Promise((resolve) => {
      if (signal.aborted || !(isUrgent || this.nextTurnAtMs <= performance.now())) {
        resolve(undefined);
        return;
      }
      if (this.#underWay < announcesAtOnce) {
        resolve(this.#begin());
        return;
      }
      const giveUp = () => waiting.go(undefined);
      const timer = Number.isFinite(patienceMs) ? setTimeout(giveUp, patienceMs) : undefined;
      timer?.unref();
      signal.addEventListener('abort', giveUp);
      const waiting: Waiting = {
        isUrgent,
        go: (turn) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
          const place = this.#line.indexOf(waiting);
          if (place !== -1) this.#line.splice(place, 1);
          resolve(turn);
        },
      };
      if (isUrgent) this.#line.unshift(waiting);
      else this.#line.push(waiting);
    });
  }

  #begin(): Turn {
    const [answersBefore, setbacksBefore] = [this.#answers, this.#setbacks];
    let isOver = false;
    this.#underWay += 1;
    const end = (verdict?: () => void) => {
      if (isOver) return;
      isOver = true;
      this.#underWay -= 1;
      const wasDown = this.#failures > 0;
      verdict?.();
      this.#letIn();
      if (wasDown || this.#failures > 0) for (const tell of [...this.#watchers]) tell();
    };
    return {
      end: () => end(),
      answered: () =>
        end(() => {
          this.#answers += 1;
          this.#failures = 0;
          this.#trouble = undefined;
        }),
      failed: (trouble, longestDelayMs) => {
        const isItsDoing = this.#answers === answersBefore;
        end(() => {
          // Of several that failed together the first has said it.
          if (!isItsDoing || this.#setbacks !== setbacksBefore) return;
          this.#setbacks += 1;
          this.#failures += 1;
          this.#trouble = trouble;
          const delayMs = retryDelayMs(this.#failures, this.#random, longestDelayMs);
          this.#retryAtMs = performance.now() + delayMs;
        });
        return isItsDoing;
      },
    };
  }

  /** While it is down only the urgent stay in line. */
  #letIn(): void {
    if (this.#failures > 0) {
      for (const waiting of this.#line.filter(({ isUrgent }) => !isUrgent)) waiting.go(undefined);
    }
    while (this.#underWay < announcesAtOnce) {
      const [next] = this.#line;
      if (next === undefined) return;
      next.go(this.#begin());
    }
  }
}
