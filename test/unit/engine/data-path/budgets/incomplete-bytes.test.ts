// Of all who keep what has come of something that is not whole: who has to let go of it, and when.
import { afterEach, expect, it } from 'vitest';
import { IncompleteBytes } from '../../../../../src/engine/data-path/budgets/incomplete-bytes.js';

let nowMs = 0;
const all: IncompleteBytes[] = [];
afterEach(() => {
  for (const each of all.splice(0)) each.close();
});

function setUp(deadlineMs?: number) {
  nowMs = 0;
  const incomplete = new IncompleteBytes({
    mostBytes: 1_000,
    nowMs: () => nowMs,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
  all.push(incomplete);
  const gone: string[] = [];
  const keeper = (name: string) => ({ letGo: () => void gone.push(name) });
  return { incomplete, gone, keeper };
}

it('counts what each keeps now, and nothing of those who are done', () => {
  const { incomplete, gone, keeper } = setUp();
  const [one, other] = [keeper('one'), keeper('other')];
  incomplete.keeps(one, 100);
  incomplete.keeps(one, 400);
  incomplete.keeps(other, 600);
  expect(incomplete.lengthBytes).toBe(1_000);
  incomplete.keeps(one, 0);
  incomplete.keeps(one, 0);
  expect([incomplete.lengthBytes, gone]).toEqual([600, []]);
});

it('makes whoever has kept most for longest let go, not who is small or new', () => {
  const { incomplete, gone, keeper } = setUp();
  const [small, stalling, honest] = [keeper('small'), keeper('stalling'), keeper('honest')];
  incomplete.keeps(small, 10);
  nowMs += 100;
  incomplete.keeps(stalling, 490);
  nowMs += 10_000;
  incomplete.keeps(honest, 500);
  expect(gone).toEqual([]);
  nowMs += 100;
  incomplete.keeps(honest, 900);
  expect([gone, incomplete.lengthBytes]).toEqual([['stalling'], 910]);
});

it('makes as many let go as it takes, be it the last who came', () => {
  const { incomplete, gone, keeper } = setUp();
  for (const name of ['a', 'b', 'c', 'd']) {
    incomplete.keeps(keeper(name), 250);
    nowMs += 1;
  }
  incomplete.keeps(keeper('e'), 500);
  expect([gone, incomplete.lengthBytes]).toEqual([['a', 'b'], 1_000]);
  incomplete.keeps(keeper('f'), 2_000);
  expect([gone.at(-1), incomplete.lengthBytes <= 1_000]).toEqual(['f', true]);
});

it('gives everything a deadline from its first byte, however much comes later', () => {
  const { incomplete, gone, keeper } = setUp(30_000);
  const [dripping, late] = [keeper('dripping'), keeper('late')];
  for (let bytes = 1; bytes <= 30; bytes++) {
    incomplete.keeps(dripping, bytes);
    if (bytes === 15) incomplete.keeps(late, 1);
    incomplete.tick();
    expect(gone).toEqual([]);
    nowMs += 1_000;
  }
  incomplete.tick();
  expect([gone, incomplete.lengthBytes]).toEqual([['dripping'], 1]);
});
