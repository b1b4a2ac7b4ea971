// The healthOfTrackers of all trackers an engine has to do with, by what they are reached at: protocol, host and port.
import type { Random } from './back-off.js';
import { TrackerHealth } from './tracker-health.js';

/** Beyond it, those of trackers that no torrent names any more are forgotten. */
const mostIdle = 1000;

export class HealthOfTrackers {
  readonly #healthOfTrackers = new Map<string, TrackerHealth>();

  get size(): number {
    return this.#healthOfTrackers.size;
  }

  /** Two announce URLs of one host and port share one, whatever their paths. */
  of(url: string, random: Random): TrackerHealth {
    const { protocol, host } = new URL(url);
    const origin = `${protocol}//${host}`;
    const known = this.#healthOfTrackers.get(origin);
    if (known !== undefined) return known;
    if (this.#healthOfTrackers.size >= mostIdle) this.#forgetIdle();
    const health = new TrackerHealth(random);
    this.#healthOfTrackers.set(origin, health);
    return health;
  }

  #forgetIdle(): void {
    for (const [origin, health] of this.#healthOfTrackers) {
      if (health.isIdle) this.#healthOfTrackers.delete(origin);
    }
  }
}
