// The lines of a recording, one after the other, become records without a gap. Where some are missing, what each actor has become
// meanwhile is told as one event of its own, `recording.gap`.
import { recordingLimits } from '../../limits.js';
import { type ActorState, actorAfter } from '../told/actor-state.js';
import type { ActorRecord, InspectionRecord, TransitionRecord } from '../told/records.js';
import type { RecordingLine } from './recording-lines.js';

type Actors = ReadonlyMap<number, ActorState>;

/** Parents of parents of an actor, at most: what goes round in a circle ends there, too. */
const mostParents = 64;

export class CollectedRecords {
  /** As JSON, from the record `firstSeq` on, each with the next number. */
  readonly jsons: string[] = [];
  firstSeq = 1;
  /** The actors before the first of them. */
  before: readonly ActorState[] = [];
  /** Records that were not recorded. */
  missing = 0;
  /** Lines that are none. */
  unreadable = 0;
  /** The helper has ended, and said so. */
  hasEnded = false;
  readonly #actors = new Map<number, ActorState>();
  /** As the recording says that they are now. */
  #said: Map<number, ActorState> | undefined;
  #gaps = 0;
  /** Of the last record. */
  #last: number | undefined;

  /** More is not to be taken. */
  get isFull(): boolean {
    const { records, actors, gaps, unreadableLines } = recordingLimits;
    return (
      this.jsons.length >= records ||
      this.#actors.size >= actors ||
      this.#gaps >= gaps ||
      this.unreadable >= unreadableLines
    );
  }

  /** @param line undefined: it was none */
  take(line: RecordingLine | undefined): void {
    if (line === undefined) {
      this.unreadable += 1;
      return;
    }
    this.hasEnded = line.type === 'ended';
    switch (line.type) {
      case 'recording':
        if (this.#last === undefined) this.firstSeq = line.nextSeq;
        this.#said = new Map();
        return;
      case 'lost':
        this.#said = new Map();
        return;
      case 'actors':
        for (const state of line.actors) this.#say(state);
        return;
      case 'actor':
      case 'transition':
        this.#takeRecord(line);
    }
  }

  /** Nothing follows. */
  end(): void {
    if (this.#last === undefined) this.#beginWith(this.#said ?? new Map());
  }

  #say(state: ActorState): void {
    if (this.#said && this.#said.size < recordingLimits.actors) this.#said.set(state.actor, state);
  }

  #takeRecord(record: InspectionRecord): void {
    const { seq } = record;
    const isOld = this.#last !== undefined && seq <= this.#last;
    if (isOld || !this.#hasParents(record)) {
      this.unreadable += 1;
      return;
    }
    if (this.#last === undefined) {
      this.missing += Math.max(0, seq - this.firstSeq);
      this.firstSeq = seq;
      this.#beginWith(this.#said ?? new Map());
    } else if (seq > this.#last + 1) {
      this.missing += seq - this.#last - 1;
      if (this.#said) this.#bridge(this.#said, record.timeMs);
      this.#gaps += 1;
    }
    this.#said = undefined;
    this.#last = seq;
    this.#add(record);
  }

  #beginWith(said: Actors): void {
    for (const state of said.values()) {
      if (this.#hasParents(state)) this.#actors.set(state.actor, state);
    }
    this.before = [...this.#actors.values()];
  }

  #bridge(said: Actors, timeMs: number): void {
    for (const state of said.values()) {
      const known = this.#actors.get(state.actor);
      if (!this.#hasParents(state)) continue;
      if (known === undefined) this.#add(actorRecord(state, timeMs));
      else if (isOther(known, state)) this.#add(gap(state, timeMs));
    }
    for (const known of [...this.#actors.values()]) {
      const isGone = known.status === 'active' && !said.has(known.actor);
      if (isGone) this.#add(gap({ ...known, status: 'stopped', context: {} }, timeMs));
    }
  }

  #add(record: InspectionRecord): void {
    const state = actorAfter(this.#actors.get(record.actor), record);
    if (state) this.#actors.set(state.actor, state);
    this.jsons.push(JSON.stringify({ ...record, seq: this.firstSeq + this.jsons.length }));
  }

  /** Whether it is nobody's parent's child in a circle. */
  #hasParents(made: ActorState | InspectionRecord): boolean {
    if (!('parent' in made)) return true;
    let parent = made.parent;
    for (let count = 0; count < mostParents; count += 1) {
      if (parent === undefined) return true;
      if (parent === made.actor) return false;
      parent = this.#actors.get(parent)?.parent;
    }
    return false;
  }
}

function isOther(known: ActorState, said: ActorState): boolean {
  const told = ({ value, status, context, events }: ActorState) =>
    JSON.stringify([value, status, context, events]);
  return told(known) !== told(said);
}

function gap(
  { actor, value, status, context, result }: ActorState,
  timeMs: number,
): TransitionRecord {
  const event = { type: 'recording.gap' };
  const changed = context;
  return {
    type: 'transition',
    seq: 0,
    timeMs,
    actor,
    event,
    taken: [],
    value,
    status,
    changed,
    result,
  };
}

function actorRecord(
  { actor, parent, id, src, machine, value, status, context }: ActorState,
  timeMs: number,
): ActorRecord {
  const names = { actor, parent, id, src, machine };
  return { type: 'actor', seq: 0, timeMs, ...names, taken: [], value, status, context };
}
