// The trackers of one torrent: in which order they are asked, and what each knows and thinks of this torrent alone. No
// clock and no dice of its own: the time and the delays are told to it.
import { promote, type Tiers } from './tracker-tiers.js';

interface Standing {
  /** It has accepted an announce, so it knows of this peer. */
  readonly hasAccepted: boolean;
  /** An announce is under way, or went unanswered: it may know of this peer. */
  readonly isInDoubt: boolean;
  /** How often in a row it has failed till now. */
  readonly failures: number;
  /** Not to be asked before. */
  readonly retryAtMs: number;
}

const untried: Standing = { hasAccepted: false, isInDoubt: false, failures: 0, retryAtMs: 0 };

export class AnnounceList {
  #tiers: Tiers<string>;
  readonly #healthOfTrackers = new Map<string, Standing>();

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
    return this.all.filter((url) => this.hasAccepted(url) || this.#health(url).isInDoubt);
  }

  /** The first moment at which this torrent may ask it. */
  retryAtMs(url: string): number {
    return this.#health(url).retryAtMs;
  }

  /** Those that may be asked now, in the order of BEP 12. */
  due(nowMs: number): readonly string[] {
    return this.all.filter((url) => this.retryAtMs(url) <= nowMs);
  }

  hasAccepted(url: string): boolean {
    return this.#health(url).hasAccepted;
  }

  /** How often in a row it has failed till now. */
  failures(url: string): number {
    return this.#health(url).failures;
  }

  succeeded(url: string): void {
    this.#healthOfTrackers.set(url, { ...untried, hasAccepted: true });
    this.#tiers = promote(this.#tiers, url);
  }

  /** An announce begins. */
  asked(url: string): void {
    this.#healthOfTrackers.set(url, { ...this.#health(url), isInDoubt: true });
  }

  /** It did not hear of this peer. */
  missed(url: string): void {
    this.#healthOfTrackers.set(url, { ...this.#health(url), isInDoubt: false });
  }

  /** It failed for a reason of this torrent's own. */
  failed(url: string, retryAtMs: number): void {
    const health = this.#health(url);
    this.#healthOfTrackers.set(url, { ...health, failures: health.failures + 1, retryAtMs });
  }

  #health(url: string): Standing {
    return this.#healthOfTrackers.get(url) ?? untried;
  }
}
