// What is known of all actors: the newest records, as many as fit, and the actors as they were before the first of them. Whoever reads
// on keeps a place in it and asks; so nobody can make it grow by reading slowly.
import type { InspectionEvent, Observer } from 'xstate';
import { inspectorLimits } from '../../limits.js';
import { type ActorState, actorAfter } from '../told/actor-state.js';
import type { InspectionRecord } from '../told/records.js';
import { type UnnumberedRecord, XStateAdapter } from './xstate-adapter.js';

export interface Inspection {
  /** What an actor system is given as `inspect`. */
  readonly observer: Observer<InspectionEvent>;
  /** When it began, in Unix ms. */
  readonly beganMs: number;
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

interface Remembered {
  readonly record: InspectionRecord;
  readonly json: string;
}

export function createInspection(): Inspection {
  const beganMs = Date.now();
  const before = new Map<number, ActorState>();
  const listeners = new Set<() => void>();
  let remembered: Remembered[] = [];
  let dropped = 0;
  let characters = 0;
  let nextSeq = 1;
  const firstSeq = () => nextSeq - (remembered.length - dropped);

  const add = (unnumbered: UnnumberedRecord) => {
    const record: InspectionRecord = { seq: nextSeq, ...unnumbered };
    const json = JSON.stringify(record);
    nextSeq += 1;
    remembered.push({ record, json });
    characters += json.length;
    while (characters > inspectorLimits.rememberedCharacters) forgetOldest();
    for (const listener of listeners) listener();
  };
  const forgetOldest = () => {
    const oldest = remembered[dropped];
    if (oldest === undefined) return;
    dropped += 1;
    characters -= oldest.json.length;
    const { actor } = oldest.record;
    const state = actorAfter(before.get(actor), oldest.record);
    if (state?.status === 'active') before.set(actor, state);
    else before.delete(actor);
    // Not one by one, which would move all that follow each time.
    if (dropped < 1_000) return;
    remembered = remembered.slice(dropped);
    dropped = 0;
  };

  const adapter = new XStateAdapter(add);
  return {
    observer: { next: (inspected) => adapter.next(inspected) },
    beganMs,
    get firstSeq() {
      return firstSeq();
    },
    get nextSeq() {
      return nextSeq;
    },
    actorsBefore: () => [...before.values()],
    read(seq, mostCharacters) {
      if (seq < firstSeq()) return undefined;
      const found: string[] = [];
      let length = 0;
      for (let index = dropped + seq - firstSeq(); index < remembered.length; index += 1) {
        const json = remembered[index]?.json ?? '';
        length += json.length;
        if (found.length > 0 && length > mostCharacters) break;
        found.push(json);
      }
      return found;
    },
    onRecords(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
