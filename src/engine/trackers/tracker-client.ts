// Keeps one torrent known to its trackers, and hears of peers from them: when to announce, to which tracker (BEP 12),
// and as what event (BEP 3). It speaks no protocol itself and knows nothing of peers but their addresses.
import { randomBytes } from 'node:crypto';
import { HelperError, toHelperError } from '../../errors.js';
import type {
  AnnounceAnswer,
  AnnounceEvent,
  AnnounceRequest,
} from './announce/announce-request.js';
import {
  type Announce,
  announceProtocol,
  announceToTracker,
} from './announce/announce-to-tracker.js';
import { DeadlinePassed, withDeadline } from './announce/deadline.js';
import { AnnounceRefused, trackerError } from './announce/tracker-error.js';
import { isOurTracker } from './announce/tracker-route.js';
import type { AnnounceAgent } from './announce-agent.js';
import { AnnounceList } from './announce-list.js';
import {
  askAgainDelayMs,
  longestRetryDelayMs,
  type Random,
  retryDelayMs,
  spreadInterval,
} from './back-off.js';
import type { TrackerHealth, Turn } from './tracker-health.js';
import { shuffleTiers, type Tiers } from './tracker-tiers.js';

export interface TrackerClientOptions {
  /** 40 hex digits. */
  readonly infoHash: string;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  readonly port: number;
  /** The address peers are to use; left out, trackers take the one they see. */
  readonly ip?: string | undefined;
  /** Announce URLs by tier. Those of WebRTC trackers are passed over; with none left the trackerClient does nothing. */
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
  readonly trackerRoutes?: ReadonlyMap<string, string> | undefined;
  /** For tests; the real ones when left out. */
  readonly announce?: Announce | undefined;
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
   * Tells the trackers that know of this peer, or may, that it leaves, for at most 2 s. Never rejects; calling it again
   * returns the same promise. No callback follows the call.
   */
  stop(): Promise<void>;
}

const numWant = 80;
const patientTimeoutMs = 20_000;
/** For a tracker with another to ask after it: this long in all, and half of it in line. */
const hastyTimeoutMs = 10_000;
const hastyPatienceMs = hastyTimeoutMs / 2;
const stopTimeoutMs = 2000;

/** Starts announcing at once. Callbacks come later, never before this returns. */
export function startTrackerClient(options: TrackerClientOptions): TrackerClient {
  const trackerClient = new TorrentAnnouncer(options);
  trackerClient.start();
  return trackerClient;
}

/** Goes in rounds: a round asks the trackers in order until one accepts; then a timer waits for the next. */
class TorrentAnnouncer implements TrackerClient {
  readonly #options: TrackerClientOptions;
  readonly #announce: Announce;
  readonly #random: Random;
  readonly #key = randomBytes(4).toString('hex');
  readonly #announceList: AnnounceList;
  readonly #stopped = new AbortController();
  #stopping: Promise<void> | undefined;

  #timer: NodeJS.Timeout | undefined;
  #nextRoundAtMs = 0;
  #inRound = false;
  /** Whether the last round failed, so that the next one waits for a tracker to work again. */
  #isOutOfLuck = false;
  readonly #warned = new Set<string>();
  /** The interval each tracker asked for last. */
  readonly #intervalsMs = new Map<string, number>();
  #unwatch: readonly (() => void)[] = [];
  /** What the last round brought; undefined when it failed. */
  #accepted: { readonly atMs: number; readonly minIntervalMs: number } | undefined;

  /** Whether `completed` is news, and whether it has yet to be told. */
  #mayComplete: boolean;
  #owesCompleted = false;
  /** Whether the coming round was asked for, and how many before it were. */
  #asked = false;
  #askedInARow = 0;

  constructor(options: TrackerClientOptions) {
    this.#options = options;
    this.#announce = options.announce ?? announceToTracker;
    this.#random = options.random ?? Math.random;
    this.#mayComplete = options.progress().leftBytes !== 0;
    const isUsable = (url: string) => ['http', 'udp'].includes(announceProtocol(url));
    this.#announceList = new AnnounceList(shuffleTiers(options.tiers, isUsable, this.#random));
  }

