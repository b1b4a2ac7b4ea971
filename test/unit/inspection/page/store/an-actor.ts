// An actor for tests of the tree: a job, where nothing else is said.
import type { ActorState } from '../../../../../src/inspection/told/actor-state.js';

export const anActor = (more: Partial<ActorState>): ActorState => ({
  actor: 1,
  id: 'job-1',
  src: 'torrent',
  machine: 'torrent',
  status: 'active',
  context: {},
  startedMs: 0,
  changedMs: 0,
  events: 0,
  taken: [],
  ...more,
});
