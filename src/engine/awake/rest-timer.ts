// Lets torrents rest with which nobody has had to do for a while. One timer looks at those that are awake, whoever they are;
// while all rest there is none.
import { bindToTorrent } from '../torrent-context.js';

export interface Awake {
  /** It may rest as far as it is concerned. */
  readonly isIdle: boolean;
  /** It is awake no longer when this returns. */
  rest(): void;
}

export class RestTimer {
  /** Whether each was idle when it was looked at last. */
  readonly #wasIdle = new Map<Awake, boolean>();
  /** In no torrent's name, whoever was the first to wake. */
  readonly #start: () => NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;

  constructor(lookEveryMs: number) {
    this.#start = bindToTorrent(() => setInterval(() => this.#look(), lookEveryMs).unref());
  }

  /** How many are awake. */
  get size(): number {
    return this.#wasIdle.size;
  }

  woke(torrent: Awake): void {
    this.#wasIdle.set(torrent, false);
    this.#timer ??= this.#start();
  }

  /** It is over. */
  left(torrent: Awake): void {
    this.#wasIdle.delete(torrent);
    if (this.#wasIdle.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    for (const [torrent, wasIdle] of this.#wasIdle) {
      const { isIdle } = torrent;
      if (!isIdle || !wasIdle) {
        this.#wasIdle.set(torrent, isIdle);
        continue;
      }
      this.left(torrent);
      torrent.rest();
    }
  }
}
