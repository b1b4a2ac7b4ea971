import { describe, expect, it } from 'vitest';
import { SatedPeers } from '../../../../../src/engine/dialling/known-peers/sated-peers.js';

const halfAnHourMs = 30 * 60_000;

describe('peers that want nothing', () => {
  it('are known for half an hour', () => {
    let nowMs = 0;
    const sated = new SatedPeers(() => nowMs);
    sated.add('10.0.0.1:1');
    nowMs = halfAnHourMs - 1;
    expect([sated.has('10.0.0.1:1'), sated.has('10.0.0.1:2')]).toEqual([true, false]);
    nowMs += 1;
    expect(sated.has('10.0.0.1:1')).toBe(false);
  });

  it('make room for those met later', () => {
    const sated = new SatedPeers(() => 0);
    for (let port = 1; port <= 201; port += 1) sated.add(`10.0.0.1:${port}`);
    expect([sated.has('10.0.0.1:1'), sated.has('10.0.0.1:2')]).toEqual([false, true]);
  });
});
