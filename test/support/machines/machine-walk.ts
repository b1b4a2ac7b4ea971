// Walks a machine: every event that can really come in a state is sent in every state that can be reached, and what
// transitions that takes is recorded. The steps are inert; their outcomes are sent as XState itself would send them.
import {
  type AnyActorRef,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyTransitionDefinition,
  createActor,
  fromPromise,
  getNextTransitions,
  SimulatedClock,
} from 'xstate';

/** How a step that is under way may end. */
export type StepOutcome = { readonly output: unknown } | { readonly error: unknown };

export interface WalkOptions {
  readonly input?: unknown;
  /** What may come from outside in any state. */
  readonly events: readonly AnyEventObject[];
  /** By the name of the actor logic. A logic that has none here is left as it is, and never ends. */
  readonly outcomes: Readonly<Record<string, (child: AnyActorRef) => readonly StepOutcome[]>>;
  /** What of a context makes a difference to where events lead. */
  readonly traitsOf?: (context: AnyMachineSnapshot['context']) => unknown;
  /** No way through it is followed further; all are when left out. */
  readonly mostEvents?: number;
  /** Logics that are to stay as they are. */
  readonly real?: readonly string[];
}

export interface Walk {
  /** One snapshot of each state that was reached. */
  readonly snapshots: readonly AnyMachineSnapshot[];
  /** The transitions that were taken, as `armName` names them. */
  readonly taken: ReadonlySet<string>;
}

/** Every transition that a machine has. */
export function armsOf(machine: AnyStateMachine): readonly string[] {
  const nodes = [machine.root];
  // What is added on the way is walked too.
  for (const node of nodes) nodes.push(...Object.values(node.states));
  return nodes.flatMap((node) =>
    [...node.transitions.values(), node.always ?? []].flat().map(armName),
  );
}

/** As in `torrent.active on job.delete [isUnnamed] → torrent.removed`. */
export function armName({ source, eventType, guard, target }: AnyTransitionDefinition): string {
  const guardName =
    typeof guard === 'object' && 'type' in guard ? guard.type : guard && String(guard);
  const event = eventType === '' ? 'at once' : `on ${eventType}`;
  const targets = target?.map(({ id }: { id: string }) => id).join(', ');
  return [source.id, event, guardName && `[${guardName}]`, targets && `→ ${targets}`]
    .filter(Boolean)
    .join(' ');
}

export function walk(machine: AnyStateMachine, options: WalkOptions): Walk {
  const taken = new Set<string>();
  const found = new Map<string, AnyMachineSnapshot>();
  const still = inert(machine, options.real);
  const replay = (path: readonly AnyEventObject[]): AnyMachineSnapshot => {
    const actor = createActor(still, {
      input: options.input,
      clock: new SimulatedClock(),
      inspect: (inspected) => {
        if (inspected.type !== '@xstate.microstep') return;
        if (inspected.actorRef.sessionId !== inspected.rootId) return;
        for (const transition of inspected._transitions) taken.add(armName(transition));
      },
    });
    actor.subscribe({ error: () => {} });
    actor.start();
    for (const event of path) actor.send(event);
    const snapshot = actor.getSnapshot();
    actor.stop();
    return snapshot;
  };
  const paths: AnyEventObject[][] = [[]];
  for (const path of paths) {
    const snapshot = replay(path);
    const { value, status, context } = snapshot;
    const key = JSON.stringify([value, status, options.traitsOf?.(context)]);
    if (found.has(key)) continue;
    found.set(key, snapshot);
    if (status !== 'active' || path.length >= (options.mostEvents ?? Infinity)) continue;
    for (const event of eventsIn(snapshot, options)) paths.push([...path, event]);
  }
  return { snapshots: [...found.values()], taken };
}

/** What XState sends when the steps under way end, and when a delay is over. */
export function settledEvents(
  snapshot: AnyMachineSnapshot,
  options: Pick<WalkOptions, 'outcomes'>,
) {
  const children: readonly AnyActorRef[] = Object.values(snapshot.children);
  return children.flatMap((child) => {
    const outcomesOf = typeof child.src === 'string' ? options.outcomes[child.src] : undefined;
    return (outcomesOf?.(child) ?? []).map((outcome) => settledEvent(child.id, outcome));
  });
}

export function settledEvent(actorId: string, outcome: StepOutcome): AnyEventObject {
  const kind = 'error' in outcome ? 'error' : 'done';
  return { type: `xstate.${kind}.actor.${actorId}`, actorId, ...outcome };
}

function eventsIn(snapshot: AnyMachineSnapshot, options: WalkOptions): readonly AnyEventObject[] {
  const delays = getNextTransitions(snapshot)
    .map(({ eventType }) => eventType)
    .filter((type) => type.startsWith('xstate.after.'));
  return [
    ...options.events.filter((event) => snapshot.can(event)),
    ...settledEvents(snapshot, options),
    ...delays.map((type) => ({ type })),
  ];
}

/** The machine with steps that never end, but for those that are to stay `real`. */
export function inert<Machine extends AnyStateMachine>(
  machine: Machine,
  real: readonly string[] = [],
) {
  const step = fromPromise(() => new Promise<never>(() => {}));
  const names = Object.keys(machine.implementations.actors).filter((name) => !real.includes(name));
  return machine.provide({ actors: Object.fromEntries(names.map((name) => [name, step])) });
}
