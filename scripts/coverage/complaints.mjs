// What is wrong with a coverage, beside the list of what need not be taken.

/**
 * @param {import('./sum-steps.mjs').MachineCoverage} coverage
 * @param {Readonly<Record<'states' | 'transitions' | 'refusals', Readonly<Record<string, string>>>>} untaken reasons, by ids
 * @returns {string[]} a sentence each
 */
export function complaintsOf({ states, transitions, guards }, untaken) {
  const refusals = Object.entries(guards).map(([id, { refused }]) => [id, refused]);
  return [
    ...held('enters the state', Object.entries(states), untaken.states),
    ...held('takes', Object.entries(transitions), untaken.transitions),
    ...held('has the guard refuse of', refusals, untaken.refusals),
  ];
}

function held(does, counts, reasons) {
  const missing = counts
    .filter(([id, times]) => times === 0 && !(id in reasons))
    .map(([id]) => `no test ${does} ${id}`);
  const known = new Map(counts);
  const idle = Object.keys(reasons)
    .filter((id) => known.get(id) !== 0)
    .map((id) =>
      known.has(id)
        ? `a test ${does} ${id}, which is listed`
        : `${id} is listed, and there is none`,
    );
  return [...missing, ...idle];
}
