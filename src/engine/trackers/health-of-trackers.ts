// The standings of all trackers an engine has to do with, by what they are reached at: protocol, host and port.
import type { Random } from './back-off.js';
import { TrackerStanding } from './tracker-health.js';

/** Beyond it, those of trackers that no torrent names any more are forgotten. */
const mostIdle = 1000;

export class TrackerStandings {
  readonly #standings = new Map<string, TrackerStanding>();

  get size(): number {
    return this.#standings.size;
  }

  /** Two announce URLs of one host and port share one, whatever their paths. */
  of(url: string, random: Random): TrackerStanding {
    const { protocol, host } = new URL(url);
    const origin = `${protocol}//${host}`;
    const known = this.#standings.get(origin);
    if (known !== undefined) return known;
    if (this.#standings.size >= mostIdle) this.#forgetIdle();
    const standing = new TrackerStanding(random);
    this.#standings.set(origin, standing);
    return standing;
  }

  #forgetIdle(): void {
    for (const [origin, standing] of this.#standings) {
      if (standing.isIdle) this.#standings.delete(origin);
    }
  }
}
