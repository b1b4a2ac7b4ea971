// What the page knows: the records, one after the other, and the actors as they are at a place between two of them. It goes back and
// forth by what each record found and what it left, so that a place far away costs no more than the way there.
import { inspectorPageLimits } from '../../../limits.js';
import { type ActorState, actorAfter } from '../../told/actor-state.js';
import type { InspectionSource, PageMessage } from '../../told/page-messages.js';
import type { InspectionRecord } from '../../told/records.js';
import { ActorFamily } from './actor-family.js';

export type PageConnection = 'connecting' | 'open' | 'lost' | 'ended';

/** A record, and what it made of its actor. */
export interface Step {
  readonly record: InspectionRecord;
  /** Undefined: it was not there, or nobody knew of it. */
  readonly before: ActorState | undefined;
  readonly after: ActorState | undefined;
}

export interface PageLimits {
  readonly steps: number;
  readonly characters: number;
}

/** Steps that are forgotten together, as each time all that follow are moved. */
interface Batch {
  steps: number;
  characters: number;
}

export class PageStore {
  readonly #limits: PageLimits;
  readonly #listeners = new Set<() => void>();
  /** At the position. */
  readonly #family = new ActorFamily();
  /** After the last step. */
  readonly #newest = new Map<number, ActorState>();
  #steps: Step[] = [];
  #batches: Batch[] = [];
  #characters = 0;
  #source: InspectionSource | undefined;
  #connection: PageConnection = 'connecting';
  #reason: string | undefined;
  #lostRecords = 0;
  #lastSeq = 0;
  #position = 0;
  #isFollowing = true;
  #selected: number | undefined;
  /** Not by itself, but by whoever looks. */
  #isChosen = false;
  /** Of whom was looked at before all began anew. */
  #sought: readonly string[] | undefined;
  /** It is told again what it knows. */
  #isResuming = false;
  #version = 0;

  constructor(limits: PageLimits = inspectorPageLimits) {
    this.#limits = limits;
  }

  /** What it looks at; undefined until it has been told. */
  get source(): InspectionSource | undefined {
    return this.#source;
  }

  get connection(): PageConnection {
    return this.#connection;
  }

  /** Whether nothing new will come. */
  get isOver(): boolean {
    return this.#source?.kind === 'recording' || this.#connection === 'ended';
  }

  /** Why it has ended. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** How many records there were before the first step that is known. */
  get lostRecords(): number {
    return this.#lostRecords;
  }

  /** The oldest first. */
  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** So many of the steps have been taken. */
  get position(): number {
    return this.#position;
  }

  /** The step that was taken last. */
  get current(): Step | undefined {
    return this.#steps[this.#position - 1];
  }

  /** Whether new steps are taken as they come. */
  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  /** As they are at this position, by their numbers, in the order in which they were made. */
  get actors(): ReadonlyMap<number, ActorState> {
    return this.#family.states;
  }

  /** Whose child each of them is. */
  get family(): Omit<ActorFamily, 'set' | 'delete' | 'clear'> {
    return this.#family;
  }

  /** The number of the actor that is looked at; it need not be there yet at this position. */
  get selected(): number | undefined {
    return this.#selected;
  }

  /** Another whenever anything else is. */
  get version(): number {
    return this.#version;
  }

