// A coverage as lines to read: of each machine how much was taken, and what was not.

/**
 * @param {readonly import('./sum-steps.mjs').Chart[]} charts
 * @param {import('./sum-steps.mjs').MachineCoverage} coverage
 */
export function coverageTable(charts, { states, transitions, guards }) {
  const rows = charts.map((chart) => {
    const guarded = chart.transitions.filter(({ guard }) => guard);
    return [
      chart.machine,
      share(chart.states, ({ id }) => states[id] > 0),
      share(chart.transitions, ({ id }) => transitions[id] > 0),
      share(guarded, ({ id }) => guards[id].held > 0),
      share(guarded, ({ id }) => guards[id].refused > 0),
    ];
  });
  return aligned([['', 'states', 'transitions', 'guards held', 'refused'], ...rows]);
}

/** A line each: how often it was taken, how often its guard refused, its id and what it does. */
export function everyTransition(charts, { transitions, guards }) {
  const rows = charts
    .flatMap((chart) => chart.transitions)
    .map(({ id, guard, targets }) => [
      String(transitions[id]),
      String(guards[id]?.refused ?? ''),
      [id, guard && `[${guard}]`, targets.length > 0 && `→ ${targets}`].filter(Boolean).join(' '),
    ]);
  return aligned([['taken', 'refused', 'transition'], ...rows], 2);
}

function share(all, isTaken) {
  return `${all.filter(isTaken).length}/${all.length}`;
}

/** Numbers to the right; `names`: the column that is to the left, and the last of a line where it is not the first. */
function aligned(rows, names = 0) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const cell = (text, column) =>
    column === names ? text.padEnd(widths[column]) : text.padStart(widths[column]);
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}
