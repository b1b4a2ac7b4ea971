// Keeps one torrent known to its trackers, and hears of peers from them: when to announce, and to which tracker: by BEP 12
// the first that accepts, and beyond it the others where that one names nobody. It knows nothing of peers but addresses.
import type { TrackerMeasure, TrackerStatus } from '../../../machines/types.js';
import { Alarm } from '../../async/alarm-clock.js';
import { type Failure, toFailure } from '../../errors.js';
import { runForTorrent } from '../torrent-context.js';
import type { AnnounceAnswer } from './announce/announce-request.js';
import { trackerError, trackerName } from './announce/tracker-error.js';
import { isTrustedTracker } from './announce/tracker-route.js';
import { AnnounceSender, type AnnounceSenderOptions, stopTimeoutMs } from './announce-sender.js';
import { announceProtocol } from './announce-to-tracker.js';
import { AnnounceList } from './schedule/announce-list.js';
import {
  askAgainDelayMs,
  longestRetryDelayMs,
  type Random,
  spreadInterval,
} from './schedule/back-off.js';
import { shuffleTiers, type Tiers } from './schedule/tracker-tiers.js';
import { restAfter, WiderSearch } from './wider-search.js';

export interface TrackerClientOptions extends AnnounceSenderOptions {
  /** Announce URLs by tier. Those of WebRTC trackers are passed over; with none left it does nothing. */
  readonly tiers: Tiers<string>;
  /** Whether it is a download that has nobody to ask: no connection, and nobody to be dialled. */
  readonly hasNobody?: (() => boolean) | undefined;
  /** No tracker accepts the announce that was asked for, or none may be asked so soon. */
  readonly onAnnounceFailed?: ((failure: Failure) => void) | undefined;
}

export interface TrackerClient {
  /** Those that it has asked, in order, as they are now. */
  readonly trackers: readonly TrackerStatus[];
  /** Asked or not, in order, and when they are asked. */
  readonly measures: readonly TrackerMeasure[];
  /** The download is complete: says so once, unless it was so from the start. */
  completed(): void;
  /** There are no peers: announces again soon, less and less so the more often it is asked in a row. */
  wantPeers(): void;
  /**
   * Its user wants an announce now: asks the trackers, and those that failed too, as soon as they may be asked. Then
   * `onAccepted` is called or, once, `onAnnounceFailed`. However often it is called, one announce is made at a time.
   */
  announceNow(): void;
  /**
   * Tells the trackers that know of this peer, or may, that it stops, for at most 2 s. Never rejects; calling it again
   * returns the same promise. No callback follows the call.
   */
  stop(): Promise<void>;
}

/**
 * Our own tracker lives as long as we do, and forgets nobody within eleven minutes: who has everything need not tell it oftener,
 * and there may be thousands.
 */
const ownSeedIntervalMs = 5 * 60_000;
/** Those that are due in so long are told together: to wake up for each costs more than what is said. */
const ownSeedsTogetherMs = 10_000;
/** Whoever asks for announces is not to have a tracker asked oftener; the helper's own takes more. */
const paceMs = 15_000;
const ourPaceMs = 1_000;
/** Of those who ask, none waits longer: a tracker may want to hear nothing for an hour. */
const mostAskedWaitMs = 30_000;

/** Starts announcing at once. Callbacks come later, never before this returns. */
export function startTrackerClient(options: TrackerClientOptions): TrackerClient {
  const client = new TorrentTrackerClient(options);
  client.start();
  return client;
}

interface AcceptedAnnounce {
  readonly url: string;
  readonly answer: AnnounceAnswer;
}

/** Goes in rounds: a round asks the trackers in order until one accepts; then the clock waits for the next. */
class TorrentTrackerClient implements TrackerClient {
  readonly #options: TrackerClientOptions;
  readonly #announceList: AnnounceList;
  readonly #sender: AnnounceSender;
  /** Few torrents ever have one. */
  #widerSearch: WiderSearch | undefined;
  #isStopped = false;
  #stopping: Promise<void> | undefined;