  /** As the newest step left it, wherever the position is. */
  newest(actor: number): ActorState | undefined {
    return this.#newest.get(actor);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** `characters`: so long was the message as it came. */
  receive(message: PageMessage, characters = 0): void {
    switch (message.type) {
      case 'began':
        this.#begin(message.source, message.lostRecords);
        break;
      case 'actors':
        if (!this.#isResuming) for (const state of message.actors) this.#meet(state);
        break;
      case 'records':
        this.#addAll(message.records, characters);
        break;
      case 'caughtUp':
        this.#connection = 'open';
        break;
      case 'ended':
        this.#connection = 'ended';
        this.#reason = message.reason;
        break;
    }
    this.#lookAtSomeone();
    this.#changed();
  }

  /** The connection broke; it is tried again, and then told anew. */
  lose(): void {
    if (this.#connection !== 'ended') this.#connection = 'lost';
    this.#changed();
  }

  /** Goes to where so many steps are taken. */
  seek(position: number): void {
    this.#isFollowing = false;
    this.#go(position);
    this.#changed();
  }

  /** Goes to the newest step, and stays with it. */
  follow(): void {
    this.#isFollowing = true;
    this.#go(this.#steps.length);
    this.#changed();
  }

  select(actor: number | undefined): void {
    this.#selected = actor;
    this.#isChosen = actor !== undefined;
    this.#sought = undefined;
    this.#changed();
  }

  #begin(source: InspectionSource, lostRecords: number): void {
    const known = this.#source;
    this.#source = source;
    this.#connection = 'connecting';
    this.#reason = undefined;
    this.#isResuming =
      known?.beganMs === source.beganMs &&
      known.pid === source.pid &&
      known.file === source.file &&
      lostRecords <= this.#lastSeq;
    if (this.#isResuming) return;
    if (this.#isChosen && this.#selected !== undefined) {
      this.#go(this.#steps.length);
      this.#sought = this.#family.lineOf(this.#selected).map(({ id }) => id);
    }
    this.#selected = undefined;
    this.#isChosen = false;
    this.#lostRecords = lostRecords;
    this.#lastSeq = lostRecords;
    this.#family.clear();
    this.#newest.clear();
    this.#steps = [];
    this.#batches = [];
    this.#characters = 0;
    this.#position = 0;
    this.#isFollowing = true;
  }

  #meet(state: ActorState): void {
    this.#family.set(state);
    this.#newest.set(state.actor, state);
  }

  #addAll(records: readonly InspectionRecord[], characters: number): void {
    const known = this.#steps.length;
    for (const record of records) this.#add(record);
    const steps = this.#steps.length - known;
    // Of what was partly told again, as much as was new.
    if (steps > 0) this.#bound(steps, Math.ceil((characters * steps) / records.length));
  }

  #add(record: InspectionRecord): void {
    if (record.seq <= this.#lastSeq) return;
    this.#lastSeq = record.seq;
    const before = this.#newest.get(record.actor);
    const after = actorAfter(before, record);
    if (after) this.#newest.set(record.actor, after);
    this.#steps.push({ record, before, after });
    if (this.#isFollowing) this.#go(this.#steps.length);
  }

  #bound(steps: number, characters: number): void {
    const { steps: mostSteps, characters: mostCharacters } = this.#limits;
    const last = this.#batches.at(-1);
    this.#characters += characters;
    const isSmall = last && last.steps < mostSteps / 20 && last.characters < mostCharacters / 20;
    if (isSmall) {
      last.steps += steps;
      last.characters += characters;
    } else {
      this.#batches.push({ steps, characters });
    }
    let forgotten = 0;
    while (
      this.#batches.length > 1 &&
      (this.#steps.length - forgotten > mostSteps || this.#characters > mostCharacters)
    ) {
      const oldest = this.#batches.shift();
      forgotten += oldest?.steps ?? 0;
      this.#characters -= oldest?.characters ?? 0;
    }
    if (forgotten > 0) this.#forget(forgotten);
  }

  /** Whoever looks at what is forgotten, looks at the oldest that is not. */
  #forget(count: number): void {
    if (this.#position < count) this.#go(count);
    for (const { record, after } of this.#steps.slice(0, count)) {
      const { actor } = record;
      // It ended, and there is no place left where it was there.
      if (after === undefined || after.status === 'active' || this.#newest.get(actor) !== after) {
        continue;
      }
      this.#newest.delete(actor);
      this.#family.delete(actor);
      if (this.#selected === actor) this.select(undefined);
    }
    this.#steps = this.#steps.slice(count);
    this.#lostRecords += count;
    this.#position -= count;
  }

  #go(asked: number): void {
    const position = Math.max(0, Math.min(asked, this.#steps.length));
    for (; this.#position < position; this.#position += 1) {
      const step = this.#steps[this.#position];
      if (step?.after) this.#family.set(step.after);
    }
    for (; this.#position > position; this.#position -= 1) {
      const step = this.#steps[this.#position - 1];
      if (step?.before) this.#family.set(step.before);
      else if (step) this.#family.delete(step.record.actor);
    }
  }

  /** Whom it was before all began anew; else, until someone is chosen, the first job, and without one, whoever asks for them. */
  #lookAtSomeone(): void {
    if (this.#sought) {
      const found = this.#family.find(this.#sought);
      if (found !== undefined) this.select(found);
      else if (this.#connection === 'open') this.#sought = undefined;
    }
    if (this.#isChosen || this.#sought) return;
    const isJob = (state: ActorState | undefined) => state?.machine === 'torrent';
    if (this.#selected !== undefined && isJob(this.#newest.get(this.#selected))) return;
    const known = [...this.#newest.values()];
    const first = known.find(isJob) ?? known.find(({ id }) => id === 'supervisor') ?? known[0];
    this.#selected = first?.actor;
  }

  #changed(): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}
