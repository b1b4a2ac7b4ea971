import { expect, test } from 'vitest';
import type { SwarmEvent } from '../../../../machines/types.js';
import { coalesceProgress } from '../../../../src/engine-thread/worker/coalesce-progress.js';

test('the last pieces are told by completion alone, and any others before whatever comes', () => {
  const told: SwarmEvent['type'][] = [];
  const progress = coalesceProgress(({ type }) => told.push(type));
  progress.tell({ type: 'piece.verified', verifiedBytes: 1 });
  progress.tell({ type: 'swarm.announced' });
  progress.tell({ type: 'piece.verified', verifiedBytes: 2 });
  progress.tell({ type: 'swarm.completed' });
  progress.stop();
  expect(told).toEqual(['piece.verified', 'swarm.announced', 'swarm.completed']);
});
