// Records of actors, as an inspection would tell them, and the steps that a page makes of them.
import { PageStore, type Step } from '../../../src/inspection/page/store/page-store.js';
import type {
  ActorRecord,
  InspectionRecord,
  TransitionRecord,
} from '../../../src/inspection/told/records.js';

/** What is left out is as of a machine that is new. */
export function made(actor: number, id: string, fields: Partial<ActorRecord> = {}): ActorRecord {
  return {
    type: 'actor',
    seq: 0,
    timeMs: 0,
    actor,
    id,
    src: id,
    taken: [],
    status: 'active',
    context: {},
    ...fields,
  };
}

export function told(
  actor: number,
  type: string,
  fields: Partial<TransitionRecord> = {},
): TransitionRecord {
  return {
    type: 'transition',
    seq: 0,
    timeMs: 0,
    actor,
    event: { type },
    taken: [],
    status: 'active',
    changed: {},
    ...fields,
  };
}

/** Numbered from 1 on; one a second where no time is told. */
export function storeOf(records: readonly InspectionRecord[]): PageStore {
  const store = new PageStore();
  const source = { kind: 'live', version: '0.1.0', beganMs: 0 } as const;
  store.receive({ type: 'began', source, lostRecords: 0 });
  const numbered = records.map((record, index) => ({
    ...record,
    seq: index + 1,
    timeMs: record.timeMs || (index + 1) * 1_000,
  }));
  store.receive({ type: 'records', records: numbered });
  return store;
}

export function stepsOf(...records: readonly InspectionRecord[]): readonly Step[] {
  return storeOf(records).steps;
}
