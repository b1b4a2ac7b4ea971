// What is collected of a recording has its limits, whatever is in it.
import { describe, expect, it } from 'vitest';
import { CollectedRecords } from '../../../../src/inspection/recording/collect-records.js';
import { recordingLimits } from '../../../../src/limits.js';

describe('what is collected of a recording', () => {
  it('is enough when it has as many actors as two files of a helper could', () => {
    const names = { id: 'a', src: 'b', taken: [], status: 'active', context: {} } as const;
    const state = { ...names, startedMs: 1, changedMs: 1, events: 0 };
    const actors = Array.from({ length: recordingLimits.actors - 1 }, (_, actor) => ({
      ...state,
      actor,
    }));
    const records = new CollectedRecords();
    records.take({ type: 'recording', format: 1, version: '1.0.0', beganMs: 1, nextSeq: 1 });
    records.take({ type: 'actors', actors });
    const made = (seq: number) =>
      ({ type: 'actor', seq, timeMs: 1, actor: -seq, ...names }) as const;
    records.take({
      type: 'transition',
      seq: 1,
      timeMs: 1,
      actor: 0,
      event: { type: 'a' },
      taken: [],
      status: 'active',
      changed: {},
    });
    expect(records.isFull).toBe(false);
    records.take(made(2));
    expect(records.isFull).toBe(true);
  });
});
