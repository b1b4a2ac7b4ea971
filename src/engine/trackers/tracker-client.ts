// Keeps one torrent known to its trackers, and hears of peers from them: when to announce, to which tracker (BEP 12),
// and as what event (BEP 3). It speaks no protocol itself and knows nothing of peers but their addresses.
import { randomBytes } from 'node:crypto';
import { DeadlinePassed, withDeadline } from '../../async/with-deadline.js';
import { type HelperError, toHelperError } from '../../errors.js';
import type {
  AnnounceAnswer,
  AnnounceEvent,
  AnnounceRequest,
} from './announce/announce-request.js';
import { AnnounceRefused } from './announce/tracker-error.js';
import { isOurTracker } from './announce/tracker-route.js';
import type { AnnounceAgent } from './announce-agent.js';
import { AnnounceList } from './announce-list.js';
import { announceProtocol, announceToTracker, type SendAnnounce } from './announce-to-tracker.js';
import {
  askAgainDelayMs,
  longestRetryDelayMs,
  type Random,
  retryDelayMs,
  spreadInterval,
} from './back-off.js';
import type { AnnounceSlot, TrackerHealth } from './tracker-health.js';
import { shuffleTiers, type Tiers } from './tracker-tiers.js';
import { TrackerWarnings } from './tracker-warnings.js';

export interface TrackerClientOptions {
  /** 40 hex digits. */
  readonly infoHash: string;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  readonly port: number;
  /** The address peers are to use; left out, trackers take the one they see. */
  readonly ip?: string | undefined;
  /** Announce URLs by tier. Those of WebRTC trackers are passed over; with none left it does nothing. */
  readonly tiers: Tiers<string>;
  /** Asked before every announce, and once at the start. */
  readonly progress: () => AnnouncedProgress;
  /** Peers of one answer, `host:port`; may hold this peer itself. */
  readonly onPeers: (peers: readonly string[]) => void;
  /** A tracker accepted an announce; `trackerUrl` as it stands in `tiers`. */
  readonly onAccepted: (trackerUrl: string) => void;
  /** A tracker cannot be reached: said once until it can be again. */
  readonly onWarning: (warning: HelperError) => void;
  readonly agent: AnnounceAgent;
  /** For tests; the real ones when left out. */
  readonly announce?: SendAnnounce | undefined;
  readonly random?: Random | undefined;
}

export type AnnouncedProgress = Pick<
  AnnounceRequest,
  'uploadedBytes' | 'downloadedBytes' | 'leftBytes'
>;

export interface TrackerClient {
  /** The download is complete: says so once, unless it was so from the start. */
  completed(): void;
  /** There are no peers: announces again soon, less and less so the more often it is asked in a row. */
  wantPeers(): void;
  /**
   * Tells the trackers that know of this peer, or may, that it stops, for at most 2 s. Never rejects; calling it again
   * returns the same promise. No callback follows the call.
   */
  stop(): Promise<void>;
}

const numWant = 80;
const longTimeoutMs = 20_000;
/** For a tracker with another to ask after it: this long in all, and half of it in the queue. */
const shortTimeoutMs = 10_000;
const shortWaitMs = shortTimeoutMs / 2;
const stopTimeoutMs = 2000;

/** Starts announcing at once. Callbacks come later, never before this returns. */
export function startTrackerClient(options: TrackerClientOptions): TrackerClient {
  const client = new TorrentTrackerClient(options);
  client.start();
  return client;
}

/** Goes in rounds: a round asks the trackers in order until one accepts; then a timer waits for the next. */
class TorrentTrackerClient implements TrackerClient {
  readonly #options: TrackerClientOptions;
  readonly #announce: SendAnnounce;
  readonly #random: Random;
  readonly #key = randomBytes(4).toString('hex');
  readonly #announceList: AnnounceList;
  readonly #warnings: TrackerWarnings;
  readonly #stopped = new AbortController();
  #stopping: Promise<void> | undefined;

