// What is done with one slot after another, for as long as the soak lasts.
import type { Random } from '../../support/random.js';
import { Broken } from '../helper/broken.js';
import type { Journal } from '../journal.js';
import type { Part } from '../parse-options.js';
import type { Rest } from '../waiting/rest.js';
import { about, pause } from '../waiting/waiting.js';
import type { Slot } from './slot.js';

interface Task {
  readonly name: string;
  readonly part?: Part;
  /** Others cannot download meanwhile, or would get another content. */
  readonly needsSolitude?: boolean;
  readonly weight: number;
  readonly carryOut: (slot: Slot) => Promise<void>;
}

const tasks: readonly Task[] = [
  { name: 'download deleted and asked for again', weight: 4, carryOut: (s) => s.fetchAgain() },
  { name: 'download removed, its data adopted', weight: 2, carryOut: (s) => s.adoptAgain() },
  {
    name: 'download paused and resumed',
    part: 'pause',
    weight: 2,
    carryOut: (s) => s.pauseFetch(),
  },
  { name: 'seed paused and resumed', part: 'pause', weight: 1, carryOut: (s) => s.pauseSeed() },
  {
    name: 'seed removed and published again',
    needsSolitude: true,
    weight: 1,
    carryOut: (s) => s.publishAgain(),
  },
  {
    name: 'content replaced by another',
    needsSolitude: true,
    weight: 2,
    carryOut: (s) => s.renew(),
  },
  { name: 'content of a seed moved', part: 'move', weight: 1, carryOut: (s) => s.moveSeed() },
  { name: 'download moved', part: 'move', weight: 1, carryOut: (s) => s.moveDownload() },
  { name: 'second job for one torrent', part: 'fail', weight: 1, carryOut: (s) => s.askTwice() },
];

export interface TaskOptions {
  readonly random: Random;
  readonly journal: Journal;
  readonly rest: Rest;
  readonly parts: ReadonlySet<Part>;
  /** Between two tasks with the same slot. */
  readonly meanPauseMs: number;
  readonly over: AbortSignal;
}

/** Goes on until it is over, or a promise is broken with this slot. */
export async function keepBusy(slot: Slot, options: TaskOptions): Promise<void> {
  const { random, journal, rest, parts, meanPauseMs, over } = options;
  const possible = tasks
    .filter(({ part }) => part === undefined || parts.has(part))
    .flatMap((task) => Array<Task>(task.weight).fill(task));
  await pause(random.below(meanPauseMs), over);
  while (!over.aborted) {
    const task = random.pick(possible);
    try {
      await rest.during(async () => {
        if (over.aborted || (task.needsSolitude && slot.visitors > 0)) return;
        journal.count(task.name, `slot ${slot.number}`);
        await task.carryOut(slot);
      });
    } catch (error) {
      if (!(error instanceof Broken) && !over.aborted)
        journal.complain(`slot ${slot.number}: ${String(error)}`);
      return;
    }
    await pause(about(meanPauseMs, random), over);
  }
}
