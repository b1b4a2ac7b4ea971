// The states of a machine, as they are written.
import { describe, expect, it } from 'vitest';
import { statePaths } from '../../../../../src/inspection/page/store/state-paths.js';

describe('the states of a machine', () => {
  it('are paths, one a region', () => {
    expect(statePaths(undefined)).toEqual([]);
    expect(statePaths('paused')).toEqual(['paused']);
    expect(statePaths({ active: { joined: 'seeding' } })).toEqual(['active.joined.seeding']);
    expect(statePaths({ a: 'b', c: { d: {}, e: 'f' } })).toEqual(['a.b', 'c.d', 'c.e.f']);
  });
});
