import { expect, it } from 'vitest';
import { createActor } from 'xstate';
import {
  type MonitorEmitted,
  type MonitorEvent,
  monitorMachine,
} from '../../../machines/monitor.js';
import type { JobReport } from '../../../machines/types.js';
import { failure, publication } from '../../support/machines/torrent-walks.js';

const job = { id: 1, kind: 'download', file: 'a.iso', state: 'seeding' } as const;
const other = { ...job, id: 2, file: 'b.iso' } as const;

/** What the monitor makes of that. */
function emitted(event: MonitorEvent): readonly MonitorEmitted[] {
  const all: MonitorEmitted[] = [];
  const monitor = createActor(monitorMachine).start();
  monitor.on('*', (each) => all.push(each));
  monitor.send(event);
  return all;
}

const heard = (...reports: JobReport[]) => emitted({ type: 'jobs.reported', reports });

it('the monitor warns of a job by its id, file and command, and of the helper by neither', () => {
  const warned = (diagnostic: object) => [
    { type: 'diagnosed', diagnostic: { kind: 'warning', ...diagnostic } },
  ];
  expect(heard({ type: 'job.relocationFailed', job, failure })).toEqual(
    warned({ id: 1, file: 'a.iso', command: 'move', failure }),
  );
  expect(heard({ type: 'job.commandFailed', job, command: 'verify', failure })).toEqual(
    warned({ id: 1, file: 'a.iso', command: 'verify', failure }),
  );
  expect(emitted({ type: 'helper.warned', failure })).toEqual(warned({ failure }));
});

it('the monitor tells what is reported together in its order, and neighbours of one sort as one', () => {
  const told = heard(
    { type: 'job.stateChanged', job, percent: 5 },
    { type: 'job.progressed', job: other, percent: 7, repeated: false },
    { type: 'job.recorded', entry: { type: 'ended', id: 7 } },
    { type: 'jobs.recorded', entries: [{ type: 'ended', id: 8 }] },
    { type: 'job.published', job, publication },
    { type: 'job.progressed', job: other, percent: 8, repeated: true },
  );
  expect(told).toEqual([
    {
      type: 'changed',
      changes: [
        { type: 'state', ...job, percent: 5, repeated: false },
        { type: 'progress', ...other, percent: 7, repeated: false },
      ],
    },
    {
      type: 'recorded',
      entries: [
        { type: 'ended', id: 7 },
        { type: 'ended', id: 8 },
      ],
    },
    { type: 'changed', changes: [{ type: 'progress', ...job, percent: 100, repeated: false }] },
    { type: 'diagnosed', diagnostic: { kind: 'published', id: 1, file: 'a.iso', ...publication } },
    { type: 'changed', changes: [{ type: 'progress', ...other, percent: 8, repeated: true }] },
  ]);
});

it.each([
  [{ type: 'job.failed', job, percent: 5, failure }, 'failed', true],
  [{ type: 'job.removed', job, percent: 5 }, 'removed', true],
  [{ type: 'job.ended', job, percent: 5, end: 'released' }, 'released', true],
  [{ type: 'job.ended', job, percent: 5, end: 'stopped' }, 'stopped', false],
] as const)(
  'of %o the session hears only if it is not to come back',
  (report, end, isForgotten) => {
    const told = heard(report);
    expect(told).toContainEqual({
      type: 'ended',
      end: { id: 1, end, failure: end === 'failed' ? failure : undefined },
    });
    const forgotten = { type: 'recorded', entries: [{ type: 'ended', id: 1 }] };
    expect(told.some((each) => JSON.stringify(each) === JSON.stringify(forgotten))).toBe(
      isForgotten,
    );
  },
);
