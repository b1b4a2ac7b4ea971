// What a page may be told, for tests: a helper's actors, and what they took.
import type { PageMessage } from '../../../../../src/inspection/told/page-messages.js';
import type {
  ActorRecord,
  InspectionRecord,
  TransitionRecord,
} from '../../../../../src/inspection/told/records.js';

const bases = { timeMs: 1_000, taken: [], status: 'active' } as const;

export const made = (seq: number, actor: number, more: Partial<ActorRecord> = {}): ActorRecord => ({
  ...bases,
  type: 'actor',
  seq,
  actor,
  id: `actor-${actor}`,
  src: 'torrent',
  context: {},
  ...more,
});

export const took = (
  seq: number,
  actor: number,
  more: Partial<TransitionRecord> = {},
): TransitionRecord => ({
  ...bases,
  type: 'transition',
  seq,
  actor,
  event: { type: `event-${seq}` },
  changed: {},
  ...more,
});

export const began = (beganMs = 1, lostRecords = 0): PageMessage => ({
  type: 'began',
  source: { kind: 'live', version: '1.0.0', beganMs },
  lostRecords,
});

export const records = (...all: readonly InspectionRecord[]): PageMessage => ({
  type: 'records',
  records: all,
});
