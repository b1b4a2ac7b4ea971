// What the page knows: the records, one after the other, and the actors as they are at a place between two of them. It goes back and
// forth by what each record found and what it left, so that a place far away costs no more than the way there.
import { type ActorState, actorAfter } from '../../told/actor-state.js';
import type { InspectionSource, PageMessage } from '../../told/page-messages.js';
import type { InspectionRecord } from '../../told/records.js';

export type PageConnection = 'connecting' | 'open' | 'lost' | 'ended';

/** A record, and what it made of its actor. */
export interface Step {
  readonly record: InspectionRecord;
  /** Undefined: it was not there, or nobody knew of it. */
  readonly before: ActorState | undefined;
  readonly after: ActorState | undefined;
}

/** So many steps are kept; the oldest go first. */
const mostSteps = 100_000;

export class PageStore {
  readonly #listeners = new Set<() => void>();
  readonly #actors = new Map<number, ActorState>();
  #steps: Step[] = [];
  #source: InspectionSource | undefined;
  #connection: PageConnection = 'connecting';
  #reason: string | undefined;
  #lostRecords = 0;
  #position = 0;
  #isFollowing = true;
  #selected: number | undefined;
  #version = 0;

  /** What it looks at; undefined until it has been told. */
  get source(): InspectionSource | undefined {
    return this.#source;
  }

  get connection(): PageConnection {
    return this.#connection;
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
    return this.#actors;
  }

  /** The number of the actor that is looked at. */
  get selected(): number | undefined {
    return this.#selected;
  }

  /** Another whenever anything else is. */
  get version(): number {
    return this.#version;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  receive(message: PageMessage): void {
    switch (message.type) {
      case 'began':
        this.#begin(message.source, message.lostRecords);
        break;
      case 'actors':
        for (const state of message.actors) this.#actors.set(state.actor, state);
        break;
      case 'records':
        for (const record of message.records) this.#add(record);
        break;
      case 'caughtUp':
        this.#connection = 'open';
        break;
      case 'ended':
        this.#connection = 'ended';
        this.#reason = message.reason;
        break;
    }
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
    this.#changed();
  }

  #begin(source: InspectionSource, lostRecords: number): void {
    this.#source = source;
    this.#connection = 'connecting';
    this.#lostRecords = lostRecords;
    this.#actors.clear();
    this.#steps = [];
    this.#position = 0;
    this.#isFollowing = source.kind === 'live' || this.#isFollowing;
  }

  #add(record: InspectionRecord): void {
    const before = this.#latest(record.actor);
    this.#steps.push({ record, before, after: actorAfter(before, record) });
    if (this.#isFollowing) this.#go(this.#steps.length);
    if (this.#steps.length < 2 * mostSteps) return;
    const most = Math.min(this.#steps.length - mostSteps, this.#position);
    this.#steps = this.#steps.slice(most);
    this.#lostRecords += most;
    this.#position -= most;
  }

  /** As the newest step left it, wherever the position is. */
  #latest(actor: number): ActorState | undefined {
    if (this.#position === this.#steps.length) return this.#actors.get(actor);
    for (let index = this.#steps.length - 1; index >= this.#position; index -= 1) {
      const step = this.#steps[index];
      if (step?.record.actor === actor) return step.after;
    }
    return this.#actors.get(actor);
  }

  #go(asked: number): void {
    const position = Math.max(0, Math.min(asked, this.#steps.length));
    for (; this.#position < position; this.#position += 1) {
      const step = this.#steps[this.#position];
      if (step?.after) this.#actors.set(step.record.actor, step.after);
    }
    for (; this.#position > position; this.#position -= 1) {
      const step = this.#steps[this.#position - 1];
      if (step?.before) this.#actors.set(step.record.actor, step.before);
      else if (step) this.#actors.delete(step.record.actor);
    }
  }

  #changed(): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}
