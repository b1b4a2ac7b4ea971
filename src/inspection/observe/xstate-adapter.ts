// XState 5's inspection events, made into records. It is the one place that knows their shapes. XState tells of a transition when
// what it causes has happened already, nested as deep as it goes; so the records of one turn are put in the order in which they began.
import type { ActorRefLike, AnyEventObject, InspectionEvent, Snapshot } from 'xstate';
import { transitionId } from '../charts/transition-id.js';
import type { ActorRecord, StateTree, TransitionRecord } from '../told/records.js';
import { changedFields, plainEvent, plainFields, plainValue } from './plain-value.js';

/** A record whose place among the others is not known yet. */
export type UnnumberedRecord = Omit<ActorRecord, 'seq'> | Omit<TransitionRecord, 'seq'>;

/** An event that an actor has been sent, and has not dealt with. */
interface Sent {
  readonly event: AnyEventObject;
  readonly from: number | undefined;
  /** Its place among what began in this turn; undefined: another is dealt with first. */
  began: number | undefined;
}

interface Observed {
  readonly actor: number;
  isStarted: boolean;
  /** As told last. */
  context: object;
  readonly sent: Sent[];
  /** Transitions taken since its last record. */
  taken: string[];
}

/** Nothing of a chart happens by them, and they may be many a second. */
const untold: ReadonlySet<string> = new Set(['swarm.measured', 'job.measured']);

export class XStateAdapter {
  readonly #tell: (record: UnnumberedRecord) => void;
  readonly #observed = new WeakMap<ActorRefLike, Observed>();
  readonly #turn: { readonly began: number; readonly record: UnnumberedRecord }[] = [];
  #actors = 0;
  #began = 0;

  constructor(tell: (record: UnnumberedRecord) => void) {
    this.#tell = tell;
  }

  /** To be given as `inspect` to any number of systems. Never throws on what XState sends. */
  next(inspected: InspectionEvent): void {
    const observed = this.#of(inspected.actorRef);
    switch (inspected.type) {
      case '@xstate.event':
        this.#onEvent(observed, inspected);
        return;
      case '@xstate.microstep':
        for (const transition of inspected._transitions) {
          const id = transitionId(transition);
          if (id !== undefined) observed.taken.push(id);
        }
        return;
      case '@xstate.snapshot':
        this.#onSnapshot(observed, inspected);
    }
  }

  #of(actorRef: ActorRefLike): Observed {
    const known = this.#observed.get(actorRef);
    if (known) return known;
    this.#actors += 1;
    const observed: Observed = {
      actor: this.#actors,
      isStarted: false,
      context: {},
      sent: [],
      taken: [],
    };
    this.#observed.set(actorRef, observed);
    return observed;
  }

  #onEvent(
    observed: Observed,
    {
      actorRef,
      sourceRef,
      event,
    }: { actorRef: ActorRefLike; sourceRef: ActorRefLike | undefined; event: AnyEventObject },
  ): void {
    const from = sourceRef && this.#of(sourceRef).actor;
    if (event.type === 'xstate.init') {
      this.#onStart(observed, actorRef, from);
      return;
    }
    const snapshot: Snapshot<unknown> = actorRef.getSnapshot();
    // It will not hear of it.
    if (snapshot.status !== 'active') return;
    const began = observed.sent.length === 0 ? this.#begin() : undefined;
    observed.sent.push({ event, from, began });
  }

  #onStart(observed: Observed, actorRef: ActorRefLike, parent: number | undefined): void {
    if (observed.isStarted) return;
    observed.isStarted = true;
    const snapshot: Snapshot<unknown> = actorRef.getSnapshot();
    const { id, src } = namesOf(actorRef);
    const machine = machineOf(snapshot);
    observed.context = contextOf(snapshot);
    this.#add(this.#begin(), {
      type: 'actor',
      timeMs: Date.now(),
      actor: observed.actor,
      parent,
      id,
      src: src ?? machine ?? '',
      machine,
      taken: this.#takenBy(observed),
      value: stateTreeOf(snapshot),
      status: snapshot.status,
      context: plainFields(observed.context),
    });
  }

  #onSnapshot(
    observed: Observed,
    { event, snapshot }: { event: AnyEventObject; snapshot: Snapshot<unknown> },
  ): void {
    if (event.type === 'xstate.init') return;
    const { sent } = observed;
    const index = sent.findIndex((each) => each.event === event);
    const own = index < 0 ? undefined : sent.splice(0, index + 1).at(-1);
    const [next] = sent;
    const began = own?.began ?? this.#begin();
    const taken = this.#takenBy(observed);
    const before = observed.context;
    observed.context = contextOf(snapshot);
    if (!untold.has(event.type)) {
      this.#add(began, {
        type: 'transition',
        timeMs: Date.now(),
        actor: observed.actor,
        from: own?.from,
        event: plainEvent(event),
        taken,
        value: stateTreeOf(snapshot),
        status: snapshot.status,
        changed: changedFields(before, observed.context),
        result: resultOf(snapshot),
      });
    }
    if (next) next.began ??= this.#begin();
  }

  #takenBy(observed: Observed): readonly string[] {
    const { taken } = observed;
    observed.taken = [];
    return taken;
  }

  #begin(): number {
    this.#began += 1;
    return this.#began;
  }

  #add(began: number, record: UnnumberedRecord): void {
    if (this.#turn.length === 0) queueMicrotask(() => this.#tellTurn());
    this.#turn.push({ began, record });
  }

  #tellTurn(): void {
    const turn = this.#turn.splice(0).sort((one, other) => one.began - other.began);
    for (const { record } of turn) this.#tell(record);
  }
}

function namesOf(actorRef: ActorRefLike): { readonly id: string; readonly src?: string } {
  const id = 'id' in actorRef ? String(actorRef.id) : actorRef.sessionId;
  const src = 'src' in actorRef && typeof actorRef.src === 'string' ? actorRef.src : undefined;
  return src === undefined ? { id } : { id, src };
}

function machineOf(snapshot: object): string | undefined {
  const machine = 'machine' in snapshot ? snapshot.machine : undefined;
  if (typeof machine !== 'object' || machine === null || !('id' in machine)) return undefined;
  return String(machine.id);
}

function stateTreeOf(snapshot: object): StateTree | undefined {
  return 'value' in snapshot && isStateTree(snapshot.value) ? snapshot.value : undefined;
}

function isStateTree(value: unknown): value is StateTree {
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}

function contextOf(snapshot: object): object {
  const context = 'context' in snapshot ? snapshot.context : undefined;
  return typeof context === 'object' && context !== null ? context : {};
}

function resultOf(snapshot: Snapshot<unknown>) {
  if (snapshot.status === 'done') return plainValue(snapshot.output);
  return snapshot.status === 'error' ? plainValue(snapshot.error) : undefined;
}
