// The trackers of one torrent: in which order they are asked, what each knows of this torrent, and what it has yet to be
// told. It has no clock and no randomness: the time and the delays are told to it.
import type { AnnounceEvent } from '../announce/announce-request.js';
import { promote, type Tiers } from './tracker-tiers.js';

interface TrackerState {
  /** It has accepted an announce, so it knows of this peer. */
  readonly hasAccepted: boolean;
  /** An announce is under way, or went unanswered: it may know of this peer. */
  readonly isUnanswered: boolean;
  /** How often in a row it has failed till now. */
  readonly failures: number;
  /** Not to be asked before. */
  readonly retryAtMs: number;
}

const untried: TrackerState = {
  hasAccepted: false,
  isUnanswered: false,
  failures: 0,
  retryAtMs: 0,
};

export class AnnounceList {
  #tiers: Tiers<string>;
  readonly #states = new Map<string, TrackerState>();
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

  succeeded(url: string, event?: AnnounceEvent): void {
    if (event === 'completed') this.#mustSayCompleted = false;
    this.#states.set(url, { ...untried, hasAccepted: true });
  }

  /** From now on it is the first of its tier to be asked. */
  prefer(url: string): void {
    this.#tiers = promote(this.#tiers, url);
  }

  /** An announce begins. */
  asked(url: string): void {
    this.#states.set(url, { ...this.#state(url), isUnanswered: true });
  }

  /** It did not hear of this peer. */
  missed(url: string): void {
    this.#states.set(url, { ...this.#state(url), isUnanswered: false });
  }

  /** It failed for a reason of this torrent's own. */
  failed(url: string, retryAtMs: number): void {
    const state = this.#state(url);
    this.#states.set(url, { ...state, failures: state.failures + 1, retryAtMs });
  }

  #hasAccepted(url: string): boolean {
    return this.#state(url).hasAccepted;
  }

  #state(url: string): TrackerState {
    return this.#states.get(url) ?? untried;
  }
}
