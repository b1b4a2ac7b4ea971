// Counts the turns of the event loop, so that a test can say how much happens in one of them, without a clock.
import { onTestFinished } from 'vitest';

export interface Turns {
  /** The number of the turn that is under way. */
  current(): number;
  /** Resolves when so many more turns have begun. */
  pass(count: number): Promise<void>;
  /** Resolves in the first turn in which `isTrue`. Rejects after 100,000 turns. */
  until(isTrue: () => boolean): Promise<void>;
}

/** From now on, until the test is over. */
export function countTurns(): Turns {
  let turn = 0;
  let isOver = false;
  const begin = () => {
    turn += 1;
    if (!isOver) setImmediate(begin);
  };
  setImmediate(begin);
  onTestFinished(() => {
    isOver = true;
  });
  const next = () => new Promise((resolve) => setImmediate(resolve));
  return {
    current: () => turn,
    async pass(count) {
      for (const last = turn + count; turn < last; ) await next();
    },
    async until(isTrue) {
      for (const last = turn + 100_000; !isTrue(); await next()) {
        if (turn > last) throw new Error('it never came true');
      }
    },
  };
}

/** How often the turn stands there that stands there most often. */
export function mostInATurn(turns: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const turn of turns) counts.set(turn, (counts.get(turn) ?? 0) + 1);
  return Math.max(...counts.values());
}
