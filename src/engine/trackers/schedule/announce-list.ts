// The trackers of one torrent: in which order they are asked, what each knows of this torrent, and what it has yet to be
// told. It has no clock and no randomness: the time and the delays are told to it.
import type { TrackerStatus } from '../../../../machines/types.js';
import type { Failure } from '../../../errors.js';
import type { AnnounceAnswer, AnnounceEvent } from '../announce/announce-request.js';
import { promote, type Tiers } from './tracker-tiers.js';

interface TrackerState {
  /** It has accepted an announce, so it knows of this peer. */
  readonly hasAccepted: boolean;
  /** An announce is under way, or went unanswered: it may know of this peer. */
  readonly isUnanswered: boolean;
  /** When the last one began. */
  readonly askedAtMs: number | undefined;
  /** How often in a row it has failed till now. */
  readonly failures: number;
  /** Not to be asked before. */
  readonly retryAtMs: number;
  /** Where a download looks further, not to be asked before. */
  readonly restsUntilMs: number;
  /** The interval it asked for last. */
  readonly intervalMs: number | undefined;
  /** What it wants to hear again. */
  readonly trackerId: string | undefined;
  /** Why it was not to be had when it was asked last, or was to be. */
  readonly failure: Failure | undefined;
  readonly seeders: number | undefined;
  readonly leechers: number | undefined;
}

type AcceptedAnswer = Pick<AnnounceAnswer, 'intervalMs' | 'trackerId' | 'seeders' | 'leechers'>;

const untried: TrackerState = {
  hasAccepted: false,
  isUnanswered: false,
  askedAtMs: undefined,
  failures: 0,
  retryAtMs: 0,
  restsUntilMs: 0,
  intervalMs: undefined,
  trackerId: undefined,
  failure: undefined,
  seeders: undefined,
  leechers: undefined,
};

export class AnnounceList {
  #tiers: Tiers<string>;
  /** Of those that were asked: of thousands of torrents most have one. */
  #states: Map<string, TrackerState> | undefined;
  #mustSayCompleted = false;

  constructor(tiers: Tiers<string>) {
    this.#tiers = tiers;
  }

  get isEmpty(): boolean {
    return this.#tiers.length === 0;
  }

  /** In the order of BEP 12. */
  get all(): readonly string[] {
    return this.#tiers.flat();
  }

  /** The trackers that know of this peer, or may. */
  get informed(): readonly string[] {
    return this.all.filter((url) => this.#hasAccepted(url) || this.#state(url).isUnanswered);
  }

  /** No tracker has heard yet that the download is complete. */
  get mustSayCompleted(): boolean {
    return this.#mustSayCompleted;
  }

  /** The first moment at which this torrent may ask it. */
  retryAtMs(url: string): number {
    return this.#state(url).retryAtMs;
  }

  /** Those that may be asked now, in the order of BEP 12. */
  due(nowMs: number): readonly string[] {
    return this.all.filter((url) => this.retryAtMs(url) <= nowMs);
  }

  /** How often in a row it has failed till now. */
  failures(url: string): number {
    return this.#state(url).failures;
  }

  /** What the next announce to it is to say (BEP 3). */
  nextEvent(url: string): AnnounceEvent | undefined {
    if (!this.#hasAccepted(url)) return 'started';
    return this.#mustSayCompleted ? 'completed' : undefined;
  }

  /** The download is complete. */
  completed(): void {
    this.#mustSayCompleted = true;
  }

  succeeded(url: string, event?: AnnounceEvent, answer?: AcceptedAnswer): void {
    if (event === 'completed') this.#mustSayCompleted = false;
    const { restsUntilMs, askedAtMs, ...before } = this.#state(url);
    const { intervalMs = before.intervalMs, trackerId = before.trackerId } = answer ?? {};
    const { seeders, leechers } = answer ?? {};
    const accepted = {
      ...untried,
      hasAccepted: true,
      askedAtMs,
      restsUntilMs,
      intervalMs,
      trackerId,
    };
    this.#set(url, { ...accepted, seeders, leechers });
  }

  /** The interval it asked for last, if it has. */
  intervalMs(url: string): number | undefined {
    return this.#state(url).intervalMs;
  }

  /** What it wants to hear again, if anything. */
  trackerId(url: string): string | undefined {
    return this.#state(url).trackerId;
  }

  /** The first moment at which a download that looks further may ask it. */
  restsUntilMs(url: string): number {
    const { restsUntilMs, retryAtMs } = this.#state(url);
    return Math.max(restsUntilMs, retryAtMs);
  }

  /** A download that looks further is not to ask it before. */
  rests(url: string, untilMs: number): void {
    this.#set(url, { ...this.#state(url), restsUntilMs: untilMs });
  }

  /** From now on it is the first of its tier to be asked. */
  prefer(url: string): void {
    this.#tiers = promote(this.#tiers, url);
  }

  /** An announce begins. */
  asked(url: string, atMs: number): void {
    this.#set(url, { ...this.#state(url), isUnanswered: true, askedAtMs: atMs });
  }

  /** When an announce to it began last, if one did. */
  askedAtMs(url: string): number | undefined {
    return this.#state(url).askedAtMs;
  }

  /** It did not hear of this peer. */
  missed(url: string): void {
    this.#set(url, { ...this.#state(url), isUnanswered: false });
  }

  /** It failed for a reason of this torrent's own. */
  failed(url: string, retryAtMs: number): void {
    const state = this.#state(url);
    this.#set(url, { ...state, failures: state.failures + 1, retryAtMs });
  }

  /** It was not to be had, for whatever reason. */
  unheard(url: string, failure: Failure): void {
    this.#set(url, { ...this.#state(url), failure });
  }

  /** Of those that were asked, or to be asked. */
  get statuses(): readonly TrackerStatus[] {
    return this.all.filter((url) => this.#states?.has(url)).map((url) => this.statusOf(url));
  }

  statusOf(url: string): TrackerStatus {
    const { hasAccepted, failure, seeders, leechers } = this.#state(url);
    if (failure !== undefined) return { url, state: 'failing', failure };
    return { url, state: hasAccepted ? 'working' : 'waiting', seeders, leechers };
  }

  /** All may be asked now, however they have failed till now. */
  forgetDelays(): void {
    for (const [url, state] of this.#states ?? []) this.#set(url, { ...state, retryAtMs: 0 });
  }

  #hasAccepted(url: string): boolean {
    return this.#state(url).hasAccepted;
  }

  #state(url: string): TrackerState {
    return this.#states?.get(url) ?? untried;
  }

  #set(url: string, state: TrackerState): void {
    this.#states ??= new Map();
    this.#states.set(url, state);
  }
}
