// Sends the announces of one torrent: waits for a slot, says what the tracker has yet to be told, and records what came
// of it. When to announce, and to which tracker, is for the tracker client.
import { randomInt } from 'node:crypto';
import type { Reach, TrackerStatus } from '../../../machines/types.js';
import { DeadlinePassed } from '../../async/with-deadline.js';
import { type Failure, HelperError, toFailure, toHelperError } from '../../errors.js';
import type {
  AnnounceAnswer,
  AnnounceEvent,
  AnnounceRequest,
} from './announce/announce-request.js';
import { AnnounceRefused, trackerWarning } from './announce/tracker-error.js';
import { TrackerPermits } from './announce/tracker-permits.js';
import { isOurTracker } from './announce/tracker-route.js';
import type { AnnounceAgent } from './announce-agent.js';
import { announceToTracker, type SendAnnounce } from './announce-to-tracker.js';
import type { AnnounceList } from './schedule/announce-list.js';
import { longestRetryDelayMs, type Random, retryDelayMs } from './schedule/back-off.js';
import type { AnnounceSlot, TrackerHealth } from './tracker-health.js';

export interface AnnounceSenderOptions {
  /** 40 hex digits. */
  readonly infoHash: string;
  /** 40 hex digits. */
  readonly peerId: string;
  readonly port: number;
  /** The address peers are to use; left out, trackers take the one they see. */
  readonly ip?: string | undefined;
  /** Asked before every announce, and once at the start. */
  readonly progress: () => AnnouncedProgress;
  /** Peers of one answer, `host:port`; may hold this peer itself. `from`: the address that answered, if it is known. */
  readonly onPeers: (peers: readonly string[], from: string | undefined) => void;
  /** A tracker accepted an announce; `trackerUrl` as it stands in `tiers`. */
  readonly onAccepted: (trackerUrl: string) => void;
  /** What came of an announce, or of one that could not be made. */
  readonly onStatus?: ((status: TrackerStatus) => void) | undefined;
  /** A tracker cannot be reached, which is said once until it can be again; or it says something, which is said once. */
  readonly onWarning: (warning: HelperError) => void;
  readonly agent: AnnounceAgent;
  /** Of whoever named the trackers; left out, the user. */
  readonly reach?: Reach | undefined;
  /** Those that the user named, whoever else did. */
  readonly trustedTrackers?: readonly string[] | undefined;
  /** For tests; the real ones when left out. */
  readonly announce?: SendAnnounce | undefined;
  readonly random?: Random | undefined;
}

export type AnnouncedProgress = Pick<
  AnnounceRequest,
  'uploadedBytes' | 'downloadedBytes' | 'leftBytes'
>;

const numWant = 80;
const longTimeoutMs = 20_000;
/** For a tracker with another to ask after it: this long in all, and half of it in a queue that does not move. */
const shortTimeoutMs = 10_000;
const shortWaitMs = shortTimeoutMs / 2;
/** In all, for whatever a torrent that stops has to say. */
export const stopTimeoutMs = 2000;

/** The reason of all signals, made once: nobody sees it, and thousands may stop together. */
const torrentStops = new Error('the torrent stops');

/** Once it has stopped, announces are given up and no callback is called. */
export class AnnounceSender {
  readonly #options: AnnounceSenderOptions;
  readonly #announceList: AnnounceList;
  readonly #permits: TrackerPermits;
  readonly #key = randomInt(2 ** 32);
  #warned: Set<string> | undefined;
  #isStopped = false;
  #lastFailure: Failure | undefined;
  /** Of the announces under way; nobody has one at rest. */
  #giveUp: AbortController | undefined;
  #underWay = 0;

  constructor(options: AnnounceSenderOptions, announceList: AnnounceList) {
    this.#options = options;
    this.#announceList = announceList;
    const { reach = { kind: 'user' }, trustedTrackers: trusted = [] } = options;
    this.#permits = new TrackerPermits({ reach, trusted });
  }