  readonly #nextRound: Alarm;
  /** By its user, who has not been answered. */
  #isAsked = false;
  #roundEndedAtMs = Number.NEGATIVE_INFINITY;
  #inRound = false;
  /** While the last round has failed: so that the next waits for a tracker to work again. */
  #unwatch: readonly (() => void)[] | undefined;
  /** What the last round brought; undefined when it failed. */
  #accepted:
    | { readonly url: string; readonly atMs: number; readonly minIntervalMs: number }
    | undefined;
  /** It was not so from the start, and has not been said yet. */
  #canComplete: boolean;
  /** Whether the coming round was asked for, and how many before it were. */
  #wantsPeers = false;
  #wantedInARow = 0;

  constructor(options: TrackerClientOptions) {
    this.#options = options;
    this.#canComplete = options.progress().leftBytes !== 0;
    const isUsable = (url: string) => ['http', 'udp'].includes(announceProtocol(url));
    const { tiers, trustedTrackers } = options;
    const shuffled = shuffleTiers(tiers, isUsable, this.#random, trustedTrackers);
    this.#announceList = new AnnounceList(shuffled);
    this.#sender = new AnnounceSender(options, this.#announceList);
    this.#nextRound = new Alarm(() =>
      runForTorrent(options.infoHash, () => {
        void this.#round();
      }),
    );
  }

