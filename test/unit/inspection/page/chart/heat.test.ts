import { describe, expect, it } from 'vitest';
import { heatLevel, RunHeat } from '../../../../../src/inspection/page/chart/heat.js';
import { PageStore } from '../../../../../src/inspection/page/store/page-store.js';
import type { InspectionRecord } from '../../../../../src/inspection/told/records.js';

const made = (actor: number, machine: string): InspectionRecord => ({
  ...{ type: 'actor', seq: actor, timeMs: 0, actor, id: `job-${actor}`, src: machine, machine },
  ...{ taken: [`${machine}||0`], status: 'active', context: {} },
});
const took = (
  seq: number,
  actor: number,
  taken: readonly string[],
  times?: number,
): InspectionRecord => ({
  ...{ type: 'transition', seq, timeMs: 0, actor, event: { type: 'go' }, taken, times },
  ...{ status: 'active', changed: {} },
});

describe('RunHeat', () => {
  it('counts what all actors of a machine have taken, and goes on where it stopped', () => {
    const store = new PageStore();
    const heat = new RunHeat('torrent');
    store.receive({ type: 'records', records: [made(1, 'torrent'), made(2, 'torrent')] });
    expect(heat.of(store.steps)).toEqual(new Map([['torrent||0', 2]]));
    store.receive({
      type: 'records',
      records: [
        made(3, 'engine'),
        took(4, 1, ['a', 'b']),
        took(5, 2, ['a'], 40),
        took(6, 3, ['a']),
      ],
    });
    const all = new Map([
      ['torrent||0', 2],
      ['a', 41],
      ['b', 1],
    ]);
    expect(heat.of(store.steps)).toEqual(all);
    expect(heat.of(store.steps)).toEqual(all);
  });

  it('begins anew with another run', () => {
    const heat = new RunHeat('torrent');
    const [first, second] = [new PageStore(), new PageStore()];
    first.receive({ type: 'records', records: [made(1, 'torrent'), took(2, 1, ['a'])] });
    second.receive({ type: 'records', records: [made(1, 'torrent')] });
    heat.of(first.steps);
    expect(heat.of(second.steps)).toEqual(new Map([['torrent||0', 1]]));
  });
});

it('is cold only where nothing went, and hottest where most did', () => {
  expect(heatLevel(0, 100)).toBe(0);
  expect(heatLevel(1, 1)).toBe(4);
  expect(heatLevel(1, 1_000_000)).toBe(1);
  expect(heatLevel(1000, 1_000_000)).toBeGreaterThan(heatLevel(10, 1_000_000));
  expect(heatLevel(5_000_000, 1_000_000)).toBe(4);
});
