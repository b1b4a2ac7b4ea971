// What is known of all actors: the newest records, as many as fit, and the actors as they were before the first of them. Whoever reads
// on keeps a place in it and asks; so nobody can make it grow by reading slowly.
import type { InspectionEvent, Observer } from 'xstate';
import { inspectorLimits } from '../../limits.js';
import { type ActorState, actorAfter } from '../told/actor-state.js';
import type { InspectionRecord } from '../told/records.js';
import type { UnnumberedRecord } from './causal-order.js';
import { Repeats } from './repeats.js';
import { XStateAdapter } from './xstate-adapter.js';

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

export function createInspection(): Inspection {
  const beganMs = Date.now();
  /** The one that took its last event longest ago comes first. */
  const before = new Map<number, ActorState>();
  const listeners = new Set<() => void>();
  let remembered: string[] = [];
  let dropped = 0;
  let characters = 0;
  let nextSeq = 1;
  const firstSeq = () => nextSeq - (remembered.length - dropped);

  const add = (unnumbered: UnnumberedRecord) => {
    const json = jsonOf({ seq: nextSeq, ...unnumbered });
    nextSeq += 1;
    remembered.push(json);
    characters += json.length;
    while (
      characters > inspectorLimits.rememberedCharacters ||
      remembered.length - dropped > inspectorLimits.rememberedRecords
    ) {
      forgetOldest();
    }
    for (const listener of listeners) listener();
  };
  const forgetOldest = () => {
    const oldest = remembered[dropped];
    if (oldest === undefined) return;
    dropped += 1;
    characters -= oldest.length;
    const record: InspectionRecord = JSON.parse(oldest);
    const state = actorAfter(before.get(record.actor), record);
    before.delete(record.actor);
    if (state?.status === 'active') before.set(record.actor, state);
    const [[idlest] = []] = before;
    if (idlest !== undefined && before.size > inspectorLimits.rememberedActors) {
      before.delete(idlest);
    }
    // Not one by one, which would move all that follow each time.
    if (dropped < 1_000) return;
    remembered = remembered.slice(dropped);
    dropped = 0;
  };

  const repeats = new Repeats(add);
  const adapter = new XStateAdapter((record) => repeats.add(record));
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
        const json = remembered[index] ?? '';
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

/** Whatever a machine calls its states, a record has its limit: then it says no more than what happened to whom. */
function jsonOf(record: InspectionRecord): string {
  const json = JSON.stringify(record);
  if (json.length <= inspectorLimits.recordCharacters) return json;
  const bare = { taken: [], value: undefined };
  return record.type === 'actor'
    ? JSON.stringify({ ...record, ...bare, context: {} })
    : JSON.stringify({ ...record, ...bare, event: { type: '…' }, changed: {}, result: undefined });
}
