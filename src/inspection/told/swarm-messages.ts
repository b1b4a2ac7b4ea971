// What a page is told of the swarm of one job, while it looks at it: once at the beginning, then once a second. It is nowhere written
// down.
import type {
  JobState,
  PeerMeasure,
  PieceMap,
  SwarmDetail,
  SwarmMeasure,
  TrackerMeasure,
} from '../../../machines/types.js';

export type { PeerMeasure, PieceMap, SwarmDetail, TrackerMeasure };

/** Of the job's torrent. */
export interface SwarmTotals extends Omit<SwarmMeasure, 'detail' | 'bytesDone'> {
  /** Undefined while its torrent is not known. */
  readonly bytesTotal: number | undefined;
  /** Verified. */
  readonly bytesDone: number;
}

export interface SwarmMessage {
  /** When it was so, in Unix ms. */
  readonly timeMs: number;
  readonly state: JobState;
  readonly totals: SwarmTotals;
  /** Undefined while the job is in no swarm, or has not been looked at. */
  readonly detail?: SwarmDetail | undefined;
}
