import { expect, it } from 'vitest';
import { AnnounceList } from '../../../../../src/engine/trackers/schedule/announce-list.js';

it('asks every tracker in order at first', () => {
  expect(new AnnounceList([['a', 'b'], ['c']]).due(0)).toEqual(['a', 'b', 'c']);
});

it('asks a tracker that failed no sooner than its retry', () => {
  const announceList = new AnnounceList([['a'], ['b']]);
  announceList.failed('a', 100);
  expect(announceList.due(99)).toEqual(['b']);
  expect(announceList.due(100)).toEqual(['a', 'b']);
});

it('knows which may know of this peer: who accepted, and who has not said', () => {
  const announceList = new AnnounceList([['a'], ['b'], ['c'], ['d']]);
  for (const url of ['a', 'b', 'c']) announceList.asked(url, 0);
  announceList.succeeded('a');
  announceList.missed('b');
  expect(announceList.informed).toEqual(['a', 'c']);
});

it('counts failures in a row, and forgets them with a success', () => {
  const announceList = new AnnounceList([['a']]);
  announceList.failed('a', 1);
  announceList.failed('a', 2);
  expect(announceList.failures('a')).toBe(2);
  announceList.succeeded('a');
  expect(announceList.failures('a')).toBe(0);
});

it('remembers who accepted an announce, whatever fails later', () => {
  const announceList = new AnnounceList([['a', 'b'], ['c']]);
  announceList.succeeded('b');
  announceList.failed('b', 1);
  announceList.failed('c', 1);
  expect(announceList.informed).toEqual(['b']);
});

it('asks the tracker that is preferred first in its tier', () => {
  const announceList = new AnnounceList([['a', 'b'], ['c']]);
  announceList.prefer('b');
  expect(announceList.due(0)).toEqual(['b', 'a', 'c']);
});
