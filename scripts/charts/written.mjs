// What is written on a chart, and where: each transition once. On an arrow, where it leads from a state to one beside it; else in the
// box of its state, with where it leads. So the transitions that lead out of everything are read, and not followed across the paper.

/**
 * @typedef {import('../../src/inspection/charts/chart.js').ChartTransition} ChartTransition
 * @typedef {ReturnType<typeof import('./declared.mjs').declaredIn>} Declared
 * @typedef {{ text: string, kind: 'action' | 'invoke' | 'transition', transition?: string }} Written
 * @typedef {{ within: string, source: string, target: string, transitions: string[], labels: Written[] }} Arrow
 */

/** A list of actions goes on in the next line from here on. */
const longestLine = 44;

/**
 * @param {Declared} declared
 * @returns {{ boxes: Map<string, Written[]>, arrows: Arrow[] }}
 */
export function writtenOf({ states, transitions }) {
  const byId = new Map(states.map((state) => [state.id, state]));
  const wayTo = (id) => (id === undefined ? [] : [...wayTo(byId.get(id).parent), id]);
  const boxes = new Map(states.map((state) => [state.id, [...actionLines(state)]]));
  const arrows = new Map();
  const ledTo = new Set();
  // Those of the machine itself lead from anywhere: they have an arrow where nothing else leads.
  const fromAnywhere = ({ source }) => source === states[0].id;
  for (const transition of [...transitions].sort((a, b) => fromAnywhere(a) - fromAnywhere(b))) {
    const all = endsOf(transition, wayTo);
    const ends = all && fromAnywhere(transition) && ledTo.has(all.target) ? undefined : all;
    if (ends) ledTo.add(ends.target);
    const isBeside =
      ends?.isExact && ends.source === transition.source && byId.get(ends.source).type === 'atomic';
    const line = {
      text: textOf(transition, isBeside ? undefined : wayTo),
      kind: 'transition',
      transition: transition.id,
    };
    if (!isBeside) boxes.get(transition.source).push(line);
    if (!ends) continue;
    const key = `${ends.source} ${ends.target}`;
    const arrow = arrows.get(key) ?? { ...ends, transitions: [], labels: [] };
    arrow.transitions.push(transition.id);
    if (isBeside) arrow.labels.push(line);
    arrows.set(key, arrow);
  }
  return { boxes, arrows: [...arrows.values()] };
}

/** Where its arrow begins and ends: at two states beside each other that hold its own, or within the state that it belongs to. */
function endsOf({ source, targets: [target] }, wayTo) {
  if (target === undefined || target === source) return undefined;
  const [from, to] = [wayTo(source), wayTo(target)];
  const shared = from.filter((id, index) => id === to[index]).length;
  // Out of a state within another, to that other: it is entered anew.
  if (shared === to.length) return undefined;
  const within = from[shared - 1];
  if (shared === from.length) return { within, source, target: to[shared], isExact: false };
  return { within, source: from[shared], target: to[shared], isExact: to[shared] === target };
}

function* actionLines({ entry, exit, invokes }) {
  for (const [name, actions] of Object.entries({ entry, exit })) {
    if (actions.length > 0) yield* folded(`${name} / `, actions);
  }
  for (const { src } of invokes) yield { text: `invoke / ${src}`, kind: 'invoke' };
}

function* folded(head, actions) {
  let text = head;
  for (const [index, action] of actions.entries()) {
    const next = action + (index < actions.length - 1 ? ', ' : '');
    if (text.trim() !== '' && text !== head && text.length + next.length > longestLine) {
      yield { text: text.trimEnd(), kind: 'action' };
      text = ' '.repeat(head.length);
    }
    text += next;
  }
  yield { text, kind: 'action' };
}

/** `job.move [isLocated] → relocating`; `job.resume / setPaused(false)` where it stays; `job.verify ↻` where it begins anew. */
function textOf({ eventName, guard, source, targets: [target], actions, isReentering }, wayTo) {
  const event = guard === undefined ? eventName : `${eventName} [${guard}]`;
  if (!wayTo) return event;
  if (target === undefined)
    return cut(actions.length > 0 ? `${event} / ${actions.join(', ')}` : event);
  if (target === source) return `${event} ${isReentering ? '↻' : '→ itself'}`;
  const from = wayTo(source);
  const shared = wayTo(target)
    .filter((id, index) => id === from[index])
    .at(-1);
  return `${event} → ${target.slice(shared.length + 1) || target}`;
}

function cut(text) {
  return text.length > longestLine ? `${text.slice(0, longestLine - 1)}…` : text;
}
