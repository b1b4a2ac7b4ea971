// The newest records, as JSON, as many as fit; and the actors as they were before the first of them.
import { inspectorLimits } from '../../limits.js';
import { type ActorState, actorAfter } from '../told/actor-state.js';
import type { InspectionRecord } from '../told/records.js';
import type { UnnumberedRecord } from './causal-order.js';

interface Remembered {
  readonly json: string;
  readonly actor: number;
  /** How many events it tells of. */
  readonly times: number;
  /** The one after it tells all that it does. */
  readonly isPassing: boolean;
  /** Nothing follows of its actor. */
  readonly isEnd: boolean;
}

const { rememberedCharacters, rememberedRecords, rememberedActors, recordCharacters } =
  inspectorLimits;

export class RecordLog {
  #remembered: Remembered[] = [];
  #characters = 0;
  #nextSeq = 1;
  /** The one that was heard of last is the last. */
  readonly #before = new Map<number, ActorState>();

  get firstSeq(): number {
    return this.#nextSeq - this.#remembered.length;
  }

  get nextSeq(): number {
    return this.#nextSeq;
  }

  actorsBefore(): readonly ActorState[] {
    return [...this.#before.values()];
  }

  add(unnumbered: UnnumberedRecord): void {
    const record: InspectionRecord = { seq: this.#nextSeq, ...unnumbered };
    const json = jsonOf(record);
    const isTransition = record.type === 'transition';
    this.#nextSeq += 1;
    this.#characters += json.length;
    this.#remembered.push({
      json,
      actor: record.actor,
      times: isTransition ? (record.times ?? 1) : 0,
      isPassing: isTransition && isEmpty(record.changed),
      isEnd: isTransition && record.status !== 'active',
    });
    if (this.#characters > rememberedCharacters || this.#remembered.length > rememberedRecords) {
      this.#forgetOldest();
    }
  }

  read(seq: number, mostCharacters: number): readonly string[] | undefined {
    if (seq < this.firstSeq) return undefined;
    const found: string[] = [];
    let length = 0;
    for (let index = seq - this.firstSeq; index < this.#remembered.length; index += 1) {
      const json = this.#remembered[index]?.json ?? '';
      length += json.length;
      if (found.length > 0 && length > mostCharacters) break;
      found.push(json);
    }
    return found;
  }

  /** An eighth of them, as one by one would move all that follow each time. */
  #forgetOldest(): void {
    const oldest = new Map<number, Remembered[]>();
    let count = 0;
    for (const each of this.#remembered) {
      const isFew = this.#remembered.length - count <= (rememberedRecords * 7) / 8;
      if (isFew && this.#characters <= (rememberedCharacters * 7) / 8) break;
      count += 1;
      this.#characters -= each.json.length;
      const others = oldest.get(each.actor);
      if (others) others.push(each);
      else oldest.set(each.actor, [each]);
    }
    this.#remembered = this.#remembered.slice(count);
    for (const [actor, records] of oldest) this.#move(actor, records);
    for (const actor of this.#before.keys()) {
      if (this.#before.size <= rememberedActors) break;
      this.#before.delete(actor);
    }
  }

  /** What they tell of an actor becomes what it was before. */
  #move(actor: number, records: readonly Remembered[]): void {
    const last = records.at(-1);
    let state = this.#before.get(actor);
    this.#before.delete(actor);
    if (last === undefined || last.isEnd) return;
    let passed = 0;
    for (const each of records) {
      if (each.isPassing && each !== last) passed += each.times;
      else state = actorAfter(state, JSON.parse(each.json));
    }
    if (state) this.#before.set(actor, { ...state, events: state.events + passed });
  }
}

function isEmpty(fields: object): boolean {
  for (const _ in fields) return false;
  return true;
}

/** Whatever a machine calls its states, a record has its limit: beyond it, it says what happened to whom, and no more. */
function jsonOf(record: InspectionRecord): string {
  const json = JSON.stringify(record);
  if (json.length <= recordCharacters) return json;
  const bare = { taken: [], value: undefined };
  return record.type === 'actor'
    ? JSON.stringify({ ...record, ...bare, context: {} })
    : JSON.stringify({ ...record, ...bare, event: { type: '…' }, changed: {}, result: undefined });
}
