import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RestTimer } from '../../../../src/engine/awake/rest-timer.js';

function torrent(isIdle: boolean) {
  return {
    isIdle,
    rests: 0,
    rest() {
      this.rests += 1;
    },
  };
}

describe('the timer by which torrents rest', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('lets one rest that is idle at two looks in a row, and no other', () => {
    const timer = new RestTimer(1_000);
    const [idle, busy, back] = [torrent(true), torrent(false), torrent(true)];
    for (const each of [idle, busy, back]) timer.woke(each);
    vi.advanceTimersByTime(1_000);
    expect(idle.rests).toBe(0);
    back.isIdle = false;
    vi.advanceTimersByTime(1_000);
    back.isIdle = true;
    vi.advanceTimersByTime(1_000);
    expect([idle.rests, busy.rests, back.rests]).toEqual([1, 0, 0]);
    expect(timer.size).toBe(2);
  });

  it('is one for a thousand that are awake, and none while all rest or have left', () => {
    const timer = new RestTimer(1_000);
    expect(vi.getTimerCount()).toBe(0);
    const torrents = Array.from({ length: 1_000 }, () => torrent(true));
    for (const each of torrents) timer.woke(each);
    expect(vi.getTimerCount()).toBe(1);
    for (const each of torrents.slice(500)) timer.left(each);
    vi.advanceTimersByTime(2_000);
    expect([timer.size, vi.getTimerCount()]).toEqual([0, 0]);
    expect(torrents.filter(({ rests }) => rests === 1)).toHaveLength(500);
  });
});
