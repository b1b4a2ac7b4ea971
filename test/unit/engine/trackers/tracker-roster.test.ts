import { expect, it } from 'vitest';
import { TrackerRoster } from '../../../../src/engine/trackers/announce-list.js';

it('asks every tracker in order at first', () => {
  expect(new TrackerRoster([['a', 'b'], ['c']]).due(0)).toEqual(['a', 'b', 'c']);
});

it('asks a tracker that failed no sooner than its retry', () => {
  const roster = new TrackerRoster([['a'], ['b']]);
  roster.failed('a', 100);
  expect(roster.due(99)).toEqual(['b']);
  expect(roster.due(100)).toEqual(['a', 'b']);
});

it('knows which may know of this peer: who accepted, and who has not said', () => {
  const roster = new TrackerRoster([['a'], ['b'], ['c'], ['d']]);
  for (const url of ['a', 'b', 'c']) roster.asked(url);
  roster.succeeded('a');
  roster.missed('b');
  expect(roster.informed).toEqual(['a', 'c']);
});

it('counts failures in a row, and forgets them with a success', () => {
  const roster = new TrackerRoster([['a']]);
  roster.failed('a', 1);
  roster.failed('a', 2);
  expect(roster.failures('a')).toBe(2);
  roster.succeeded('a');
  expect(roster.failures('a')).toBe(0);
});

it('remembers who accepted an announce, whatever fails later', () => {
  const roster = new TrackerRoster([['a', 'b'], ['c']]);
  roster.succeeded('b');
  roster.failed('b', 1);
  roster.failed('c', 1);
  expect(roster.informed).toEqual(['b']);
});

it('asks the tracker that answered first in its tier', () => {
  const roster = new TrackerRoster([['a', 'b'], ['c']]);
  roster.succeeded('b');
  expect(roster.due(0)).toEqual(['b', 'a', 'c']);
});