  #timer: NodeJS.Timeout | undefined;
  #nextRoundAtMs = 0;
  #inRound = false;
  /** So that the next round waits for a tracker to work again. */
  #lastRoundFailed = false;
  /** The interval each tracker asked for last. */
  readonly #intervalsMs = new Map<string, number>();
  #unwatch: readonly (() => void)[] = [];
  /** What the last round brought; undefined when it failed. */
  #accepted: { readonly atMs: number; readonly minIntervalMs: number } | undefined;
  /** It was not so from the start, and has not been said yet. */
  #canComplete: boolean;
  /** Whether the coming round was asked for, and how many before it were. */
  #wantsPeers = false;
  #wantedInARow = 0;

  constructor(options: TrackerClientOptions) {
    this.#options = options;
    this.#announce = options.announce ?? announceToTracker;
    this.#random = options.random ?? Math.random;
    this.#canComplete = options.progress().leftBytes !== 0;
    const isUsable = (url: string) => ['http', 'udp'].includes(announceProtocol(url));
    this.#announceList = new AnnounceList(shuffleTiers(options.tiers, isUsable, this.#random));
    this.#warnings = new TrackerWarnings((warning) => {
      if (!this.#isStopped) options.onWarning(warning);
    });
  }

  start(): void {
    if (!this.#announceList.isEmpty) this.#schedule(0);
    else queueMicrotask(() => this.#warnings.noneUsable(this.#options.tiers));
    const healths = new Set(this.#announceList.all.map((url) => this.#health(url)));
    this.#unwatch = [...healths].map((health) => health.watch(() => this.#reconsider()));
  }

  completed(): void {
    if (!this.#canComplete) return;
    this.#canComplete = false;
    this.#announceList.completed();
    // A round under way sees to it when it ends.
    if (!this.#inRound && !this.#isStopped && !this.#announceList.isEmpty) this.#schedule(0);
  }

  wantPeers(): void {
    // After a failed round the next one is on its way as it is.
    if (this.#inRound || this.#isStopped || this.#accepted === undefined) return;
    const { atMs, minIntervalMs } = this.#accepted;
    const nextAtMs = atMs + askAgainDelayMs(this.#wantedInARow, minIntervalMs);
    if (nextAtMs >= this.#nextRoundAtMs) return;
    this.#wantsPeers = true;
    this.#schedule(nextAtMs - performance.now());
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#timer);
    // Before the announces under way are given up, and no longer count as unanswered.
    const { informed } = this.#announceList;
    this.#stopped.abort();
    await Promise.allSettled(informed.map((url) => this.#announceStopped(url)));
    for (const unwatch of this.#unwatch) unwatch();
  }

  async #announceStopped(url: string): Promise<void> {
    const { agent } = this.#options;
    const limits = { timeoutMs: stopTimeoutMs };
    await withDeadline(limits, async (signal) => {
      const wait = { maxWaitMs: stopTimeoutMs, signal, isUrgent: true };
      const slot = await this.#health(url).acquireSlot(wait);
      if (slot === undefined) return;
      try {
        await this.#announce(url, this.#request('stopped'), { agent, signal, ...limits });
      } finally {
        slot.release();
      }
    });
  }

  get #isStopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  #health(url: string): TrackerHealth {
    return this.#options.agent.healthOf(url, this.#random);
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#nextRoundAtMs = performance.now() + delayMs;
    this.#timer = setTimeout(() => void this.#round(), delayMs);
    this.#timer.unref();
  }

  async #round(): Promise<void> {
    this.#inRound = true;
    this.#lastRoundFailed = false;
    this.#wantedInARow = this.#wantsPeers ? this.#wantedInARow + 1 : 0;
    this.#wantsPeers = false;
    const delayMs = await this.#askInOrder();
    this.#inRound = false;
    if (!this.#isStopped) this.#schedule(delayMs);
  }

  /** Asks one tracker after the other until one accepts. How long to wait for the next round. */
  async #askInOrder(): Promise<number> {
    const due = this.#announceList.due(performance.now());
    for (const url of due) {
      const answer = await this.#waitAndAsk(url, url === due.at(-1));
      if (this.#isStopped) return 0;
      if (answer === undefined) continue;
      const { intervalMs, minIntervalMs = 0 } = answer;
      this.#accepted = { atMs: performance.now(), minIntervalMs };
      const nextMs = spreadInterval(Math.max(intervalMs, minIntervalMs), this.#random);
      return this.#announceList.mustSayCompleted ? 0 : nextMs;
    }
    this.#accepted = undefined;
    this.#lastRoundFailed = true;
    return this.#untilRetryMs();
  }

  /** While another torrent finds out how a tracker is, `#reconsider` will be called. */
  #untilRetryMs(): number {
    const retriesAtMs = this.#announceList.all.map((url) =>
      Math.max(this.#announceList.retryAtMs(url), this.#health(url).retryAtMs),
    );
    const delayMs = Math.min(...retriesAtMs) - performance.now();
    return Math.min(Math.max(0, delayMs), longestRetryDelayMs(false));
  }

  #reconsider(): void {
    if (this.#lastRoundFailed && !this.#isStopped) this.#schedule(this.#untilRetryMs());
  }

  async #waitAndAsk(url: string, isLast: boolean): Promise<AnnounceAnswer | undefined> {
    const health = this.#health(url);
    const { signal } = this.#stopped;
    const waitMs = isLast ? Number.POSITIVE_INFINITY : shortWaitMs;
    const beganAtMs = performance.now();
    const slot = await health.acquireSlot({ maxWaitMs: waitMs, signal });
    if (slot === undefined) {
      if (health.lastError !== undefined) this.#warnings.failed(url, health.lastError);
      return undefined;
    }
    const leftMs = shortTimeoutMs - (performance.now() - beganAtMs);
    try {
      return await this.#ask(url, slot, isLast ? longTimeoutMs : leftMs);
    } finally {
      slot.release();
    }
  }

  async #ask(
    url: string,
    slot: AnnounceSlot,
    timeoutMs: number,
  ): Promise<AnnounceAnswer | undefined> {
    const { agent } = this.#options;
    const event = this.#announceList.nextEvent(url);
    const { signal } = this.#stopped;
    this.#announceList.asked(url);
    try {
      const answer = await this.#announce(url, this.#request(event), { agent, signal, timeoutMs });
      slot.answered();
      if (!this.#isStopped) this.#succeeded(url, event, answer);
      return answer;
    } catch (thrown) {
      if (!this.#isStopped) this.#failed(url, slot, toHelperError(thrown));
      return undefined;
    }
  }

  #request(event: AnnounceEvent | undefined): AnnounceRequest {
    const { infoHash, peerId, port, ip, progress } = this.#options;
    return {
      ...{ infoHash, peerId, port, ip, ...progress() },
      ...{ event, key: this.#key, numWant: event === 'stopped' ? 0 : numWant },
    };
  }

  #succeeded(url: string, event: AnnounceEvent | undefined, answer: AnnounceAnswer): void {
    this.#announceList.succeeded(url, event);
    this.#warnings.succeeded(url);
    this.#intervalsMs.set(url, answer.intervalMs);
    this.#options.onAccepted(url);
    if (!this.#isStopped && answer.peers.length > 0) this.#options.onPeers(answer.peers);
  }

  #failed(url: string, slot: AnnounceSlot, error: HelperError): void {
    const isOurs = isOurTracker(url, this.#options.agent.trackerRoutes);
    const longestMs = longestRetryDelayMs(isOurs, this.#intervalsMs.get(url));
    const isRefused = error instanceof AnnounceRefused;
    if (isRefused) slot.answered();
    if (isRefused || !slot.failed(error, longestMs)) {
      const delayMs = retryDelayMs(this.#announceList.failures(url) + 1, this.#random, longestMs);
      this.#announceList.failed(url, performance.now() + delayMs);
    }
    if (!(error.cause instanceof DeadlinePassed)) this.#announceList.missed(url);
    this.#warnings.failed(url, error);
  }
}
