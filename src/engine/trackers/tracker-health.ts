// What all torrents of an engine know of one tracker together: whether it answers, when it may be asked again, and
// which announce is next. A thousand torrents of a tracker that is down ask it no oftener than one would.
import type { HelperError } from '../../errors.js';
import { announceLimits } from '../../limits.js';
import { bindToTorrent } from '../torrent-context.js';
import { type Random, retryDelayMs } from './schedule/back-off.js';

const maxAnnouncesAtOnce = 8;

/** Permission to make one announce. It is over with the first call; a later one does nothing. */
export interface AnnounceSlot {
  /** The tracker answered, be it with a refusal of this one torrent. */
  answered(): void;
  /**
   * It did not. True if that is the tracker's doing; false where it has answered others since this slot was given, so
   * that something about this torrent must be the reason.
   */
  failed(error: HelperError, longestDelayMs: number): boolean;
  /** The announce was given up, which says nothing of the tracker. */
  release(): void;
}

export interface SlotRequest {
  /** How long to wait in the queue. */
  readonly maxWaitMs: number;
  readonly signal: AbortSignal;
  /** Before all that wait, and though the tracker is known to be down: the announce that says good-bye. */
  readonly isUrgent?: boolean;
}

interface QueuedRequest {
  readonly isUrgent: boolean;
  settle(slot: AnnounceSlot | undefined): void;
}

export class TrackerHealth {
  readonly #random: Random;
  #failures = 0;
  #retryAtMs = 0;
  #lastError: HelperError | undefined;
  /** Counted for ever, so that a slot can tell what happened since it was given. */
  #totalAnswers = 0;
  #totalFailures = 0;
  #underWay = 0;
  readonly #queue: QueuedRequest[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #warnings = new Set<string>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** Nobody asks, waits or watches. */
  get isIdle(): boolean {
    return this.#underWay === 0 && this.#queue.length === 0 && this.#watchers.size === 0;
  }

  /** Why it is not asked now; undefined while it works. */
  get lastError(): HelperError | undefined {
    return this.#lastError;
  }

  /** The first moment at which anyone may ask; Infinity while someone finds out, of which the watchers are told. */
  get retryAtMs(): number {
    if (this.#failures === 0) return 0;
    return this.#underWay > 0 ? Number.POSITIVE_INFINITY : this.#retryAtMs;
  }

  /** Whether it has not said so before, to any torrent, and has not said too much. */
  isNews(warning: string): boolean {
    if (this.#warnings.size >= announceLimits.warningsPerTracker) return false;
    const { size } = this.#warnings;
    return this.#warnings.add(warning).size > size;
  }

  /** Calls `watcher` whenever a tracker that is down has been tried, until the returned function is called. */
  watch(watcher: () => void): () => void {
    const told = bindToTorrent(watcher);
    this.#watchers.add(told);
    return () => this.#watchers.delete(told);
  }

  /** A slot as soon as one is free; undefined if the wait ends before, or the tracker is down. */
  acquireSlot({
    maxWaitMs,
    signal,
    isUrgent = false,
  }: SlotRequest): Promise<AnnounceSlot | undefined> {
    return new Promise((resolve) => {
      if (signal.aborted || !(isUrgent || this.retryAtMs <= performance.now())) {
        resolve(undefined);
        return;
      }
      if (this.#underWay < maxAnnouncesAtOnce) {
        resolve(this.#createSlot());
        return;
      }
      const giveUp = () => queued.settle(undefined);
      const timer = Number.isFinite(maxWaitMs) ? setTimeout(giveUp, maxWaitMs) : undefined;
      timer?.unref();
      signal.addEventListener('abort', giveUp);
      const queued: QueuedRequest = {
        isUrgent,
        settle: (slot) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
          const index = this.#queue.indexOf(queued);
          if (index !== -1) this.#queue.splice(index, 1);
          resolve(slot);
        },
      };
      if (isUrgent) this.#queue.unshift(queued);
      else this.#queue.push(queued);
    });
  }

  #createSlot(): AnnounceSlot {
    const [answersBefore, failuresBefore] = [this.#totalAnswers, this.#totalFailures];
    let isOver = false;
    this.#underWay += 1;
    const end = (record?: () => void) => {
      if (isOver) return;
      isOver = true;
      this.#underWay -= 1;
      const wasDown = this.#failures > 0;
      record?.();
      this.#serveQueue();
      if (wasDown || this.#failures > 0) for (const tell of [...this.#watchers]) tell();
    };
    return {
      release: () => end(),
      answered: () =>
        end(() => {
          this.#totalAnswers += 1;
          this.#failures = 0;
          this.#lastError = undefined;
        }),
      failed: (error, longestDelayMs) => {
        const isItsDoing = this.#totalAnswers === answersBefore;
        end(() => {
          // Of several that failed together the first has said it.
          if (!isItsDoing || this.#totalFailures !== failuresBefore) return;
          this.#totalFailures += 1;
          this.#failures += 1;
          this.#lastError = error;
          const delayMs = retryDelayMs(this.#failures, this.#random, longestDelayMs);
          this.#retryAtMs = performance.now() + delayMs;
        });
        return isItsDoing;
      },
    };
  }

  /** While it is down only the urgent stay in the queue. */
  #serveQueue(): void {
    if (this.#failures > 0) {
      for (const queued of this.#queue.filter(({ isUrgent }) => !isUrgent)) {
        queued.settle(undefined);
      }
    }
    while (this.#underWay < maxAnnouncesAtOnce) {
      const [next] = this.#queue;
      if (next === undefined) return;
      next.settle(this.#createSlot());
    }
  }
}
