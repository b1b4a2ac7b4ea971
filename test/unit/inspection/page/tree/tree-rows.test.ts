// Which lines the tree has, what its filter lets through, and where keys lead.
import { describe, expect, it } from 'vitest';
import { ActorFamily } from '../../../../../src/inspection/page/store/actor-family.js';
import { actorFilter } from '../../../../../src/inspection/page/tree/actor-filter.js';
import { treeMove } from '../../../../../src/inspection/page/tree/tree-moves.js';
import {
  endedShownMs,
  type TreeInput,
  treeRows,
} from '../../../../../src/inspection/page/tree/tree-rows.js';
import type { ActorState } from '../../../../../src/inspection/told/actor-state.js';
import { anActor } from '../store/an-actor.js';

const step = { machine: undefined, value: undefined } as const;
const seeding = { active: { joined: 'seeding' } };

/** supervisor › jobs › three jobs, each with its swarm. */
const usual: readonly Partial<ActorState>[] = [
  { id: 'supervisor', machine: 'supervisor', value: 'open' },
  { id: 'jobs', parent: 1, ...step },
  { id: 'job-1', parent: 2, value: { active: 'making' }, context: { file: '/a/film.mkv' } },
  { id: 'job-2', parent: 2, value: seeding, context: { file: '/a/song.flac' } },
  { id: 'job-3', parent: 2, value: { paused: 'byUser' } },
  { id: 'swarm', src: 'joinSwarm', parent: 3, ...step },
  { id: 'swarm', src: 'joinSwarm', parent: 4, ...step },
  { id: 'swarm', src: 'joinSwarm', parent: 5, ...step },
];

function tree(
  actors: readonly Partial<ActorState>[],
  { typed = '', ...more }: Partial<TreeInput> & { readonly typed?: string } = {},
) {
  const family = new ActorFamily();
  actors.forEach((actor, index) => {
    family.set(anActor({ actor: index + 1, ...actor }));
  });
  return treeRows({
    ...{ actors: family.states, family, unfolded: new Map(), filter: actorFilter(typed) },
    ...{ showsEnded: false, selected: undefined, nowMs: 0, ...more },
  });
}
const shown = (...given: Parameters<typeof tree>) =>
  tree(...given).rows.map(({ actor, depth }) => `${'  '.repeat(depth)}${actor}`);

describe('the lines of the tree', () => {
  it('are all actors down to the jobs, whose steps are folded', () => {
    expect(shown(usual)).toEqual(['1', '  2', '    3', '    4', '    5']);
    expect(shown(usual, { unfolded: new Map([[4, true]]) })).toEqual([
      '1',
      '  2',
      '    3',
      '    4',
      '      7',
      '    5',
    ]);
    expect(shown(usual, { unfolded: new Map([[2, false]]) })).toEqual(['1', '  2']);
  });

  it('tell where in its set each is, also those that are not drawn', () => {
    const jobs = tree(usual).rows.slice(2);
    expect(jobs.map(({ setSize, posInSet }) => [posInSet, setSize])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });

  it('are those that match all words of the filter, and those above them', () => {
    expect(shown(usual, { typed: 'film JOB' })).toEqual(['1', '  2', '    3']);
    expect(shown(usual, { typed: 'state:seeding' })).toEqual(['1', '  2', '    4']);
    expect(shown(usual, { typed: 'state:joined machine:torrent' })).toEqual(['1', '  2', '    4']);
    expect(shown(usual, { typed: 'machine:supervisor' })).toContain('1');
    expect(shown(usual, { typed: 'nowhere' })).toEqual([]);
  });

  it('unfold a job whose step matches, and show all steps of a job that matches itself', () => {
    expect(shown(usual, { typed: 'swarm' })).toEqual([
      '1',
      '  2',
      '    3',
      '      6',
      '    4',
      '      7',
      '    5',
      '      8',
    ]);
    expect(shown(usual, { typed: 'song', unfolded: new Map([[4, true]]) })).toEqual([
      '1',
      '  2',
      '    4',
      '      7',
    ]);
  });

  it('leave out what ended long ago, but not what failed, nor its steps', () => {
    const ended: readonly Partial<ActorState>[] = [
      { id: 'jobs', ...step },
      { parent: 1, status: 'done', value: 'removed' },
      { parent: 1, status: 'done', value: 'failed' },
      { parent: 1 },
      { parent: 3, ...step, status: 'error' },
      { parent: 4, ...step, status: 'error' },
    ];
    const unfolded = new Map([2, 3, 4].map((actor) => [actor, true]));
    const later = { unfolded, nowMs: endedShownMs };
    const all = ['1', '  2', '  3', '    5', '  4', '    6'];
    expect(shown(ended, { unfolded, nowMs: endedShownMs - 1 })).toEqual(all);
    expect(shown(ended, later)).toEqual(['1', '  3', '    5', '  4']);
    expect(shown(ended, { ...later, showsEnded: true })).toEqual(all);
    expect(shown(ended, { ...later, selected: 2 })).toContain('  2');
  });

  it('are made of a family as deep as any', () => {
    const deep = Array.from({ length: 5_000 }, (_, index) => ({ parent: index, ...step }));
    expect(tree(deep).rows.at(-1)).toMatchObject({ actor: 5_000, depth: 4_999 });
    expect(tree(deep, { typed: 'job-1' }).rows.length).toBe(5_000);
  });
});

describe('a key in the tree', () => {
  const key = (name: string, selected: number | undefined, unfolded = new Map<number, boolean>()) =>
    treeMove(name, tree(usual, { unfolded }), selected);

  it('leads up and down, and no further than to the ends', () => {
    expect(key('ArrowDown', 3)).toEqual({ select: 4 });
    expect(key('ArrowUp', 1)).toEqual({ select: 1 });
    expect(key('ArrowDown', 5)).toEqual({ select: 5 });
    expect(key('ArrowDown', undefined)).toEqual({ select: 1 });
    expect(key('Home', 5)).toEqual({ select: 1 });
    expect(key('End', 1)).toEqual({ select: 5 });
    expect(key('PageDown', 1)).toEqual({ select: 5 });
  });

  it('unfolds, then goes in; folds, then goes out', () => {
    const open = new Map([[4, true]]);
    expect(key('ArrowRight', 4)).toEqual({ fold: { actor: 4, isOpen: true } });
    expect(key('ArrowRight', 4, open)).toEqual({ select: 7 });
    expect(key('ArrowRight', 7, open)).toEqual({});
    expect(key('ArrowLeft', 7, open)).toEqual({ select: 4 });
    expect(key('ArrowLeft', 4, open)).toEqual({ fold: { actor: 4, isOpen: false } });
    expect(key('ArrowLeft', 4)).toEqual({ select: 2 });
    expect(key('ArrowLeft', undefined)).toEqual({ select: undefined });
    expect(key('Enter', 4)).toEqual({ fold: { actor: 4, isOpen: true } });
  });

  it('is left to others, if it is none of the tree', () => {
    expect(key('t', 4)).toBeUndefined();
    expect(key(' ', 4)).toBeUndefined();
  });
});
