// What a view knows of a helper: its live jobs and their numbers, kept up by events. Pure, and quick with ten thousand of
// them: a picture looks at the jobs that it shows and at nothing else.
import type { JobKind, JobState } from '../../machines/types.js';
import type { HelperEvent } from '../helper/events/helper-event.js';
import type { JobStats } from '../helper/stats/job-stats.js';
import { escapeForTerminal } from '../protocol/escape-name.js';
import type { Shown } from './frame/frame.js';
import { type Group, groupOf, groups, type ShownJob } from './frame/shown-job.js';

/** What is asked about a job that an event is the first to name. */
export interface JobLookup {
  readonly id: number;
  readonly kind: JobKind;
  readonly file: string;
  readonly state: JobState;
  readonly percent: number | undefined;
}

/** Jobs that are not done, or ended before they were. */
export interface Unfinished {
  readonly downloads: number;
  readonly seeds: number;
}

export interface Model extends Shown {
  /** These are the live jobs, and no others. */
  begin(live: Iterable<JobLookup>): void;
  apply(event: HelperEvent): void;
  measured(stats: readonly JobStats[]): void;
  unfinished(): Unfinished;
  /** How the lines of a job name it. */
  fileOf(id: number): string;
  setFooter(footer: string | undefined): void;
}

/** @param lookUp a live job by its id */
export function createModel(lookUp: (id: number) => JobLookup | undefined): Model {
  const jobs = new Map<number, ShownJob>();
  const byGroup = new Map<Group, Set<number>>(groups.map((group) => [group, new Set()]));
  const counts = new Map<ShownJob['state'] | 'failed', number>();
  let down = 0;
  let up = 0;
  let footer: string | undefined;

  const count = (state: ShownJob['state'] | 'failed', by: number) => {
    counts.set(state, (counts.get(state) ?? 0) + by);
  };
  const take = (job: ShownJob | undefined) => {
    if (!job) return;
    jobs.delete(job.id);
    byGroup.get(groupOf(job))?.delete(job.id);
    count(job.state, -1);
    down -= job.downBytesPerSecond;
    up -= job.upBytesPerSecond;
  };
  const put = (job: ShownJob) => {
    const before = jobs.get(job.id);
    jobs.set(job.id, job);
    down += job.downBytesPerSecond - (before?.downBytesPerSecond ?? 0);
    up += job.upBytesPerSecond - (before?.upBytesPerSecond ?? 0);
    if (before?.state !== job.state) {
      if (before) count(before.state, -1);
      count(job.state, 1);
    }
    const group = groupOf(job);
    const groupBefore = before && groupOf(before);
    if (group === groupBefore) return;
    if (groupBefore) byGroup.get(groupBefore)?.delete(job.id);
    byGroup.get(group)?.add(job.id);
  };
  /** Changes a job that is known, or that can be looked up. */
  const change = (id: number, changes: Partial<ShownJob>) => {
    put({ ...(jobs.get(id) ?? begun(id, lookUp(id))), ...changes });
  };

  return {
    jobs(atMost) {
      const shown: ShownJob[] = [];
      for (const group of groups) {
        const ofGroup = firstOf(byGroup.get(group) ?? [], atMost - shown.length);
        const found = ofGroup.map((id) => jobs.get(id)).filter((job) => job !== undefined);
        shown.push(...found.sort((one, other) => one.id - other.id));
      }
      return shown;
    },
    counts,
    get jobCount() {
      return jobs.size;
    },
    get downBytesPerSecond() {
      return Math.max(0, down);
    },
    get upBytesPerSecond() {
      return Math.max(0, up);
    },
    get footer() {
      return footer;
    },
    setFooter(text) {
      footer = text;
    },
    begin(live) {
      const gone = new Set(jobs.keys());
      for (const job of live) {
        gone.delete(job.id);
        const before = jobs.get(job.id);
        put(before ? broughtUp(before, job) : begun(job.id, job));
      }
      for (const id of gone) take(jobs.get(id));
    },
    apply(event) {
      switch (event.type) {
        case 'job.known': {
          const { id, kind, file, name, lengthBytes } = event;
          const known = kind === 'download' ? name : undefined;
          const shown = cleanName(known ?? nameOf(file));
          change(id, { kind, file: known ?? file, name: shown, bytesTotal: lengthBytes });
          break;
        }
        case 'job.state': {
          // Another event says so, and more.
          if (event.to === 'failed' || event.to === 'removed') break;
          const isDone = event.to === 'seeding' ? { isComplete: true } : {};
          const isSilent = event.to !== 'downloading' && event.to !== 'seeding';
          change(event.id, { state: event.to, ...isDone, ...(isSilent ? silence : {}) });
          break;
        }
        case 'job.published':
        case 'job.done':
          change(event.id, { isComplete: true, percent: 100 });
          break;
        case 'job.verified':
          // A download fetches it again.
          if (event.missingBytes > 0) change(event.id, { isComplete: false });
          break;
        case 'job.failed':
          count('failed', 1);
          take(jobs.get(event.id));
          break;
        case 'job.ended':
          // What stops unfinished stays: it is what the last picture has to show.
          if (event.end !== 'stopped') take(jobs.get(event.id));
          else if (jobs.has(event.id)) change(event.id, { state: 'stopped', ...silence });
          break;
      }
    },
    measured(stats) {
      for (const each of stats) {
        const job = jobs.get(each.id);
        // Its last numbers may come when it has already been stopped.
        if (!job || job.state === 'stopped') continue;
        const { bytesDone, bytesTotal, peers, etaSeconds } = each;
        const { downBytesPerSecond, upBytesPerSecond } = each;
        // It has said 100, and what it lacks since then no line tells.
        const isRefetched = each.percent === 100 && !job.isComplete;
        const percent = isRefetched ? percentMissing(each) : each.percent;
        const isAtWork = job.state === 'downloading' || job.state === 'seeding';
        put({
          ...job,
          ...{ bytesDone, bytesTotal: bytesTotal ?? job.bytesTotal },
          ...{ percent: percent ?? job.percent },
          ...(isAtWork && { peers, etaSeconds, downBytesPerSecond, upBytesPerSecond }),
        });
      }
    },
    fileOf: (id) => jobs.get(id)?.file ?? lookUp(id)?.file ?? '',
    unfinished() {
      const open = [...jobs.values()].filter(({ isComplete }) => !isComplete);
      const downloads = open.filter(({ kind }) => kind === 'download').length;
      return { downloads, seeds: open.length - downloads };
    },
  };
}

