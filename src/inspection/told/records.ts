// What is told of actors, as plain data: an actor is there, and an actor took an event. It goes to the page, into a recording,
// and into the coverage of the charts. Nothing of XState's own is in it: XState 5's events are made into it in one place,
// src/inspection/observe/xstate-adapter.ts, and those of XState 6, which are the same two, can be.

export type PlainValue =
  | null
  | boolean
  | number
  | string
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue };

export type PlainFields = Readonly<Record<string, PlainValue>>;

export interface PlainEvent extends PlainFields {
  readonly type: string;
}

/** The states that a machine is in, as XState writes them: `{ active: { joined: 'seeding' } }`. */
export type StateTree = string | { readonly [state: string]: StateTree };

export type ActorStatus = 'active' | 'done' | 'error' | 'stopped';

interface Numbered {
  /** From 1 on, without a gap. What an event caused comes after it; of alike ones that are told together, it may come before. */
  readonly seq: number;
  /** When it began, in Unix ms. */
  readonly timeMs: number;
}

/** An actor was made; it is as it is before its first event. */
export interface ActorRecord extends Numbered {
  readonly type: 'actor';
  /** Its number: every actor of the process has another. */
  readonly actor: number;
  /** Undefined: it is the first of its system. */
  readonly parent?: number | undefined;
  /** As its parent calls it: `job-12`. */
  readonly id: string;
  /** The name of its logic: `joinSwarm`. */
  readonly src: string;
  /** The id of its chart; undefined where its logic is no machine. */
  readonly machine?: string | undefined;
  /** The transitions that it took at once. */
  readonly taken: readonly string[];
  readonly value?: StateTree | undefined;
  readonly status: ActorStatus;
  readonly context: PlainFields;
}

/** An actor took an event, or a few that were alike. */
export interface TransitionRecord extends Numbered {
  readonly type: 'transition';
  readonly actor: number;
  /** Who sent it, if it was an actor. */
  readonly from?: number | undefined;
  readonly event: PlainEvent;
  /** The transitions that the chart took, in order, by their ids (src/inspection/charts/transition-id.ts); none: it stayed. */
  readonly taken: readonly string[];
  /** Where it is now. */
  readonly value?: StateTree | undefined;
  readonly status: ActorStatus;
  /** What of the context is another than before, as it is now. */
  readonly changed: PlainFields;
  /** What it ended with: its output, or its error. */
  readonly result?: PlainValue | undefined;
  /**
   * So many alike; left out, one. The event is the last of them, and so is the time: others of up to a second later may come before,
   * but none of its actor.
   */
  readonly times?: number | undefined;
}

export type InspectionRecord = ActorRecord | TransitionRecord;
