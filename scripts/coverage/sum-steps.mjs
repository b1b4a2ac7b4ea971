// What machines did, summed up over the charts: how often each state was entered, each transition taken, and each guard refused.

/**
 * @typedef {import('../../src/inspection/charts/chart.js').Chart} Chart
 * @typedef {import('../../src/inspection/told/records.js').StateTree} StateTree
 *
 * @typedef {object} Step
 * @property {string} machine the id of its chart
 * @property {StateTree | undefined} [before] undefined: it began
 * @property {string} event
 * @property {readonly string[]} taken
 * @property {StateTree | undefined} [after]
 *
 * @typedef {object} MachineCoverage everything that the charts have, by its id; what did not happen is 0
 * @property {Record<string, number>} states
 * @property {Record<string, number>} transitions
 * @property {Record<string, { held: number, refused: number }>} guards by the transitions that they are of
 */

/**
 * @param {readonly Chart[]} charts
 * @param {Iterable<{ readonly step: Step, readonly times: number }>} steps those of machines without a chart count for nothing
 * @param {typeof import('../../src/inspection/charts/refused-guards.js').refusedTransitions} refusedTransitions
 * @returns {MachineCoverage}
 */
export function sumSteps(charts, steps, refusedTransitions) {
  const byMachine = new Map(charts.map((chart) => [chart.machine, indexed(chart)]));
  const states = zeros(charts.flatMap((chart) => chart.states));
  const transitions = zeros(charts.flatMap((chart) => chart.transitions));
  const refusals = zeros(charts.flatMap((chart) => chart.transitions));
  for (const { step, times } of steps) {
    const index = byMachine.get(step.machine);
    if (index === undefined) continue;
    const { before, event, taken, after } = step;
    for (const id of taken) {
      if (!(id in transitions))
        throw new Error(`${id} is in no chart; npm run build makes them anew`);
      transitions[id] += times;
    }
    for (const id of refusedTransitions(index.chart, before, event, taken, after)) {
      refusals[id] += times;
    }
    for (const id of entered(index, step)) states[id] += times;
  }
  const guarded = charts.flatMap((chart) => chart.transitions).filter(({ guard }) => guard);
  const guards = guarded.map(({ id }) => [id, { held: transitions[id], refused: refusals[id] }]);
  return { states, transitions, guards: Object.fromEntries(guards) };
}

function zeros(all) {
  return Object.fromEntries(all.map(({ id }) => [id, 0]));
}

function indexed(chart) {
  return {
    chart,
    states: new Map(chart.states.map((state) => [state.id, state])),
    children: new Map(chart.states.map(({ id, parent, key }) => [`${parent} ${key}`, id])),
    transitions: new Map(chart.transitions.map((transition) => [transition.id, transition])),
  };
}

/** The states that it came to, be it only to leave them at once. */
function entered(index, { before, taken, after }) {
  const old = new Set(statesIn(index, before));
  const through = taken.map((id) => index.transitions.get(id));
  const again = through.filter((each) => each.isReentering).flatMap(({ targets }) => targets);
  const passed = through
    .flatMap(({ source, targets }) => [source, ...targets])
    .flatMap((id) => [...lineOf(index, id)]);
  const fresh = [...passed, ...statesIn(index, after)].filter((id) => !old.has(id));
  return new Set([...fresh, ...again]);
}

/** It, and the states that it lies in. */
function* lineOf({ states }, id) {
  for (let state = states.get(id); state; state = states.get(state.parent)) yield state.id;
}

function statesIn({ chart, children }, value) {
  const found = [];
  const go = (id, tree) => {
    found.push(id);
    const below = typeof tree === 'string' ? [[tree]] : Object.entries(tree ?? {});
    for (const [key, inner] of below) go(children.get(`${id} ${key}`), inner);
  };
  if (value !== undefined) go(chart.states[0].id, value);
  return found;
}