  start(): void {
    if (this.#announceList.isEmpty) queueMicrotask(() => this.#warnOfUnusable());
    else this.#schedule(0);
    const healthOfTrackers = new Set(this.#announceList.all.map((url) => this.#health(url)));
    this.#unwatch = [...healthOfTrackers].map((health) => health.watch(() => this.#reconsider()));
  }

  completed(): void {
    if (!this.#mayComplete) return;
    this.#mayComplete = false;
    this.#owesCompleted = true;
    // A round under way sees to it when it ends.
    if (!this.#inRound && !this.#isStopped && !this.#announceList.isEmpty) this.#schedule(0);
  }

  wantPeers(): void {
    // After a failed round the next one is on its way as it is.
    if (this.#inRound || this.#isStopped || this.#accepted === undefined) return;
    const { atMs, minIntervalMs } = this.#accepted;
    const nextAtMs = atMs + askAgainDelayMs(this.#askedInARow, minIntervalMs);
    if (nextAtMs >= this.#nextRoundAtMs) return;
    this.#asked = true;
    this.#schedule(nextAtMs - performance.now());
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#leave();
    return this.#stopping;
  }

  async #leave(): Promise<void> {
    clearTimeout(this.#timer);
    // Before the announces under way are given up, and are in doubt no longer.
    const { informed } = this.#announceList;
    this.#stopped.abort();
    await Promise.allSettled(informed.map((url) => this.#sayStopped(url)));
    for (const unwatch of this.#unwatch) unwatch();
  }

  async #sayStopped(url: string): Promise<void> {
    const { agent, trackerRoutes } = this.#options;
    await withDeadline({ timeoutMs: stopTimeoutMs }, async (signal) => {
      const patienceMs = stopTimeoutMs;
      const turn = await this.#health(url).enter({ patienceMs, signal, isUrgent: true });
      if (turn === undefined) return;
      try {
        const limits = { agent, trackerRoutes, signal, timeoutMs: stopTimeoutMs };
        await this.#announce(url, this.#request('stopped'), limits);
      } finally {
        turn.end();
      }
    });
  }

  get #isStopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  #health(url: string): TrackerHealth {
    return this.#options.agent.healthOfTrackers.of(url, this.#random);
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#nextRoundAtMs = performance.now() + delayMs;
    this.#timer = setTimeout(() => void this.#round(), delayMs);
    this.#timer.unref();
  }

  async #round(): Promise<void> {
    this.#inRound = true;
    this.#isOutOfLuck = false;
    this.#askedInARow = this.#asked ? this.#askedInARow + 1 : 0;
    this.#asked = false;
    const delayMs = await this.#askInTurn();
    this.#inRound = false;
    if (!this.#isStopped) this.#schedule(delayMs);
  }

  /** Asks one tracker after the other until one accepts. How long to wait for the next round. */
  async #askInTurn(): Promise<number> {
    const due = this.#announceList.due(performance.now());
    for (const url of due) {
      const answer = await this.#waitAndAsk(url, url === due.at(-1));
      if (this.#isStopped) return 0;
      if (answer === undefined) continue;
      const { intervalMs, minIntervalMs = 0 } = answer;
      this.#accepted = { atMs: performance.now(), minIntervalMs };
      const nextMs = spreadInterval(Math.max(intervalMs, minIntervalMs), this.#random);
      return this.#owesCompleted ? 0 : nextMs;
    }
    this.#accepted = undefined;
    this.#isOutOfLuck = true;
    return this.#untilNextTurnMs();
  }

  /** While another torrent finds out how a tracker is, `#reconsider` will be called. */
  #untilNextTurnMs(): number {
    const turns = this.#announceList.all.map((url) =>
      Math.max(this.#announceList.retryAtMs(url), this.#health(url).nextTurnAtMs),
    );
    const delayMs = Math.min(...turns) - performance.now();
    return Math.min(Math.max(0, delayMs), longestRetryDelayMs(false));
  }

  #reconsider(): void {
    if (this.#isOutOfLuck && !this.#isStopped) this.#schedule(this.#untilNextTurnMs());
  }

  async #waitAndAsk(url: string, isLast: boolean): Promise<AnnounceAnswer | undefined> {
    const health = this.#health(url);
    const { signal } = this.#stopped;
    const patienceMs = isLast ? Number.POSITIVE_INFINITY : hastyPatienceMs;
    const beganAtMs = performance.now();
    const turn = await health.enter({ patienceMs, signal });
    if (turn === undefined) {
      const { trouble } = health;
      if (trouble !== undefined && !this.#isStopped) this.#warnOf(url, trouble);
      return undefined;
    }
    const hastyMs = hastyTimeoutMs - (performance.now() - beganAtMs);
    try {
      return await this.#ask(url, turn, isLast ? patientTimeoutMs : hastyMs);
    } finally {
      turn.end();
    }
  }

  async #ask(url: string, turn: Turn, timeoutMs: number): Promise<AnnounceAnswer | undefined> {
    const { agent, trackerRoutes } = this.#options;
    const event = this.#eventFor(url);
    const signal = this.#stopped.signal;
    this.#announceList.asked(url);
    try {
      const limits = { agent, trackerRoutes, signal, timeoutMs };
      const answer = await this.#announce(url, this.#request(event), limits);
      turn.answered();
      if (!this.#isStopped) this.#heard(url, event, answer);
      return answer;
    } catch (thrown) {
      if (!this.#isStopped) this.#failed(url, turn, toHelperError(thrown));
      return undefined;
    }
  }

  #eventFor(url: string): AnnounceEvent | undefined {
    if (!this.#announceList.hasAccepted(url)) return 'started';
    return this.#owesCompleted ? 'completed' : undefined;
  }

  #request(event: AnnounceEvent | undefined): AnnounceRequest {
    const { infoHash, peerId, port, ip, progress } = this.#options;
    return {
      ...{ infoHash, peerId, port, ip, ...progress() },
      ...{ event, key: this.#key, numWant: event === 'stopped' ? 0 : numWant },
    };
  }

  #heard(url: string, event: AnnounceEvent | undefined, answer: AnnounceAnswer): void {
    this.#announceList.succeeded(url);
    this.#warned.delete(url);
    this.#intervalsMs.set(url, answer.intervalMs);
    if (event === 'completed') this.#owesCompleted = false;
    this.#options.onAccepted(url);
    if (!this.#isStopped && answer.peers.length > 0) this.#options.onPeers(answer.peers);
  }

  #failed(url: string, turn: Turn, error: HelperError): void {
    const isOurs = isOurTracker(url, this.#options.trackerRoutes);
    const longestMs = longestRetryDelayMs(isOurs, this.#intervalsMs.get(url));
    const isRefused = error instanceof AnnounceRefused;
    if (isRefused) turn.answered();
    if (isRefused || !turn.failed(error, longestMs)) {
      const delayMs = retryDelayMs(this.#announceList.failures(url) + 1, this.#random, longestMs);
      this.#announceList.failed(url, performance.now() + delayMs);
    }
    if (!(error.cause instanceof DeadlinePassed)) this.#announceList.missed(url);
    this.#warnOf(url, error);
  }

  #warnOf(url: string, error: HelperError): void {
    if (this.#warned.has(url)) return;
    this.#warned.add(url);
    const message = `${error.message}; it will be tried again`;
    this.#options.onWarning(new HelperError(error.code, message, { cause: error }));
  }

  /** Only where nothing is left: torrents in the wild often list some nonsense beside good trackers. */
  #warnOfUnusable(): void {
    const url = this.#options.tiers.flat().find((other) => announceProtocol(other) === 'other');
    if (url === undefined || this.#isStopped) return;
    const what = 'cannot be asked: its URL is neither http, https nor udp';
    this.#options.onWarning(trackerError(url, what));
  }
}
