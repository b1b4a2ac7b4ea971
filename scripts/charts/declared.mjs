// What a machine declares, as src/inspection/charts/chart.ts tells it, but for the places: its states, parents first, and their transitions.

/**
 * @typedef {import('../../src/inspection/charts/chart.js').ChartState} ChartState
 * @typedef {import('../../src/inspection/charts/chart.js').ChartTransition} ChartTransition
 */

/**
 * @param {import('xstate').AnyStateMachine} machine
 * @returns {{
 *   machine: string,
 *   description: string,
 *   states: Omit<ChartState, 'x' | 'y' | 'width' | 'height' | 'lines'>[],
 *   transitions: ChartTransition[],
 * }}
 */
export function declaredIn({ root }) {
  const nodes = nodesIn(root);
  return {
    machine: root.id,
    description: root.description ?? '',
    states: nodes.map(stateOf),
    transitions: nodes.flatMap((node) =>
      [...node.transitions.values(), node.always ?? []].flatMap((alike) => alike.map(transitionOf)),
    ),
  };
}

function nodesIn(node) {
  return [node, ...Object.values(node.states).flatMap(nodesIn)];
}

function stateOf(node) {
  return {
    id: node.id,
    key: node.key,
    parent: node.parent?.id,
    type: node.type,
    description: node.description ?? '',
    initial: node.type === 'compound' ? node.initial.target[0].id : undefined,
    entry: actionsOf(node.config.entry),
    exit: actionsOf(node.config.exit),
    invokes: node.invoke.map(({ id, src }) => ({ id, src: nameOf(src) })),
  };
}

// Its id is written as src/inspection/charts/transition-id.ts writes it.
function transitionOf({ source, eventType, guard, actions, target, reenter }, index) {
  return {
    id: `${source.id}|${eventType}|${index}`,
    source: source.id,
    event: eventType,
    eventName: eventNameOf(eventType),
    guard: guard === undefined ? undefined : nameOf(guard),
    actions: actions.map(nameOf),
    targets: (target ?? []).map(({ id }) => id),
    isReentering: reenter,
  };
}

function eventNameOf(eventType) {
  const [, outcome, of] = /^xstate\.(done|error)\.(?:actor|state)\.(.*)$/.exec(eventType) ?? [];
  // An actor without an id of its own is called after its state.
  if (outcome) return /^\d|^\*$|\./.test(of) ? outcome : `${outcome} ${of}`;
  const [, delay] = /^xstate\.after\.(\w+)\./.exec(eventType) ?? [];
  if (delay) return `after ${delay}`;
  return eventType === '' ? 'at once' : eventType;
}

// Not those that XState adds for `after`.
function actionsOf(actions) {
  return [actions ?? []].flat().map(nameOf);
}

/** Of a guard, an action or an actor: `setPaused(true)`. */
function nameOf(named) {
  if (typeof named === 'string') return named;
  if (typeof named === 'function') return named.type ?? (named.name || 'a function');
  const { type, params } = named;
  const isShort =
    ['string', 'number', 'boolean'].includes(typeof params) && `${params}`.length < 16;
  return isShort ? `${type}(${params})` : type;
}