  start(): void {
    if (this.#announceList.isEmpty) queueMicrotask(() => this.#warnOfUnusable());
    else this.#schedule(0);
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
    const { url, atMs, minIntervalMs } = this.#accepted;
    const nextAtMs = atMs + askAgainDelayMs(this.#wantedInARow, minIntervalMs);
    // Where a round is due it begins the search anew.
    if (nextAtMs > performance.now()) this.#searchWider(url);
    if (nextAtMs >= this.#nextRound.atMs) return;
    this.#wantsPeers = true;
    this.#schedule(nextAtMs - performance.now());
  }

  get trackers(): readonly TrackerStatus[] {
    return this.#announceList.statuses;
  }

  get measures(): readonly TrackerMeasure[] {
    // What is asked in a round is asked one after the other, and so has no time of its own.
    const isAsking = this.#inRound || this.#isStopped;
    const nextRoundMs = isAsking ? Number.POSITIVE_INFINITY : this.#nextRound.atMs;
    const accepted = this.#accepted?.url;
    return this.#announceList.all.map((url) => {
      const askedAtMs = this.#announceList.askedAtMs(url);
      const isNext = (accepted ?? url) === url;
      return {
        ...this.#announceList.statusOf(url),
        ...(askedAtMs === undefined ? { state: 'unasked' } : { askedMs: unixMs(askedAtMs) }),
        nextMs: isNext ? unixMs(Math.max(nextRoundMs, this.#retryAtMs(url))) : undefined,
      };
    });
  }

  announceNow(): void {
    if (this.#isStopped || this.#isAsked) return;
    if (this.#announceList.isEmpty) {
      queueMicrotask(() => this.#answerAsked(noTracker()));
      this.#isAsked = true;
      return;
    }
    this.#isAsked = true;
    // One that is under way is as good.
    if (this.#inRound) return;
    const waitMs = this.#untilMayAskMs() - performance.now();
    if (waitMs > mostAskedWaitMs && this.#accepted !== undefined) {
      const failure = tooSoon(this.#accepted, waitMs);
      queueMicrotask(() => this.#answerAsked(failure));
    } else if (performance.now() + waitMs < this.#nextRound.atMs) this.#schedule(waitMs);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { agent } = this.#options;
    agent.clock.clear(this.#nextRound);
    this.#widerSearch?.end();
    this.#isStopped = true;
    this.#watchTrackers(false);
    // Before the announces under way are given up, and no longer count as unanswered.
    const informed = this.#announceList.informed.filter((url) => agent.hearsGoodbyes(url));
    this.#sender.stop();
    if (informed.length === 0) return;
    const told = Promise.allSettled(informed.map((url) => this.#sender.sendStopped(url)));
    await new Promise<unknown>((resolve) => {
      const { clock } = agent;
      const late = new Alarm(() => resolve(undefined));
      clock.set(late, performance.now() + stopTimeoutMs);
      void told.then(() => {
        clock.clear(late);
        resolve(undefined);
      });
    });
  }

  get #random(): Random {
    return this.#options.random ?? Math.random;
  }

  #schedule(delayMs: number): void {
    this.#options.agent.clock.set(this.#nextRound, performance.now() + delayMs);
  }

  /** Calls `#reconsider` whenever one of them that is down has been tried. */
  #watchTrackers(isOn: boolean): void {
    if (isOn === (this.#unwatch !== undefined)) return;
    for (const unwatch of this.#unwatch ?? []) unwatch();
    this.#unwatch = undefined;
    if (!isOn) return;
    const reconsider = () => runForTorrent(this.#options.infoHash, () => this.#reconsider());
    const healths = new Set(this.#announceList.all.map((url) => this.#sender.healthOf(url)));
    this.#unwatch = [...healths].map((health) => health.watch(reconsider));
  }

  #searchWider(main: string): void {
    const { infoHash, agent, hasNobody = () => false } = this.#options;
    if (this.#widerSearch === undefined && hasNobody()) {
      const [announceList, sender] = [this.#announceList, this.#sender];
      this.#widerSearch = new WiderSearch({ infoHash, announceList, sender, agent, hasNobody });
    }
    this.#widerSearch?.begin(main);
  }

  async #round(): Promise<void> {
    this.#inRound = true;
    this.#watchTrackers(false);
    this.#widerSearch?.end();
    this.#wantedInARow = this.#wantsPeers ? this.#wantedInARow + 1 : 0;
    this.#wantsPeers = false;
    const accepted = await this.#askInOrder();
    this.#inRound = false;
    this.#roundEndedAtMs = performance.now();
    if (this.#isStopped) return;
    this.#schedule(this.#untilNextRoundMs(accepted));
    if (accepted !== undefined) this.#isAsked = false;
    else this.#failAsked();
    if (accepted !== undefined) this.#searchWider(accepted.url);
  }

  /** Asks one tracker after the other until one accepts. */
  async #askInOrder(): Promise<AcceptedAnnounce | undefined> {
    const due = this.#announceList.due(performance.now());
    for (const url of due) {
      const answer = await this.#sender.send(url, url === due.at(-1));
      if (this.#isStopped) return undefined;
      if (answer === undefined) continue;
      this.#announceList.prefer(url);
      const isHelpful = this.#options.hasNobody?.() !== true;
      this.#announceList.rests(url, performance.now() + restAfter(answer, isHelpful));
      return { url, answer };
    }
    return undefined;
  }

  #untilNextRoundMs(accepted: AcceptedAnnounce | undefined): number {
    if (accepted === undefined) {
      this.#watchTrackers(true);
      this.#accepted = undefined;
      return this.#untilRetryMs();
    }
    const { intervalMs, minIntervalMs = 0 } = accepted.answer;
    this.#accepted = { url: accepted.url, atMs: performance.now(), minIntervalMs };
    const askedMs = Math.max(intervalMs, minIntervalMs);
    const nextMs = this.#isAtRestWith(accepted.url)
      ? untilNextMoment(spreadInterval(Math.max(askedMs, ownSeedIntervalMs), this.#random))
      : spreadInterval(askedMs, this.#random);
    return this.#announceList.mustSayCompleted ? 0 : nextMs;
  }

  /** It has everything, and the tracker is the helper's own. */
  #isAtRestWith(url: string): boolean {
    const { agent, progress } = this.#options;
    return isTrustedTracker(url, agent.trackerRoutes) && progress().leftBytes === 0;
  }

  /** While another torrent finds out how a tracker is, `#reconsider` will be called. */
  #untilRetryMs(): number {
    const retriesAtMs = this.#announceList.all.map((url) => this.#retryAtMs(url));
    const delayMs = Math.min(...retriesAtMs) - performance.now();
    return Math.min(Math.max(0, delayMs), longestRetryDelayMs(false));
  }

  #retryAtMs(url: string): number {
    return Math.max(this.#announceList.retryAtMs(url), this.#sender.healthOf(url).retryAtMs);
  }

  #reconsider(): void {
    if (this.#unwatch === undefined || this.#isStopped) return;
    const retryMs = this.#untilRetryMs();
    this.#schedule(retryMs);
    if (retryMs > 0) this.#failAsked();
  }

  /** When its user may have it announce: a tracker that works is left in peace for a moment, and one that is down as well. */
  #untilMayAskMs(): number {
    const { trackerRoutes } = this.#options.agent;
    const paceOf = (url: string) => (isTrustedTracker(url, trackerRoutes) ? ourPaceMs : paceMs);
    if (this.#accepted !== undefined) {
      const { url, atMs, minIntervalMs } = this.#accepted;
      // Our own minds no more than a moment.
      return atMs + (paceOf(url) === ourPaceMs ? ourPaceMs : Math.max(minIntervalMs, paceMs));
    }
    const { all } = this.#announceList;
    this.#announceList.forgetDelays();
    for (const url of all) this.#sender.healthOf(url).retryWithin(paceOf(url));
    const roundAtMs = this.#roundEndedAtMs + Math.max(...all.map(paceOf));
    return Math.max(roundAtMs, performance.now() + this.#untilRetryMs());
  }

  /** Not while another torrent finds out how a tracker is: then `#reconsider` is called. */
  #failAsked(): void {
    if (!this.#isAsked) return;
    const healths = this.#announceList.all.map((url) => this.#sender.healthOf(url));
    if (healths.some(({ retryAtMs }) => retryAtMs === Number.POSITIVE_INFINITY)) return;
    const down = healths.find(({ lastError }) => lastError !== undefined)?.lastError;
    const { lastFailure = down && toFailure(down) } = this.#sender;
    this.#answerAsked(lastFailure ?? noTracker());
  }

  #answerAsked(failure: Failure): void {
    if (!this.#isAsked || this.#isStopped) return;
    this.#isAsked = false;
    this.#options.onAnnounceFailed?.(failure);
  }

  /** Only where nothing is left: torrents in the wild often list some nonsense beside good trackers. */
  #warnOfUnusable(): void {
    const url = this.#options.tiers.flat().find((other) => announceProtocol(other) === 'other');
    if (url === undefined || this.#isStopped) return;
    const what = 'cannot be asked: its URL is neither http, https nor udp';
    this.#options.onWarning(trackerError(url, what));
  }
}

function noTracker(): Failure {
  return { code: 'REFUSED', message: 'announce: the torrent has no tracker that can be asked' };
}

function tooSoon({ url, atMs }: { url: string; atMs: number }, waitMs: number): Failure {
  const sinceS = Math.round((performance.now() - atMs) / 1000);
  const inS = Math.ceil(waitMs / 1000);
  const what = `was asked ${sinceS} s ago, and takes the next announce in ${inS} s`;
  return { code: 'REFUSED', message: `announce: tracker ${trackerName(url)} ${what}` };
}

/** Of a moment that performance.now() gave, if it comes. */
function unixMs(atMs: number): number | undefined {
  return Number.isFinite(atMs) ? Math.round(Date.now() + atMs - performance.now()) : undefined;
}

/** Longer than `delayMs`, till a moment that many have in common. */
function untilNextMoment(delayMs: number): number {
  const nowMs = performance.now();
  return Math.ceil((nowMs + delayMs) / ownSeedsTogetherMs) * ownSeedsTogetherMs - nowMs;
}