  get #random(): Random {
    return this.#options.random ?? Math.random;
  }

  get #announce(): SendAnnounce {
    return this.#options.announce ?? announceToTracker;
  }

  /** Why the last one failed, if none has been accepted since. */
  get lastFailure(): Failure | undefined {
    return this.#lastFailure;
  }

  healthOf(url: string): TrackerHealth {
    return this.#options.agent.healthOf(url, this.#random);
  }

  /** Undefined where the tracker was not asked, or did not accept. After the last of a round there is more time. */
  async send(url: string, isLast: boolean): Promise<AnnounceAnswer | undefined> {
    const health = this.healthOf(url);
    const maxWaitMs = isLast ? Number.POSITIVE_INFINITY : shortWaitMs;
    const beganAtMs = performance.now();
    const isWanted = () => !this.#isStopped;
    const slot = await health.acquireSlot({ maxWaitMs, isWanted });
    if (slot === undefined) {
      if (health.lastError !== undefined) this.#warnOf(url, health.lastError);
      return undefined;
    }
    const leftMs = shortTimeoutMs - Math.min(performance.now() - beganAtMs, shortWaitMs);
    try {
      return await this.#ask(url, slot, isLast ? longTimeoutMs : leftMs);
    } finally {
      slot.release();
    }
  }

  /** Gives up what is under way. */
  stop(): void {
    this.#isStopped = true;
    this.#giveUp?.abort(torrentStops);
  }

  /** Before all others, and for 2 s at most. Rejects if the tracker does. */
  async sendStopped(url: string): Promise<void> {
    const { agent } = this.#options;
    const untilMs = performance.now() + stopTimeoutMs;
    const isWanted = () => agent.hearsGoodbyes(url);
    const wait = { maxWaitMs: stopTimeoutMs, isWanted, isUrgent: true };
    const slot = await this.healthOf(url).acquireSlot(wait);
    if (slot === undefined) return;
    try {
      await agent.limitGoodbyes(async () => {
        const timeoutMs = untilMs - performance.now();
        if (timeoutMs <= 0 || !isWanted()) return;
        const options = { agent, permit: this.#permits.of(url), timeoutMs };
        await this.#announce(url, this.#request(url, 'stopped'), options);
      });
    } finally {
      slot.release();
    }
  }

  async #ask(
    url: string,
    slot: AnnounceSlot,
    timeoutMs: number,
  ): Promise<AnnounceAnswer | undefined> {
    if (this.#isStopped) return undefined;
    const { agent } = this.#options;
    const event = this.#announceList.nextEvent(url);
    const permit = this.#permits.of(url);
    this.#announceList.asked(url, performance.now());
    this.#tellStatus(url);
    this.#giveUp ??= new AbortController();
    const giveUp = this.#giveUp;
    this.#underWay += 1;
    try {
      const options = {
        agent,
        permit,
        timeoutMs,
        // Made when it is looked at: our own tracker needs none.
        get signal() {
          return giveUp.signal;
        },
      };
      const answer = await this.#announce(url, this.#request(url, event), options);
      slot.answered();
      if (!this.#isStopped) this.#succeeded(url, event, answer);
      return answer;
    } catch (thrown) {
      if (!this.#isStopped) this.#failed(url, slot, toHelperError(thrown));
      return undefined;
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#giveUp = undefined;
    }
  }

  #request(url: string, event: AnnounceEvent | undefined): AnnounceRequest {
    const { infoHash, peerId, port, ip, progress } = this.#options;
    const { uploadedBytes, downloadedBytes, leftBytes } = progress();
    return {
      infoHash,
      peerId,
      port,
      ip,
      uploadedBytes,
      downloadedBytes,
      leftBytes,
      event,
      key: this.#key.toString(16).padStart(8, '0'),
      numWant: event === 'stopped' ? 0 : numWant,
      trackerId: this.#announceList.trackerId(url),
    };
  }

  #succeeded(url: string, event: AnnounceEvent | undefined, answer: AnnounceAnswer): void {
    this.#announceList.succeeded(url, event, answer);
    this.#lastFailure = undefined;
    this.#warned?.delete(url);
    this.#tellStatus(url);
    this.#options.onAccepted(url);
    const { peers, from, warning } = answer;
    if (this.#isStopped) return;
    const isNews = warning !== undefined && this.healthOf(url).isNews(warning);
    if (isNews) this.#options.onWarning(trackerWarning(url, warning));
    if (peers.length > 0) this.#options.onPeers(peers, from);
  }

  #failed(url: string, slot: AnnounceSlot, error: HelperError): void {
    const isOurs = isOurTracker(url, this.#options.agent.trackerRoutes);
    const longestMs = longestRetryDelayMs(isOurs, this.#announceList.intervalMs(url));
    const isRefused = error instanceof AnnounceRefused;
    const isForbidden = error.code === 'TRACKER_FORBIDDEN';
    if (isRefused) slot.answered();
    // Nobody was asked: other torrents may.
    if (isForbidden) slot.release();
    if (isRefused || isForbidden || !slot.failed(error, longestMs)) {
      const delayMs = retryDelayMs(this.#announceList.failures(url) + 1, this.#random, longestMs);
      this.#announceList.failed(url, performance.now() + delayMs);
    }
    if (!(error.cause instanceof DeadlinePassed)) this.#announceList.missed(url);
    this.#warnOf(url, error);
  }

  #tellStatus(url: string): void {
    this.#options.onStatus?.(this.#announceList.statusOf(url));
  }

  #warnOf(url: string, error: HelperError): void {
    // Not the error itself, with all that it holds: thousands may be kept for long.
    this.#lastFailure = toFailure(error);
    this.#announceList.unheard(url, this.#lastFailure);
    if (!this.#isStopped) this.#tellStatus(url);
    this.#warned ??= new Set();
    if (this.#isStopped || this.#warned.has(url)) return;
    this.#warned.add(url);
    const isFinal = error.code === 'TRACKER_FORBIDDEN';
    const message = isFinal ? error.message : `${error.message}; it will be tried again`;
    this.#options.onWarning(new HelperError(error.code, message, { cause: error }));
  }
}
