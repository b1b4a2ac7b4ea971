// Records that a reader goes through at its own pace: it keeps a place among them and asks for more, so that nobody can make them grow by
// reading slowly. They come of a helper that runs, or of a recording.
import type { ActorState } from './actor-state.js';
import type { InspectionSource } from './page-messages.js';

export interface ReadableRecords {
  /** The number of the oldest record that is remembered; one more than the newest, where none is. */
  readonly firstSeq: number;
  /** The number that the next record takes. */
  readonly nextSeq: number;
  /** The actors as they were before the record `firstSeq`. */
  actorsBefore(): readonly ActorState[];
  /** Records as JSON, from `seq` on, as many as have so many characters; undefined: some of them are no longer remembered. */
  read(seq: number, mostCharacters: number): readonly string[] | undefined;
  /** Hears that there is more to read. Returns how to hear no more. */
  onRecords(listener: () => void): () => void;
}

/** What a page is told of: an inspection that goes on, or one that was recorded. */
export interface InspectedRecords extends ReadableRecords {
  readonly source: InspectionSource;
}
