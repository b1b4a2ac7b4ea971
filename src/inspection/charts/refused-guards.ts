// Which guards an event asked in vain. XState does not tell, so it is gone over again as XState goes over it: the states that
// were active, from within outwards, each with its transitions in order, up to the one that was taken; and then, of the states that
// it came to, those that are taken at once.
import type { StateTree } from '../told/records.js';
import type { Chart, ChartTransition } from './chart.js';

/**
 * @param before the value of the machine when the event came; undefined: it had none, the machine began
 * @param taken the ids of all transitions that the event led to
 * @param after the value that it led to
 * @returns the ids of the transitions whose guards were asked and refused, in the order in which they were asked.
 *   What the machine passed through on the way, and what it raised itself, is known by what was taken there, and by no more.
 */
export function refusedTransitions(
  chart: Chart,
  before: StateTree | undefined,
  event: string,
  taken: readonly string[],
  after: StateTree | undefined,
): readonly string[] {
  if (event === 'xstate.stop') return [];
  const asked = askedOf(chart);
  const wasTaken = new Set(taken);
  const refused = new Set<string>();

  /** Whether it has one that is taken. */
  const ask = (candidates: readonly ChartTransition[]): boolean => {
    for (const { id, guard } of candidates) {
      if (wasTaken.has(id)) return true;
      if (guard === undefined) return false;
      refused.add(id);
    }
    return false;
  };
  const askEvent = (state: string, tree: StateTree | undefined): boolean => {
    const answers = childrenIn(tree).map(([key, below]) =>
      askEvent(asked.childOf(state, key), below),
    );
    return answers.includes(true) || ask(asked.candidates(state, event));
  };
  const askAlways = (state: string, tree: StateTree | undefined): void => {
    for (const [key, below] of childrenIn(tree)) askAlways(asked.childOf(state, key), below);
    ask(asked.of(state, ''));
  };

  if (before !== undefined && event !== 'xstate.init') askEvent(asked.root, before);
  // Of the states that it passed through, and for the events that it raised itself.
  for (const id of taken) {
    const transition = asked.transition(id);
    if (transition) ask(asked.of(transition.source, transition.event));
  }
  const isOver =
    after === undefined ||
    childrenIn(after).some(([key]) => asked.isFinal(asked.childOf(asked.root, key))) ||
    // It ends the machine there and then.
    (taken.length === 0 && event.startsWith('xstate.error.actor'));
  if (!isOver) askAlways(asked.root, after);
  return [...refused];
}

interface Asked {
  readonly root: string;
  childOf(state: string, key: string): string;
  isFinal(state: string): boolean;
  transition(id: string): ChartTransition | undefined;
  of(state: string, event: string): readonly ChartTransition[];
  /** Also those of wildcards: the more they say, the earlier they are asked. */
  candidates(state: string, event: string): readonly ChartTransition[];
}

const known = new WeakMap<Chart, Asked>();

function askedOf(chart: Chart): Asked {
  const found = known.get(chart);
  if (found) return found;
  const children = new Map(chart.states.map(({ id, parent, key }) => [`${parent}|${key}`, id]));
  const finals = new Set(chart.states.filter(({ type }) => type === 'final').map(({ id }) => id));
  const byId = new Map(chart.transitions.map((transition) => [transition.id, transition]));
  const byState = new Map<string, Map<string, ChartTransition[]>>();
  for (const transition of chart.transitions) {
    const { source, event } = transition;
    const events = byState.get(source) ?? new Map<string, ChartTransition[]>();
    byState.set(source, events.set(event, [...(events.get(event) ?? []), transition]));
  }
  const of = (state: string, event: string) => byState.get(state)?.get(event) ?? [];
  const asked: Asked = {
    root: chart.states[0]?.id ?? chart.machine,
    childOf: (state, key) => children.get(`${state}|${key}`) ?? `${state}.${key}`,
    isFinal: (state) => finals.has(state),
    transition: (id) => byId.get(id),
    of,
    candidates: (state, event) => {
      const wildcards = [...(byState.get(state)?.keys() ?? [])]
        .filter((pattern) => pattern !== event && isMatched(event, pattern))
        .sort((a, b) => b.length - a.length);
      return [event, ...wildcards].flatMap((pattern) => of(state, pattern));
    },
  };
  known.set(chart, asked);
  return asked;
}

/** `job.*` is for `job.stop`, for `job.stop.now`, and for `job`. */
function isMatched(event: string, pattern: string): boolean {
  if (pattern === '*') return true;
  return pattern.endsWith('.*') && `${event}.`.startsWith(pattern.slice(0, -1));
}

function childrenIn(
  tree: StateTree | undefined,
): readonly (readonly [string, StateTree | undefined])[] {
  if (tree === undefined) return [];
  if (typeof tree === 'string') return [[tree, undefined]];
  return Object.entries(tree);
}
