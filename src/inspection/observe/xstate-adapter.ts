// XState 5's inspection events, made into records. It is the one place that knows them, and what they leave out: when an actor begins to
// deal with an event, who sent it where an actor calls `send`, that a machine threw, and that an actor is stopped.
import type { ActorRefLike, AnyEventObject, InspectionEvent, Snapshot } from 'xstate';
import { transitionId } from '../charts/transition-id.js';
import type { PlainEvent } from '../told/records.js';
import { CausalOrder, type UnnumberedRecord } from './causal-order.js';
import { PlainData } from './plain-data.js';
import { contextOf, machineOf, resultOf, stateTreeOf } from './snapshot-data.js';

/** Characters of JSON: together they are less than a record may have. */
const most = { names: 600, event: 4_000, fields: 5_000, result: 1_500, value: 1_500, taken: 2_500 };

interface Sent {
  readonly event: AnyEventObject;
  readonly from: Observed | undefined;
}

/** An event that an actor is dealing with. */
interface Deal extends Sent {
  /** Its place among all that began. */
  readonly began: number;
  readonly timeMs: number;
}

interface Observed {
  readonly actorRef: ActorRefLike;
  readonly actor: number;
  parent: Observed | undefined;
  phase: 'made' | 'started' | 'ended';
  /** As told last. */
  context: object;
  deal: Deal | undefined;
  /** Sent, and not dealt with: it is not started, or deals with another. */
  waiting: Sent[];
  /** Transitions taken since its last record. */
  taken: string[];
  /** The first of its children was stopped, and no event of its own is the cause: it is being stopped. */
  stopBegan: number | undefined;
}

const initEvent = 'xstate.init';
const stopEvent = 'xstate.stop';
const errorEvents = 'xstate.error.actor.';

/** Numbers, many a second: nothing of a chart happens by them. */
const measured: ReadonlySet<string> = new Set(['swarm.measured', 'job.measured']);

export class XStateAdapter {
  readonly #order: CausalOrder;
  readonly #observed = new WeakMap<ActorRefLike, Observed>();
  /** Who is dealing with an event, each because of the one before. */
  readonly #dealing: Observed[] = [];
  #actors = 0;
  #lastEvent: AnyEventObject | undefined;
  #lastPlain: PlainEvent = { type: '' };
  #endsTurn = false;

  /** What happens in one turn is told when all that it causes has happened. */
  constructor(tell: (record: UnnumberedRecord) => void) {
    this.#order = new CausalOrder(tell);
  }

  /** To be given as `inspect` to any number of systems, at any time. It never throws: that would wedge the actor for ever. */
  next(inspected: InspectionEvent): void {
    try {
      this.#next(inspected);
    } catch {
      // What can be told of the others is told.
    }
  }

