// What the jobs report on its way to the monitor: gathered, because with thousands of jobs each event of its own costs more than
// what it says. Nothing waits for longer than the event loop's other work of the moment.
import type { JobReport } from '../../../machines/types.js';

const mostTogether = 64;

export interface Reports {
  readonly add: (report: JobReport) => void;
  /** What was gathered, now. */
  readonly tell: () => void;
}

/** `wake`: has `tell` called, unless nobody is to hear of them any more. */
export function createReports(
  monitor: (reports: readonly JobReport[]) => void,
  wake: () => void,
): Reports {
  let gathered: JobReport[] = [];
  const tell = () => {
    const told = gathered;
    gathered = [];
    if (told.length > 0) monitor(told);
  };
  return {
    add(report) {
      // Of many promises that are settled together, each goes on in a microtask of its own: this one comes behind them.
      if (gathered.length === 0) queueMicrotask(wake);
      gathered.push(report);
      if (gathered.length === mostTogether) tell();
    },
    tell,
  };
}
