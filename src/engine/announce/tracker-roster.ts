// The trackers of one torrent: whose turn it is, in which order, and how each has fared. No clock and no dice of its
// own: the time and the delays are told to it.
import { promote, type Tiers } from './tracker-tiers.js';

interface Standing {
  /** It has accepted an announce, so it knows of this peer. */
  readonly hasAccepted: boolean;
  /** How often in a row it has failed till now. */
  readonly failures: number;
  /** Not to be asked before. */
  readonly retryAtMs: number;
}

const untried: Standing = { hasAccepted: false, failures: 0, retryAtMs: 0 };

export class TrackerRoster {
  #tiers: Tiers<string>;
  readonly #standings = new Map<string, Standing>();

  constructor(tiers: Tiers<string>) {
    this.#tiers = tiers;
  }

  get isEmpty(): boolean {
    return this.#tiers.length === 0;
  }

  /** The trackers that know of this peer. */
  get accepted(): readonly string[] {
    return this.#tiers.flat().filter((url) => this.hasAccepted(url));
  }

  /** The first moment at which any may be asked. */
  get nextTurnAtMs(): number {
    return Math.min(...this.#tiers.flat().map((url) => this.#standing(url).retryAtMs));
  }

  /** Those that may be asked now, in the order of BEP 12. */
  due(nowMs: number): readonly string[] {
    return this.#tiers.flat().filter((url) => this.#standing(url).retryAtMs <= nowMs);
  }

  hasAccepted(url: string): boolean {
    return this.#standing(url).hasAccepted;
  }

  /** How often in a row it has failed till now. */
  failures(url: string): number {
    return this.#standing(url).failures;
  }

  succeeded(url: string): void {
    this.#standings.set(url, { ...untried, hasAccepted: true });
    this.#tiers = promote(this.#tiers, url);
  }

  failed(url: string, retryAtMs: number): void {
    const { hasAccepted, failures } = this.#standing(url);
    this.#standings.set(url, { hasAccepted, failures: failures + 1, retryAtMs });
  }

  #standing(url: string): Standing {
    return this.#standings.get(url) ?? untried;
  }
}
