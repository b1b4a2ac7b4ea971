// A helper whose jobs do as the test tells them.
import { expect, it, onTestFinished, vi } from 'vitest';
import { createActor, fromCallback } from 'xstate';
import {
  type JobsEvent,
  type JobsInput,
  type SupervisorInput,
  supervisorMachine,
} from '../../../machines/supervisor.js';
import { runHelper } from '../../../src/helper/run-helper.js';

const input: SupervisorInput = {
  lastId: 0,
  maxActive: 1,
  moveCompleted: undefined,
  needsTracker: false,
  giveUpMs: undefined,
  onEof: 'finish',
};

it('is closed in 5 s by a job that never stops, and what that promised is over then', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const jobs = fromCallback<JobsEvent, JobsInput>(({ input: { monitor, supervisor }, receive }) => {
    receive((event) => {
      if (event.type === 'jobs.abandon') {
        supervisor.send({ type: 'jobs.ended', tally: { failed: 0, unfinished: 1 } });
      }
      if (event.type !== 'jobs.asked') return;
      const [instruction] = event.instructions;
      if (!instruction) return;
      const job = {
        id: 1,
        kind: instruction.kind,
        file: instruction.given,
        state: 'moving',
      } as const;
      const begun = { type: 'job.stateChanged', job, percent: undefined } as const;
      monitor.send({ type: 'jobs.reported', reports: [begun] });
    });
  });
  const released: number[] = [];
  const { helper, stopping } = runHelper({
    system: createActor(supervisorMachine.provide({ actors: { jobs } }), { input }),
    lastId: 0,
    peerPort: () => 0,
    announce: () => [],
    left: async () => {},
    watch: () => {},
    onDiagnostic: undefined,
    restore: [],
    onEntry: () => {},
    release: async () => void released.push(Date.now()),
  });
  const job = helper.seed('/srv/a.iso');
  const done = job.done.catch(({ code }) => code);
  const begunMs = Date.now();
  const closed = helper.close();
  await stopping;
  await vi.advanceTimersByTimeAsync(5_000);
  await closed;
  expect(released).toHaveLength(1);
  // Whatever is released needs its time, too.
  expect((released[0] ?? 0) - begunMs).toBeLessThanOrEqual(3_000);
  expect(await done).toBe('CLOSED');
});
