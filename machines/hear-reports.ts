// What others hear of what the jobs report: each report as changes, a line for a person, an end, or entries for the session.
import type { MonitorEmitted } from './monitor.js';
import type { Change, Diagnostic, JobReport, JobTag, SessionEntry } from './types.js';

/** In the order of the reports. Changes without anything between them are told as one, and so are entries. */
export function hearReports(reports: readonly JobReport[]): readonly MonitorEmitted[] {
  const heard: Heard[] = [];
  const add = (next: Heard) => {
    const last = heard.at(-1);
    if (last?.type === 'changed' && next.type === 'changed') last.changes.push(...next.changes);
    else if (last?.type === 'recorded' && next.type === 'recorded')
      last.entries.push(...next.entries);
    else heard.push(next);
  };
  for (const report of reports) hear(report, add);
  return heard;
}

/** To which more may be added. */
type Heard =
  | { readonly type: 'changed'; readonly changes: Change[] }
  | { readonly type: 'recorded'; readonly entries: SessionEntry[] }
  | Exclude<MonitorEmitted, { readonly type: 'changed' | 'recorded' }>;

function hear(report: JobReport, add: (heard: Heard) => void): void {
  switch (report.type) {
    case 'jobs.changed':
      add({ type: 'changed', changes: [...report.changes] });
      return;
    case 'jobs.recorded':
      add({ type: 'recorded', entries: [...report.entries] });
      return;
    case 'job.recorded':
      add({ type: 'recorded', entries: [report.entry] });
      return;
    case 'job.measured':
      add({ type: 'measured', id: report.id, measure: report.measure });
      return;
    case 'job.trackerChanged':
      add({ type: 'trackerChanged', id: report.id, tracker: report.tracker });
      return;
    case 'job.stateChanged':
      add(states(report));
      return;
    case 'job.progressed':
      add(line(report.job, report.percent, report.repeated));
      return;
    case 'job.published':
      add(line(report.job, 100));
      add(diagnosed({ kind: 'published', ...nameOf(report.job), ...report.publication }));
      return;
    case 'job.downloaded': {
      const { job, contentPath } = report;
      add(line(job, 100));
      add(diagnosed({ kind: 'done', ...nameOf(job), contentPath }));
      return;
    }
    case 'job.failed': {
      const { job, failure } = report;
      add(states(report));
      add(line(job, -2));
      add(diagnosed({ kind: 'failed', ...nameOf(job), failure }));
      add({ type: 'ended', end: { id: job.id, end: 'failed', failure } });
      add(forgotten(job));
      return;
    }
    case 'job.removed': {
      const { job, left } = report;
      add(states(report));
      add(diagnosed({ kind: 'removed', ...nameOf(job) }));
      add({ type: 'ended', end: { id: job.id, end: 'removed', failure: left } });
      add(forgotten(job));
      return;
    }
    case 'job.ended': {
      const { job, end } = report;
      add(states(report));
      add({ type: 'ended', end: { id: job.id, end, failure: undefined } });
      // One that was stopped may come back.
      if (end === 'released') add(forgotten(job));
      return;
    }
    default:
      add(diagnosed(diagnosticOf(report)));
  }
}

type Remark = Extract<
  JobReport,
  {
    readonly type:
      | 'job.warned'
      | 'job.verified'
      | 'job.announced'
      | 'job.commandFailed'
      | 'job.relocated'
      | 'job.relocationFailed'
      | 'instruction.refused';
  }
>;

/** What no line of the progress tells of. */
function diagnosticOf(report: Remark): Diagnostic {
  switch (report.type) {
    case 'job.warned':
      return { kind: 'warning', ...nameOf(report.job), failure: report.failure };
    case 'job.verified':
      return { kind: 'verified', ...nameOf(report.job), missingBytes: report.missingBytes };
    case 'job.announced':
      return { kind: 'announced', ...nameOf(report.job) };
    case 'job.commandFailed': {
      const { job, command, failure } = report;
      return { kind: 'warning', ...nameOf(job), command, failure };
    }
    case 'job.relocated':
      return { kind: 'moved', ...nameOf(report.job), contentPath: report.contentPath };
    case 'job.relocationFailed':
      return { kind: 'warning', ...nameOf(report.job), command: 'move', failure: report.failure };
    case 'instruction.refused': {
      const { id, command, failure } = report;
      return { kind: 'refused', id, command, failure };
    }
  }
}

function nameOf({ id, file }: JobTag) {
  return { id, file };
}

/** One progress line. */
function line(job: JobTag, percent: number, repeated = false): Heard {
  return { type: 'changed', changes: [{ type: 'progress', ...job, percent, repeated }] };
}

/** No line, but for those who watch states. */
function states({
  job,
  percent,
}: {
  readonly job: JobTag;
  readonly percent: number | undefined;
}): Heard {
  return { type: 'changed', changes: [{ type: 'state', ...job, percent, repeated: false }] };
}

/** One line for a person. */
function diagnosed(diagnostic: Diagnostic): Heard {
  return { type: 'diagnosed', diagnostic };
}

/** By the session: it need not come back. */
function forgotten({ id }: JobTag): Heard {
  return { type: 'recorded', entries: [{ type: 'ended', id }] };
}
