// One job without a supervisor: its machine with steps that end as the test says, and what a person is told of it.
import { type AnyActorRef, createActor, fromCallback, SimulatedClock } from 'xstate';
import { monitorMachine } from '../../../machines/monitor.js';
import { torrentMachine } from '../../../machines/torrent.js';
import type { TorrentInput } from '../../../machines/torrent-context.js';
import type { Diagnostic, JobReport, TrackerStatus } from '../../../machines/types.js';
import { inert, type StepOutcome, settledEvent } from './machine-walk.js';
import { located, publication } from './torrent-walks.js';

export const seedOrder = { instruction: { kind: 'seed', given: '/srv/a.iso' } } as const;

/** A download, where nothing else is said. */
export function loneJob(order: Partial<TorrentInput> = {}, machine = inert(torrentMachine)) {
  const monitor = createActor(monitorMachine).start();
  const jobs = fromCallback<JobReport, undefined>(({ receive }) =>
    receive((report) => monitor.send({ type: 'jobs.reported', reports: [report] })),
  );
  const diagnostics: Diagnostic[] = [];
  const trackers: TrackerStatus[] = [];
  monitor.on('diagnosed', ({ diagnostic }) => diagnostics.push(diagnostic));
  monitor.on('trackerChanged', ({ tracker }) => trackers.push(tracker));
  const clock = new SimulatedClock();
  const actor = createActor(machine, {
    clock,
    input: {
      id: 1,
      instruction: { kind: 'download', given: 'a' },
      monitor: createActor(jobs).start(),
      needsTracker: true,
      giveUpMs: undefined,
      moveCompleted: undefined,
      ...order,
    },
  }).start();
  // XState sends these itself, and so they are not among the events of a user.
  const settled: AnyActorRef = actor;
  return {
    actor,
    clock,
    trackers,
    settle: (step: string, outcome: StepOutcome) => settled.send(settledEvent(step, outcome)),
    told: (kind: Diagnostic['kind']) => diagnostics.filter((each) => each.kind === kind),
    get value() {
      return actor.getSnapshot().value;
    },
  };
}

/** One that joins its swarm. */
export function joiningJob(...[order = {}, machine]: Parameters<typeof loneJob>) {
  const job = loneJob(order, machine);
  if (order.instruction?.kind === 'seed') {
    job.settle('0.torrent.active.making', { output: located });
    job.settle('0.torrent.active.writing', { output: publication });
  } else job.settle('0.torrent.active.fetching', { output: located });
  return job;
}
