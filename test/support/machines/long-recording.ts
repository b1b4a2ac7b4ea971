// A recording of a helper with many jobs, all of which seed, as a helper would have written it.
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { recordingFormat } from '../../../src/inspection/recording/recording-lines.js';
import type { ActorState } from '../../../src/inspection/told/actor-state.js';

const atMs = Date.UTC(2026, 0, 1);

export async function writeLongRecording(file: string, jobs: number): Promise<void> {
  await pipeline(lines(jobs), createWriteStream(file));
}

function* lines(jobs: number): Generator<string> {
  const line = (value: unknown) => `${JSON.stringify(value)}\n`;
  const header = { type: 'recording', format: recordingFormat, version: '0.1.0', beganMs: atMs };
  yield line({ ...header, nextSeq: 1 });
  yield line({
    type: 'actors',
    actors: [
      actor(1, { id: 'supervisor', src: 'supervisor', machine: 'supervisor', value: 'open' }),
      actor(2, { id: 'jobs', src: 'jobs', parent: 1 }),
    ],
  });
  for (let id = 1; id <= jobs; id += 1) {
    const number = 1 + 2 * id;
    const job = { id: `job-${id}`, src: 'torrent', machine: 'torrent', parent: 2 };
    const value = { active: { joined: 'seeding' } };
    const context = { file: `file-${id}.bin`, state: 'seeding', percent: 100 };
    const swarm = actor(number + 1, { id: 'swarm', src: 'joinSwarm', parent: number });
    yield line({ type: 'actors', actors: [actor(number, { ...job, value, context }), swarm] });
  }
  yield line({ type: 'ended', timeMs: atMs });
}

function actor(
  number: number,
  what: Pick<ActorState, 'id' | 'src'> & Partial<ActorState>,
): ActorState {
  const times = { startedMs: atMs, changedMs: atMs };
  return { actor: number, status: 'active', context: {}, events: 0, taken: [], ...times, ...what };
}
