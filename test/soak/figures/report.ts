// The figures as a table for people, and where it stands in docs/reliability.md.
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { Journal } from '../journal.js';
import type { SoakOptions } from '../parse-options.js';
import type { Figures } from './measure.js';

export interface Comparison {
  readonly helper: string;
  /** At rest, all garbage collected: when it is warm, and at the end. */
  readonly settled: readonly [Figures, Figures];
  /** In the midst of it: the averages over the tenth before each of these moments. */
  readonly busy: readonly [Figures, Figures];
}

const mostGrowthPercent = 10;
/** So much comes and goes with a single connection or a page of memory. */
const grain = { residentMib: 4, heapMib: 2, descriptors: 4, files: 4, threads: 1 } as const;
const compared = [
  ['memory without that for pieces (MiB)', 'residentMib'],
  ['of it JavaScript’s (MiB)', 'heapMib'],
  ['descriptors without strangers’', 'descriptors'],
  ['of them files and folders', 'files'],
  ['threads', 'threads'],
] as const;

/** What grew by more than it may. */
export function growths(comparisons: readonly Comparison[]): readonly string[] {
  return comparisons.flatMap(({ helper, settled: [early, late] }) =>
    compared.flatMap(([name, key]) => {
      const most = Math.max(early[key] * (1 + mostGrowthPercent / 100), early[key] + grain[key]);
      if (late[key] <= most) return [];
      return [`${helper}: ${name} grew from ${round(early[key])} to ${round(late[key])}`];
    }),
  );
}

export function tables(
  { minutes, torrents, crowd, seed }: SoakOptions,
  comparisons: readonly Comparison[],
  journal: Journal,
): string {
  const count = journal.complaints.length;
  const day = new Date().toISOString().slice(0, 10);
  return [
    `${minutes} minutes, ${torrents} torrents${crowd > 0 ? ` and ${crowd} that are only seeded` : ''}, seed ${seed}; ${day}, Node ${process.versions.node}, ${process.platform}, ${cpus().length} cores. Promises broken: ${count === 0 ? 'none' : count}.`,
    '',
    '| helper | figure | warm | at the end | growth |',
    '|---|---|---|---|---|',
    ...comparisons.flatMap(figureRows),
    '',
    '| what was done | times |',
    '|---|---|',
    ...[...journal.counts].sort().map(([what, times]) => `| ${what} | ${times} |`),
    '',
    '| longest wait | seconds |',
    '|---|---|',
    ...[...journal.longestMs].sort().map(([what, ms]) => `| ${what} | ${(ms / 1000).toFixed(1)} |`),
  ].join('\n');
}

function figureRows({ helper, settled, busy }: Comparison): readonly string[] {
  const row = (name: string, [early, late]: readonly [number, number]) =>
    `| ${helper} | ${name} | ${round(early)} | ${round(late)} | ${growth(early, late)} |`;
  const pick = ([early, late]: readonly [Figures, Figures], key: keyof Figures) =>
    [early[key], late[key]] as const;
  return [
    ...compared.map(([name, key]) => row(`${name}, at rest`, pick(settled, key))),
    ...compared
      .filter(([, key]) => key !== 'heapMib')
      .map(([name, key]) => row(`${name}, at work, average`, pick(busy, key))),
    row('connections of strangers, at rest', pick(settled, 'strangers')),
    row('memory for pieces, of 64 (MiB), at rest', pick(settled, 'piecesMib')),
    row('CPU in that tenth (s)', pick(busy, 'cpuSeconds')),
  ];
}

function growth(early: number, late: number): string {
  if (early === 0) return '';
  const percent = Math.round((late / early - 1) * 100);
  return `${percent > 0 ? '+' : ''}${percent} %`;
}

function round(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0);
}

const mark = { begin: '<!-- soak -->', end: '<!-- end -->' };

/** Puts `text` between the marks in the file at `path`. Throws if they are not there. */
export async function writeIntoDocs(path: string, text: string): Promise<void> {
  const page = await readFile(path, 'utf8');
  const begin = page.indexOf(mark.begin);
  const end = page.indexOf(mark.end, begin);
  if (begin < 0 || end < 0) throw new Error(`${path} has no ${mark.begin} … ${mark.end}`);
  const before = page.slice(0, begin + mark.begin.length);
  await writeFile(path, `${before}\n${text}\n${page.slice(end)}`);
}
