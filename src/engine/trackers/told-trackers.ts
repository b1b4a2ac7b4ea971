// How the trackers of one torrent are, as it was told to whoever watches: where somebody does, and only what is news.
import type { TrackerStatus } from '../../../machines/types.js';

export class ToldTrackers {
  readonly #tell: (tracker: TrackerStatus) => void;
  /** By URL, since somebody watches. */
  #told: Map<string, TrackerStatus> | undefined;

  constructor(tell: (tracker: TrackerStatus) => void) {
    this.#tell = tell;
  }

  watched(isWatched: boolean, present: readonly TrackerStatus[]): void {
    this.#told = isWatched ? new Map() : undefined;
    this.tellAll(present);
  }

  tellAll(trackers: readonly TrackerStatus[]): void {
    for (const tracker of trackers) this.tell(tracker);
  }

  tell(tracker: TrackerStatus): void {
    if (this.#told === undefined || isSameStatus(this.#told.get(tracker.url), tracker)) return;
    this.#told.set(tracker.url, tracker);
    this.#tell(tracker);
  }
}

function isSameStatus(one: TrackerStatus | undefined, other: TrackerStatus): boolean {
  return (
    one?.state === other.state &&
    one.failure?.message === other.failure?.message &&
    one.seeders === other.seeders &&
    one.leechers === other.leechers
  );
}
