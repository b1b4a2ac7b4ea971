// One machine as a Mermaid state diagram: the tree of its states, and the events that lead from one to another.
// Transitions that change no state are left out.

/**
 * @param {import('xstate').AnyStateMachine} machine
 * @returns {string} the lines of a `stateDiagram-v2`
 */
export function statechartDiagram({ root }) {
  const fromAnywhere = transitionsOf(root).map(
    ({ target, label }) => `note right of ${target}: from anywhere, on ${label}`,
  );
  return ['stateDiagram-v2', ...indented([...insideOf(root), ...fromAnywhere])].join('\n');
}

function insideOf(node) {
  const { initial } = node.config;
  const first = initial ? [`[*] --> ${nameOf(node.states[initial])}`] : [];
  const states = Object.values(node.states).filter(({ type }) => type !== 'history');
  return [...first, ...states.flatMap(linesOf)];
}

function linesOf(node) {
  const name = nameOf(node);
  const label = `state "${node.key}" as ${name}`;
  const isLeaf = Object.keys(node.states).length === 0;
  return [
    ...(isLeaf ? [label] : [`${label} {`, ...indented(insideOf(node)), '}']),
    ...transitionsOf(node).map(({ target, label }) => `${name} --> ${target}: ${label}`),
    ...(node.type === 'final' ? [`${name} --> [*]`] : []),
  ];
}

function transitionsOf(node) {
  return [...node.transitions.values(), node.always ?? []].flat().flatMap((transition) => {
    const [target] = transition.target ?? [];
    if (!target) return [];
    const { guard, eventType } = transition;
    const guardName = typeof guard === 'string' ? guard : guard?.type;
    return [
      {
        // Mermaid knows no history: the arrow goes to the state whose past is meant.
        target: nameOf(target.type === 'history' ? target.parent : target),
        label: eventName(eventType) + (guardName ? ` [${guardName}]` : ''),
      },
    ];
  });
}

function eventName(eventType) {
  const [, outcome] = /^xstate\.(done|error)\.actor\./.exec(eventType) ?? [];
  const [, delay] = /^xstate\.after\.(\w+)\./.exec(eventType) ?? [];
  return outcome ?? delay ?? (eventType === '' ? 'at once' : eventType);
}

function nameOf(node) {
  return node.path.join('_');
}

function indented(lines) {
  return lines.map((line) => `  ${line}`);
}
