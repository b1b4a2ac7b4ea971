// What a recording is made of: a JSON object a line. The first is its header; then come the actors as they were, then the records.
// An older one, that was the same helper's and ends where this one begins, lies beside it as FILE.1.
import type { ActorState } from '../told/actor-state.js';
import type { InspectionRecord } from '../told/records.js';

/** Raised when a reader of before would get something wrong. */
export const recordingFormat = 1;

/** What every recording begins with: whatever does not is never written over. */
export const recordingStart = '{"type":"recording"';

export interface RecordingHeader {
  readonly type: 'recording';
  readonly format: number;
  /** Of the helper that was recorded. */
  readonly version: string;
  readonly pid?: number | undefined;
  /** When its first actor could be seen, in Unix ms. */
  readonly beganMs: number;
  /** The number of the first record that follows. */
  readonly nextSeq: number;
}

export type RecordingLine =
  | RecordingHeader
  /** As they were before the record that follows; several of these lines, one after the other, are one list. */
  | { readonly type: 'actors'; readonly actors: readonly ActorState[] }
  | InspectionRecord
  /** So many records are missing here, as the disk was too slow for them; the actors follow as they were after them. */
  | { readonly type: 'lost'; readonly records: number }
  /** The helper has stopped; without this line it was killed, or goes on. */
  | { readonly type: 'ended'; readonly timeMs: number };

/** Where the older one lies, of a recording that has become too long for one file. */
export function olderRecording(file: string): string {
  return `${file}.1`;
}
