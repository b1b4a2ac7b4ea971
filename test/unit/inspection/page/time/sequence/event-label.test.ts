import { describe, expect, it } from 'vitest';
import {
  eventLabel,
  isInternal,
} from '../../../../../../src/inspection/page/time/sequence/event-label.js';
import { made, told } from '../../../../../support/inspection/steps.js';

describe('the label of an event', () => {
  it('is its name, and how often it came', () => {
    expect(eventLabel(told(1, 'swarm.joined'))).toBe('swarm.joined');
    expect(eventLabel(told(1, 'piece.verified', { times: 12 }))).toBe('piece.verified ×12');
    expect(eventLabel(made(1, 'job-1'))).toBe('made job-1');
  });

  it('turns nothing that stands behind it', () => {
    expect(eventLabel(told(1, 'a\u202Egnp.exe\u2066'))).toBe('a\uFFFDgnp.exe\uFFFD');
  });

  it('is short for XState’s own', () => {
    const labels = [
      'xstate.done.actor.0.torrent.active.making',
      'xstate.error.actor.relocation',
      'xstate.after.diskRetry.torrent.paused.waitingForDisk',
      'xstate.after.250.engine.waiting',
      'xstate.promise.resolve',
      'xstate.promise.reject',
      'xstate.done.state.a.b',
      'xstate.stop',
      'xstate.odd',
    ].map((type) => eventLabel(told(1, type)));
    expect(labels).toEqual([
      'done',
      'error relocation',
      'after diskRetry',
      'after 250 ms',
      'resolve',
      'reject',
      'done state',
      'stop',
      'xstate.odd',
    ]);
    expect(isInternal(told(1, 'xstate.stop'))).toBe(true);
    expect(isInternal(told(1, 'job.stop'))).toBe(false);
  });
});
