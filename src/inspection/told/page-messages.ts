// What the page is told, in this order: what it looks at, the actors that there were when the first remembered record came,
// the records, and that it has heard all there was; then what is new, until it ends.
import type { ActorState } from './actor-state.js';
import type { InspectionRecord } from './records.js';

export interface InspectionSource {
  readonly kind: 'live' | 'recording';
  /** Of the helper whose actors they are. */
  readonly version: string;
  readonly pid?: number | undefined;
  /** The name of the recording. */
  readonly file?: string | undefined;
  /** What to know of it before it is read, a sentence each, in lower case and without a full stop. */
  readonly notes?: readonly string[] | undefined;
  /** When the first actor could be seen, in Unix ms. */
  readonly beganMs: number;
}

export type PageMessage =
  | {
      readonly type: 'began';
      readonly source: InspectionSource;
      /** So many records before the first one are no longer known. */
      readonly lostRecords: number;
    }
  | { readonly type: 'actors'; readonly actors: readonly ActorState[] }
  | { readonly type: 'records'; readonly records: readonly InspectionRecord[] }
  | { readonly type: 'caughtUp' }
  | { readonly type: 'ended'; readonly reason: string };
