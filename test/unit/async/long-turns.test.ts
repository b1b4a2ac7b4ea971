import { expect, it, onTestFinished, vi } from 'vitest';
import { createLongTurns } from '../../../src/async/long-turns.js';

it('work that is paced by the clock goes on while there is time, and then others have their turn', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const longTurns = createLongTurns(10);
  expect(longTurns()).toBeUndefined();
  vi.advanceTimersByTime(10);
  expect(longTurns()).toBeUndefined();
  // The work after a wait counts as well.
  for (let turn = 0; turn < 2; turn += 1) {
    vi.advanceTimersByTime(11);
    let hadTurn = false;
    setImmediate(() => {
      hadTurn = true;
    });
    await longTurns();
    expect(hadTurn).toBe(true);
  }
  // Whoever has not worked for a turn begins anew.
  await new Promise((resolve) => setImmediate(resolve));
  vi.advanceTimersByTime(11);
  expect(longTurns()).toBeUndefined();
});
