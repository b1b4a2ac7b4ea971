// What all torrents of an engine know of one tracker together: whether it answers, when it may be asked again, and
// which announce is next. A thousand torrents of a tracker that is down ask it no oftener than one would.
import { Alarm, type AlarmClock } from '../../async/alarm-clock.js';
import type { HelperError } from '../../errors.js';
import { announceLimits } from '../../limits.js';
import { type Random, retryDelayMs } from './schedule/back-off.js';
import { SlotQueue } from './schedule/slot-queue.js';

/** Each is a connection, but to our own tracker, which needs none. */
const announcesAtOnce = { ours: 64, others: 8 } as const;
const dismissedPerTurn = 64;
/** In a queue that moves, where there is another tracker to be asked. */
const longestWaitMs = 60_000;

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
  /** How long to wait in the queue since the tracker was heard last, or since it came to be waited for. */
  readonly maxWaitMs: number;
  /** Asked when its turn comes: who is not to announce any more is passed over. */
  readonly isWanted: () => boolean;
  /** Before all others that wait, and though the tracker is known to be down: the announce that says good-bye. */
  readonly isUrgent?: boolean;
}

interface QueuedRequest extends Pick<SlotRequest, 'isWanted'> {
  readonly alarm: Alarm | undefined;
  readonly resolve: (slot: AnnounceSlot | undefined) => void;
  isOver: boolean;
}

export class TrackerHealth {
  readonly #random: Random;
  readonly #clock: AlarmClock;
  readonly #announcesAtOnce: number;
  #failures = 0;
  #retryAtMs = 0;
  #failedAtMs = 0;
  #lastError: HelperError | undefined;
  /** Counted for ever, so that a slot can tell what happened since it was given. */
  #totalAnswers = 0;
  #totalFailures = 0;
  #answeredAtMs = 0;
  #underWay = 0;
  readonly #urgent = new SlotQueue<QueuedRequest>();
  readonly #queue = new SlotQueue<QueuedRequest>();
  readonly #nextDismissal = new Alarm(() => this.#dismiss());
  readonly #watchers = new Set<() => void>();
  readonly #warnings = new Set<string>();

  constructor(random: Random, clock: AlarmClock, whose: keyof typeof announcesAtOnce) {
    this.#random = random;
    this.#clock = clock;
    this.#announcesAtOnce = announcesAtOnce[whose];
  }

  /** Nobody asks, waits or watches. */
  get isIdle(): boolean {
    const waiting = this.#urgent.size + this.#queue.size;
    return this.#underWay + waiting + this.#watchers.size === 0;
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

  /** Somebody wants to know: it may be asked so long after it has failed last, if not sooner. */
  retryWithin(delayMs: number): void {
    this.#retryAtMs = Math.min(this.#retryAtMs, this.#failedAtMs + delayMs);
  }

  /** Whether it has not said so before, to any torrent, and has not said too much. */
  isNews(warning: string): boolean {
    if (this.#warnings.size >= announceLimits.warningsPerTracker) return false;
    const { size } = this.#warnings;
    return this.#warnings.add(warning).size > size;
  }

  /** Calls `watcher` whenever a tracker that is down has been tried, until the returned function is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** A slot as soon as one is free; undefined if the wait ends before, or the tracker is down. */
  acquireSlot(request: SlotRequest): Promise<AnnounceSlot | undefined> {
    const { isUrgent = false, isWanted, maxWaitMs } = request;
    return new Promise((resolve) => {
      if (!(isUrgent || this.retryAtMs <= performance.now())) return resolve(undefined);
      if (this.#underWay < this.#announcesAtOnce) return resolve(this.#createSlot());
      const untilMs = performance.now() + longestWaitMs;
      const ring = () => {
        // A queue that moves is worth waiting in: the next tracker would have it, too.
        const againAtMs = isUrgent ? 0 : Math.min(this.#answeredAtMs + maxWaitMs, untilMs);
        if (againAtMs <= performance.now()) this.#settle(queued, undefined);
        else if (alarm !== undefined) this.#clock.set(alarm, againAtMs);
      };
      const alarm = Number.isFinite(maxWaitMs) ? new Alarm(ring) : undefined;
      const queued: QueuedRequest = { isWanted, alarm, resolve, isOver: false };
      if (alarm !== undefined) this.#clock.set(alarm, performance.now() + maxWaitMs);
      (isUrgent ? this.#urgent : this.#queue).add(queued);
    });
  }

  #settle(queued: QueuedRequest, slot: AnnounceSlot | undefined): void {
    queued.isOver = true;
    if (queued.alarm !== undefined) this.#clock.clear(queued.alarm);
    queued.resolve(slot);
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
          this.#answeredAtMs = performance.now();
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
          this.#failedAtMs = performance.now();
          this.#retryAtMs = this.#failedAtMs + delayMs;
        });
        return isItsDoing;
      },
    };
  }

  /** While it is down only the urgent stay in the queue. */
  #serveQueue(): void {
    if (this.#failures > 0) this.#clock.set(this.#nextDismissal, performance.now());
    while (this.#underWay < this.#announcesAtOnce) {
      const isDown = this.#failures > 0;
      const next = this.#urgent.take() ?? (isDown ? undefined : this.#queue.take());
      if (next === undefined) return;
      this.#settle(next, next.isWanted() ? this.#createSlot() : undefined);
    }
  }

  /** Thousands may wait: a few a turn go on to another tracker. */
  #dismiss(): void {
    if (this.#failures === 0) return;
    for (let count = 0; count < dismissedPerTurn; count += 1) {
      const next = this.#queue.take();
      if (next === undefined) return;
      this.#settle(next, undefined);
    }
    this.#clock.set(this.#nextDismissal, performance.now());
  }
}
