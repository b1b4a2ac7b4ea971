// What a person is told, a program is told: each kind of diagnostic has its event.
import { describe, expect, it } from 'vitest';
import { createActor, fromCallback } from 'xstate';
import type { MonitorEvent, ReportedEvent } from '../../../../machines/monitor.js';
import {
  type JobsEvent,
  type JobsInput,
  type SupervisorInput,
  supervisorMachine,
} from '../../../../machines/supervisor.js';
import type { Diagnostic, JobReport } from '../../../../machines/types.js';
import type { HelperEvent } from '../../../../src/helper/events/helper-event.js';
import { runHelper } from '../../../../src/helper/run-helper.js';
import { all } from '../../../support/helper/library-setup.js';

const job = { id: 1, kind: 'seed', file: '/srv/a.iso', state: 'seeding' } as const;
const publication = {
  torrentFile: '/t/a.torrent',
  infoHash: 'ab'.repeat(20),
  magnetUri: 'magnet:',
};
const failure = { code: 'DISK_FULL', message: 'no room' } as const;
const tag = { id: 1, key: 'mine' };
const error = { ...failure, retryable: true, help: expect.stringMatching(/\.$/) };
const ofJob = { ...error, jobId: 1, path: '/srv/a.iso' };

interface Case {
  readonly report: MonitorEvent;
  readonly event: { readonly type: HelperEvent['type']; readonly [field: string]: unknown };
}

const ofJobs = (...reports: JobReport[]): ReportedEvent => ({ type: 'jobs.reported', reports });

/** Of each kind, each report that tells it. */
const cases: Readonly<Record<Diagnostic['kind'], readonly Case[]>> = {
  failed: [
    {
      report: ofJobs({ type: 'job.failed', job, percent: -1, failure }),
      event: { type: 'job.failed', ...tag, error: ofJob },
    },
  ],
  warning: [
    {
      report: ofJobs({ type: 'job.warned', job, failure }),
      event: { type: 'job.warning', ...tag, error: ofJob },
    },
    {
      report: ofJobs({ type: 'job.relocationFailed', job, failure }),
      event: { type: 'job.warning', ...tag, error: ofJob },
    },
    { report: { type: 'helper.warned', failure }, event: { type: 'helper.warning', error } },
  ],
  refused: [
    {
      report: ofJobs({ type: 'instruction.refused', id: 1, command: 'move', failure }),
      event: { type: 'helper.warning', error: { ...error, jobId: 1 } },
    },
    {
      report: ofJobs({ type: 'instruction.refused', id: 7, command: 'move', failure }),
      event: { type: 'helper.warning', error: { ...error, jobId: 7 } },
    },
  ],
  'not-understood': [
    {
      report: { type: 'lines.misread', lines: ['x'] },
      event: {
        type: 'helper.warning',
        error: expect.objectContaining({
          code: 'INSTRUCTION_INVALID',
          message: 'not an instruction: x',
          retryable: false,
        }),
      },
    },
  ],
  published: [
    {
      report: ofJobs({ type: 'job.published', job, publication }),
      event: { type: 'job.published', ...tag, ...publication },
    },
  ],
  done: [
    {
      report: ofJobs({ type: 'job.downloaded', job, contentPath: '/d/a.iso' }),
      event: { type: 'job.done', ...tag, contentPath: '/d/a.iso' },
    },
  ],
  moved: [
    {
      report: ofJobs({ type: 'job.relocated', job, contentPath: '/d/a.iso' }),
      event: { type: 'job.moved', ...tag, contentPath: '/d/a.iso' },
    },
  ],
  verified: [
    {
      report: ofJobs({ type: 'job.verified', job, missingBytes: 7 }),
      event: { type: 'job.verified', ...tag, missingBytes: 7 },
    },
  ],
  announced: [
    {
      report: ofJobs({ type: 'job.announced', job }),
      event: { type: 'job.announced', ...tag },
    },
  ],
  removed: [
    {
      report: ofJobs({ type: 'job.removed', job, percent: -1 }),
      event: { type: 'job.ended', ...tag, end: 'removed' },
    },
  ],
};

/** What a helper with one job makes of a report. */
async function heard(report: MonitorEvent) {
  const jobs = fromCallback<JobsEvent, JobsInput>(({ input: { monitor, supervisor }, receive }) => {
    receive((event) => {
      if (event.type === 'jobs.stop') {
        supervisor.send({ type: 'jobs.ended', tally: { failed: 0, unfinished: 0 } });
      }
      if (event.type !== 'jobs.asked') return;
      const entries = event.instructions.map(
        (instruction) => ({ type: 'began', id: 1, instruction }) as const,
      );
      monitor.send(ofJobs({ type: 'jobs.recorded', entries }));
      monitor.send(ofJobs({ type: 'job.stateChanged', job, percent: undefined }));
    });
  });
  const input: SupervisorInput = {
    lastId: 0,
    maxActive: 1,
    moveCompleted: undefined,
    needsTracker: false,
    giveUpMs: undefined,
    onEof: 'finish',
  };
  const system = createActor(supervisorMachine.provide({ actors: { jobs } }), { input });
  const diagnostics: Diagnostic[] = [];
  const { helper } = runHelper({
    system,
    lastId: 0,
    peerPort: () => 0,
    announce: () => [],
    left: async () => {},
    watch: () => {},
    onDiagnostic: (diagnostic) => void diagnostics.push(diagnostic),
    restore: [],
    onEntry: () => {},
    release: async () => {},
  });
  helper.seed('/srv/a.iso', { key: 'mine' });
  const events = helper.events();
  system.getSnapshot().context.monitor.send(report);
  await helper.close();
  return { diagnostics, events: await all(events) };
}

const nameOf = (report: MonitorEvent) =>
  report.type === 'jobs.reported' ? report.reports[0]?.type : report.type;

describe.each(Object.entries(cases))('the diagnostic %s', (kind, reports) => {
  it.each(reports.map(({ report, event }) => [nameOf(report), report, event] as const))(
    'is an event, as of %s',
    async (_type, report, event) => {
      const { diagnostics, events } = await heard(report);
      expect(diagnostics.map((diagnostic) => diagnostic.kind)).toEqual([kind]);
      expect(events.filter(({ type }) => type === event.type)).toEqual([
        { timeMs: expect.any(Number), ...event },
      ]);
    },
  );
});