const silence = {
  ...{ downBytesPerSecond: 0, upBytesPerSecond: 0, peers: 0 },
  etaSeconds: undefined,
};

function begun(id: number, found: JobLookup | undefined): ShownJob {
  return {
    ...{ id, ...silence, bytesDone: 0, bytesTotal: undefined },
    kind: found?.kind ?? 'download',
    file: found?.file ?? '',
    name: cleanName(nameOf(found?.file ?? '')),
    state: found?.state ?? 'queued',
    isComplete: found?.percent === 100 || found?.state === 'seeding',
    percent: found?.percent,
  };
}

function percentMissing({ bytesDone, bytesTotal = 0 }: JobStats): number {
  return bytesTotal > 0 ? Math.min(99, Math.floor((bytesDone / bytesTotal) * 100)) : 0;
}

/** As it lives now, whatever was not heard of it. What it is called and holds stays known. */
function broughtUp(before: ShownJob, found: JobLookup): ShownJob {
  const { state, isComplete, percent = before.percent } = begun(found.id, found);
  const isMoving = state === 'downloading' || state === 'seeding';
  return { ...before, ...(isMoving ? {} : silence), state, isComplete, percent };
}

/** The end of a path says more than its beginning, which may be the same for all; a magnet link may say its name. */
function nameOf(file: string): string {
  const isLink = /^[a-z][a-z\d+.-]*:/i.test(file);
  return isLink ? (nameInLink(file) ?? file) : (/[^/]+(?=\/*$)/.exec(file)?.[0] ?? file);
}

function cleanName(name: string): string {
  return escapeForTerminal(name.slice(0, longestName));
}

function nameInLink(link: string): string | undefined {
  if (!link.startsWith('magnet:?')) return undefined;
  return new URLSearchParams(link.slice('magnet:?'.length)).get('dn') || undefined;
}

/** No terminal shows more of it. */
const longestName = 1_000;

function firstOf<T>(values: Iterable<T>, atMost: number): T[] {
  const found: T[] = [];
  for (const value of values) {
    if (found.length >= atMost) break;
    found.push(value);
  }
  return found;
}
