// Whose child each actor is.
import { expect, it } from 'vitest';
import { ActorFamily } from '../../../../../src/inspection/page/store/actor-family.js';
import { anActor } from './an-actor.js';

it('follows a line up to the first of its system, but not one that has no end for whoever reads it', () => {
  const family = new ActorFamily();
  for (let actor = 1; actor <= 1_000; actor += 1) {
    family.set(anActor({ actor, parent: actor > 1 ? actor - 1 : undefined }));
  }
  expect(family.lineOf(3).map(({ actor }) => actor)).toEqual([1, 2, 3]);
  const line = family.lineOf(1_000);
  expect(line.length).toBeLessThan(100);
  expect(line.at(-1)?.actor).toBe(1_000);
});
