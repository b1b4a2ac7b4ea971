import { describe, expect, it } from 'vitest';
import type { Chart } from '../../../../../src/inspection/charts/chart.js';
import { transitionLine } from '../../../../../src/inspection/page/details/transition-line.js';

const chart: Chart = {
  machine: 'torrent',
  description: '',
  width: 0,
  height: 0,
  states: [],
  edges: [],
  transitions: [
    {
      id: 'torrent.active|xstate.error.actor.*|0',
      source: 'torrent.active',
      event: 'xstate.error.actor.*',
      eventName: 'error',
      guard: 'mayPass',
      actions: ['reportRefusal'],
      targets: ['torrent.paused.waitingForDisk'],
      isReentering: false,
    },
  ],
};

describe('a transition in a line', () => {
  it('says what its chart says, with names as they are within the machine', () => {
    expect(transitionLine(chart, 'torrent.active|xstate.error.actor.*|0')).toEqual({
      id: 'torrent.active|xstate.error.actor.*|0',
      state: 'active',
      event: 'error',
      guard: 'mayPass',
      targets: ['paused.waitingForDisk'],
      actions: ['reportRefusal'],
    });
  });

  it('says what its id says where the chart does not have it, or there is none', () => {
    const id = 'torrent.active.joined||1';
    const line = { id, state: 'active.joined', event: 'at once', targets: [], actions: [] };
    expect(transitionLine(chart, id)).toEqual(line);
    expect(transitionLine(undefined, id)).toEqual(line);
    expect(transitionLine(undefined, 'torrent|job.stop|0')).toMatchObject({
      state: '',
      event: 'job.stop',
    });
  });
});
