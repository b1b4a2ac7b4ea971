// The picture: jobs to lines for a terminal of so many columns and rows. Pure; it never is taller or wider than it may be.
import { countText, rateText } from './amounts.js';
import { cutEnd, widthOf } from './columns.js';
import { jobRow, layoutFor } from './job-row.js';
import { type Look, paint, symbolsOf } from './look.js';
import type { ShownJob } from './shown-job.js';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export type JobCounts = ReadonlyMap<ShownJob['state'] | 'failed', number>;

/** What a picture is made of. */
export interface Shown {
  /** The first of them, in the order of their rows. */
  jobs(atMost: number): readonly ShownJob[];
  readonly counts: JobCounts;
  readonly jobCount: number;
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  /** What stands below all, where there is something to say. */
  readonly footer: string | undefined;
}

/** Rows that a view takes at most where the terminal has them, so that what is told above it is seen, too. */
const modestRows = 12;

export function frameOf(shown: Shown, size: Size, look: Look): readonly string[] {
  const { footer, jobCount } = shown;
  const height = heightFor(size.rows);
  const below = [
    ...(jobCount > 1 && shown.counts.get('stopped') !== jobCount ? [summary(shown, look)] : []),
    ...(footer === undefined ? [] : [footer]),
  ].slice(-height);
  const room = height - below.length;
  const isFolded = jobCount > room;
  const jobs = shown.jobs(isFolded ? Math.max(0, room - 1) : room);
  const ids = Math.max(0, ...jobs.map(({ id }) => String(id).length));
  const names = Math.max(0, ...jobs.map(({ name }) => widthOf(name, size.columns)));
  const layout = layoutFor(size.columns, ids, names);
  const cut = (line: string) => cutEnd(line, size.columns - 1, symbolsOf(look).ellipsis);
  const rows = jobs.map((job) => jobRow(job, layout, look));
  const lines = [...(isFolded && room > 0 ? [folded(jobs, shown, look)] : []), ...below];
  // A row is made to fit, but where there is no room for its parts.
  return [...(size.columns < fewColumns ? rows.map(cut) : rows), ...lines.map(cut)];
}

/** There is room for a name beside how far it is. */
const fewColumns = 16;

/** One row stays free for the cursor below, one for what is told above. */
function heightFor(rows: number): number {
  return Math.max(1, Math.min(rows - 2, Math.max(modestRows, Math.floor(rows / 2))));
}

function summary(shown: Shown, look: Look): string {
  const { down, up, between } = symbolsOf(look);
  const { downBytesPerSecond, upBytesPerSecond, counts } = shown;
  const rates = [
    ...(downBytesPerSecond > 0 ? [`${down} ${rateText(downBytesPerSecond)}`] : []),
    ...(upBytesPerSecond > 0 ? [`${up} ${rateText(upBytesPerSecond)}`] : []),
  ];
  return [...rates, countsText(counts)].filter((part) => part !== '').join(between);
}

function folded(jobs: readonly ShownJob[], { counts, jobCount }: Shown, look: Look): string {
  const rest = new Map(counts);
  for (const { state } of jobs) rest.set(state, (rest.get(state) ?? 0) - 1);
  const what = countsText(rest);
  const { ellipsis } = symbolsOf(look);
  return paint(look, 'quiet', `${ellipsis} ${countText(jobCount - jobs.length)} more: ${what}`);
}

const order = [
  ...(['downloading', 'checking', 'fetching', 'making', 'writing', 'registering'] as const),
  ...(['moving', 'recovering', 'seeding', 'paused', 'queued', 'stopped', 'failed'] as const),
];

function countsText(counts: JobCounts): string {
  return order
    .map((state) => ({ state, count: counts.get(state) ?? 0 }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${countText(count)} ${state}`)
    .join(', ');
}