  #next(inspected: InspectionEvent): void {
    switch (inspected.type) {
      case '@xstate.actor':
        this.#made(inspected.actorRef);
        return;
      case '@xstate.event': {
        const { actorRef, sourceRef, event } = inspected;
        this.#onEvent(this.#of(actorRef, event), event, sourceRef && this.#of(sourceRef));
        return;
      }
      case '@xstate.microstep': {
        const observed = this.#of(inspected.actorRef);
        for (const transition of inspected._transitions) take(observed, transitionId(transition));
        return;
      }
      case '@xstate.snapshot':
        this.#onSnapshot(this.#of(inspected.actorRef), inspected.event, inspected.snapshot);
    }
  }

  #made(actorRef: ActorRefLike): Observed {
    this.#actors += 1;
    const observed: Observed = {
      actorRef,
      actor: this.#actors,
      parent: undefined,
      phase: 'made',
      context: {},
      deal: undefined,
      waiting: [],
      taken: [],
      stopBegan: undefined,
    };
    this.#observed.set(actorRef, observed);
    return observed;
  }

  #of(actorRef: ActorRefLike, event?: AnyEventObject): Observed {
    const known = this.#observed.get(actorRef);
    if (known) return known;
    // It was there before anybody looked.
    const observed = this.#made(actorRef);
    const parent = '_parent' in actorRef ? actorRef._parent : undefined;
    if (isActorRef(parent)) observed.parent = this.#of(parent);
    if (event?.type !== initEvent) this.#tellActor(observed, this.#order.begin(), Date.now());
    return observed;
  }

  #onEvent(observed: Observed, event: AnyEventObject, source: Observed | undefined): void {
    if (source && event.type.startsWith(errorEvents)) this.#settleFailed(source);
    if (observed.phase === 'ended') return;
    const sent = { event, from: source ?? this.#current() };
    if (event.type === initEvent) {
      observed.parent ??= source;
      const { began, timeMs } = this.#begin(observed, sent);
      if (observed.phase === 'made') this.#tellActor(observed, began, timeMs);
    } else if (observed.phase === 'made' || observed.deal) {
      observed.waiting.push(sent);
    } else {
      this.#begin(observed, sent);
    }
  }

  #begin(observed: Observed, sent: Sent): Deal {
    const { event, from } = sent;
    const deal = { event, from, began: this.#order.begin(), timeMs: Date.now() };
    observed.deal = deal;
    this.#dealing.push(observed);
    this.#endTurnLater();
    return deal;
  }

  /** Whose doing it is what happens now. */
  #current(): Observed | undefined {
    const current = this.#dealing.at(-1);
    if (current === undefined || !this.#settleFailed(current)) return current;
    return this.#current();
  }

  #onSnapshot(observed: Observed, event: AnyEventObject, snapshot: Snapshot<unknown>): void {
    if (observed.phase === 'ended') return;
    const { deal, waiting } = observed;
    if (deal?.event === event) {
      this.#settle(observed, deal, snapshot);
      return;
    }
    const index = waiting.findIndex((each) => each.event === event);
    const sent = index < 0 ? undefined : waiting.splice(0, index + 1).at(-1);
    const began = observed.stopBegan ?? this.#order.begin();
    const timeMs = Date.now();
    this.#settle(observed, { event, from: sent?.from, began, timeMs }, snapshot);
  }

  /** XState tells only its parent of an actor whose logic threw. True: it was one. */
  #settleFailed(observed: Observed): boolean {
    const { deal, phase, actorRef } = observed;
    const snapshot: Snapshot<unknown> = actorRef.getSnapshot();
    if (phase === 'ended' || snapshot.status !== 'error') return false;
    const now = { event: { type: initEvent }, from: undefined, timeMs: Date.now() };
    this.#settle(observed, deal ?? { ...now, began: this.#order.begin() }, snapshot);
    return true;
  }

  #settle(observed: Observed, deal: Deal, snapshot: Snapshot<unknown>): void {
    const { parent } = observed;
    this.#leave(observed);
    this.#tellTransition(observed, deal, snapshot);
    observed.deal = undefined;
    takenBy(observed);
    const isEnd = snapshot.status !== 'active';
    if (isEnd) {
      observed.phase = 'ended';
      observed.waiting = [];
    }
    const next = observed.waiting.shift();
    if (next) this.#begin(observed, next);
    const isParentsEnd = parent?.phase === 'started' && parent.deal === undefined;
    if (isEnd && deal.event.type === stopEvent && parent && isParentsEnd) {
      parent.stopBegan ??= deal.began;
      this.#endTurnLater();
    } else if (this.#dealing.length === 0) {
      this.#order.tell();
    }
  }

  /** It deals with its event no more, and neither does whoever did because of it. */
  #leave(observed: Observed): void {
    if (!this.#dealing.includes(observed)) return;
    for (;;) {
      const last = this.#dealing.pop();
      if (last === undefined || last === observed) return;
      this.#settleStale(last);
    }
  }

  /** It threw and has no parent, or is of a system that nobody observes. */
  #settleStale(observed: Observed): void {
    const { deal, actorRef } = observed;
    if (deal) this.#settle(observed, deal, actorRef.getSnapshot());
  }

  /** Everything that began in a turn has ended with it. */
  #endTurnLater(): void {
    if (this.#endsTurn) return;
    this.#endsTurn = true;
    queueMicrotask(() => {
      this.#endsTurn = false;
      this.#lastEvent = undefined;
      const [outermost] = this.#dealing;
      try {
        if (outermost) {
          this.#leave(outermost);
          this.#settleStale(outermost);
        }
        this.#order.tell();
      } catch {
        // As in next().
      }
    });
  }

  #tellActor(observed: Observed, began: number, timeMs: number): void {
    const { actorRef, parent } = observed;
    const snapshot: Snapshot<unknown> = actorRef.getSnapshot();
    const names = new PlainData(most.names);
    const machine = machineOf(snapshot);
    const id = 'id' in actorRef ? String(actorRef.id) : actorRef.sessionId;
    const src = 'src' in actorRef && typeof actorRef.src === 'string' ? actorRef.src : machine;
    observed.phase = 'started';
    observed.context = contextOf(snapshot);
    this.#order.add(began, {
      type: 'actor',
      timeMs,
      actor: observed.actor,
      parent: parent?.actor,
      id: names.name(id),
      src: names.name(src ?? ''),
      machine: machine === undefined ? undefined : names.name(machine),
      taken: takenBy(observed),
      value: stateTreeOf(snapshot, most.value),
      status: snapshot.status,
      context: new PlainData(most.fields).fields(observed.context),
    });
  }

  /** What is passed on as it came is read once. */
  #plain(event: AnyEventObject): PlainEvent {
    if (this.#lastEvent === event) return this.#lastPlain;
    const plain = new PlainData(most.event);
    this.#lastEvent = event;
    this.#lastPlain = { ...plain.fields(event), type: plain.name(event.type) };
    return this.#lastPlain;
  }

  #tellTransition(observed: Observed, deal: Deal, snapshot: Snapshot<unknown>): void {
    const { actor, context: before } = observed;
    const { event, from, timeMs } = deal;
    const { status } = snapshot;
    // It was started, and its record says so.
    if (event.type === initEvent && status === 'active') return;
    const context = 'context' in snapshot ? contextOf(snapshot) : before;
    observed.context = context;
    if (isMeasured(event) && status === 'active' && context === before) return;
    const result = resultOf(snapshot);
    // Its data is the result.
    const isSettled = status !== 'active' && event.type.startsWith('xstate.promise.');
    // That it is there was told first.
    const began = event.type === initEvent ? this.#order.begin() : deal.began;
    this.#order.add(began, {
      type: 'transition',
      timeMs,
      actor,
      from: from?.actor,
      event: isSettled ? { type: event.type } : this.#plain(event),
      taken: takenBy(observed),
      value: stateTreeOf(snapshot, most.value),
      status,
      changed: new PlainData(most.fields).changedFields(before, context),
      result: result === undefined ? undefined : new PlainData(most.result).value(result),
    });
  }
}

/** Alone, or together with nothing else. */
function isMeasured(event: AnyEventObject): boolean {
  if (event.type !== 'jobs.reported' || !Array.isArray(event.reports)) {
    return measured.has(event.type);
  }
  return event.reports.every((report) => measured.has(report?.type));
}

function take({ taken }: Observed, id: string | undefined): void {
  if (id !== undefined && taken.join().length + id.length < most.taken) taken.push(id);
}

function takenBy(observed: Observed): readonly string[] {
  const { taken } = observed;
  if (taken.length === 0) return [];
  observed.taken = [];
  return taken;
}

function isActorRef(value: unknown): value is ActorRefLike {
  return typeof value === 'object' && value !== null && 'sessionId' in value && 'send' in value;
}
