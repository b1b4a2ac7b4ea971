// A recording as a helper writes it, by its lines.
import type { ActorState } from '../../../src/inspection/told/actor-state.js';
import type { ActorRecord, TransitionRecord } from '../../../src/inspection/told/records.js';

export const header = {
  type: 'recording',
  format: 1,
  version: '1.2.3',
  pid: 7,
  beganMs: 1_000,
  nextSeq: 1,
} as const;

export const made = (seq: number, actor: number, parent?: number): ActorRecord => ({
  type: 'actor',
  seq,
  timeMs: 1_000 + seq,
  actor,
  parent,
  id: `job-${actor}`,
  src: 'torrent',
  machine: 'torrent',
  taken: [],
  value: { active: 'making' },
  status: 'active',
  context: { file: '/srv/a' },
});

export const took = (seq: number, actor: number, text: string): TransitionRecord => ({
  type: 'transition',
  seq,
  timeMs: 1_000 + seq,
  actor,
  event: { type: 'told', text },
  taken: ['torrent.active|told|0'],
  value: { active: { joined: 'seeding' } },
  status: 'active',
  changed: { text },
});

export const state = (actor: number, text: string): ActorState => ({
  actor,
  id: `job-${actor}`,
  src: 'torrent',
  machine: 'torrent',
  value: { active: { joined: 'seeding' } },
  status: 'active',
  context: { file: '/srv/a', text },
  startedMs: 1_000,
  changedMs: 2_000,
  events: 3,
  taken: [],
});

export const recordingText = (...lines: readonly object[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');
