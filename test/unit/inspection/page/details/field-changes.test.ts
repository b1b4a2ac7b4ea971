import { describe, expect, it } from 'vitest';
import { fieldChanges } from '../../../../../src/inspection/page/details/field-changes.js';

describe('the changes of a context', () => {
  it('are those of the fields that are others now, and of no more', () => {
    const before = { state: 'checking', percent: -1, file: 'a', list: [1] };
    const after = { state: 'seeding', percent: -1, file: 'a', list: [1] };
    expect(fieldChanges(before, after)).toEqual([
      { path: 'state', before: 'checking', after: 'seeding' },
    ]);
  });

  it('name the one place of a large field that changed', () => {
    const located = { torrent: { name: 'a' }, contentPath: '/a', peers: [] };
    const after = { located: { ...located, torrent: { name: 'b' } } };
    expect(fieldChanges({ located }, after)).toEqual([
      { path: 'located.torrent.name', before: 'a', after: 'b' },
    ]);
  });

  it('tell what came and what went, which is told as null', () => {
    expect(fieldChanges({ failure: 'no' }, { failure: null, left: { code: 'X' } })).toEqual([
      { path: 'failure', before: 'no', after: undefined },
      { path: 'left', before: undefined, after: { code: 'X' } },
    ]);
    expect(fieldChanges({}, { failure: null })).toEqual([]);
  });

  it('are no more than can be looked at, and not led astray by odd names', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, 1]));
    expect(fieldChanges({}, many)).toHaveLength(100);
    const odd = JSON.parse('{ "__proto__": { "a": 1 }, "constructor": 2 }');
    expect(fieldChanges({}, odd)).toEqual([
      { path: '__proto__', before: undefined, after: { a: 1 } },
      { path: 'constructor', before: undefined, after: 2 },
    ]);
  });
});
