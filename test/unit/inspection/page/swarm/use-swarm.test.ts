import { expect, it } from 'vitest';
import { jobOf } from '../../../../../src/inspection/page/swarm/use-swarm.js';
import type { ActorState } from '../../../../../src/inspection/told/actor-state.js';

function actor(number: number, id: string, parent?: number, machine?: string): ActorState {
  const never = { startedMs: 0, changedMs: 0, events: 0, taken: [], context: {} };
  return { ...never, actor: number, id, parent, machine, src: id, status: 'active' };
}

const actors = new Map(
  [
    actor(1, 'supervisor', undefined, 'supervisor'),
    actor(2, 'jobs', 1),
    actor(3, 'job-12', 2, 'torrent'),
    actor(4, 'swarm', 3),
    actor(5, 'relocation', 3, 'relocation'),
    actor(6, 'copying', 5),
    actor(7, 'job-9', 2),
    actor(8, 'job-x', 2, 'torrent'),
    actor(9, 'one of a circle', 10),
    actor(10, 'the other', 9),
    actor(11, 'an orphan', 99),
  ].map((each) => [each.actor, each] as const),
);

it('is the job of its machine, and of all that work for it', () => {
  expect([3, 4, 5, 6].map((number) => jobOf(actors, number))).toEqual([12, 12, 12, 12]);
});

it('is none for those above, for whoever has but the name of one, and where nobody is looked at', () => {
  const none = [1, 2, 7, 8, 9, 11, 99, undefined].map((number) => jobOf(actors, number));
  expect(new Set(none)).toEqual(new Set([undefined]));
});
