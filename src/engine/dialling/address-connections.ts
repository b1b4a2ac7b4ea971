// The connections that we made to one address. Where there are as many as there may be and another torrent wants one, the
// one of no use longest makes way: else a few torrents that have nothing for each other would keep all others from it.
import { dialLimits } from '../../limits.js';
import type { Occupant } from './contender.js';

interface Use {
  bytes: number;
  /** When it was last seen to have brought something. */
  atMs: number;
}

export class AddressConnections {
  readonly #nowMs: () => number;
  readonly #uses = new Map<Occupant, Use>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get count(): number {
    return this.#uses.size;
  }

  add(occupant: Occupant): void {
    this.#uses.set(occupant, { bytes: occupant.usefulBytes, atMs: this.#nowMs() });
  }

  /** False if it was not there. */
  delete(occupant: Occupant): boolean {
    return this.#uses.delete(occupant);
  }

  /** One that has been of no use for long enough, if there is one. It is deleted when it has ended. */
  displace(): void {
    const nowMs = this.#nowMs();
    let [useless, sinceMs]: [Occupant | undefined, number] = [
      undefined,
      nowMs - dialLimits.uselessMs,
    ];
    for (const [occupant, use] of this.#uses) {
      const { usefulBytes } = occupant;
      if (usefulBytes !== use.bytes) Object.assign(use, { bytes: usefulBytes, atMs: nowMs });
      if (use.atMs <= sinceMs) [useless, sinceMs] = [occupant, use.atMs];
    }
    useless?.displace();
  }
}
