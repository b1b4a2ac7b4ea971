// How the trackers of the live jobs were when last heard of, for who listens from now on: the library tells of changes alone.
import type { HelperEvent } from '../../helper/events/helper-event.js';
import { dialectLimits } from '../../limits.js';

export type TrackerEvent = Extract<HelperEvent, { readonly type: 'tracker.changed' }>;

export class KnownTrackers {
  /** By job, and by URL. */
  readonly #byJob = new Map<number, Map<string, TrackerEvent>>();
  #count = 0;

  onEvent(event: HelperEvent): void {
    if (event.type === 'tracker.changed') this.#remember(event);
    else if (event.type === 'job.ended') {
      this.#count -= this.#byJob.get(event.id)?.size ?? 0;
      this.#byJob.delete(event.id);
    }
  }

  *all(): Iterable<TrackerEvent> {
    for (const trackers of this.#byJob.values()) yield* trackers.values();
  }

  #remember(event: TrackerEvent): void {
    const trackers = this.#byJob.get(event.id) ?? new Map<string, TrackerEvent>();
    if (!trackers.has(event.url)) {
      if (this.#count >= dialectLimits.rememberedTrackers) return;
      this.#count += 1;
    }
    this.#byJob.set(event.id, trackers.set(event.url, event));
  }
}
