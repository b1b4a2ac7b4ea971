// One job as one row: its name, a bar or its state, rate, time left and peers, as many of them as the width has room for.
import { bytesText, countText, rateColumns, rateText, timeColumns, timeText } from './amounts.js';
import { exactly } from './columns.js';
import { type Look, paint, symbolsOf, type Tone } from './look.js';
import type { ShownJob } from './shown-job.js';

/** How wide each part is; 0: left out. */
export interface Layout {
  readonly id: number;
  readonly name: number;
  readonly bar: number;
  readonly size: number;
  /** Of one direction: a download's own while it is none, a seed's other. */
  readonly rate: number;
  readonly hasBothRates: boolean;
  readonly time: number;
  readonly peers: number;
  readonly gap: string;
}

const percentColumns = 4;
/** `1023 MiB of 1023 GiB` */
const sizeColumns = 20;
/** `9,999 peers` */
const peersColumns = 11;
/** `downloading`, the longest of the states. */
const stateColumns = 11;

/**
 * What fits. `columns`: of the terminal, the last of which stays free. `idColumns`: of the longest id; `nameColumns`: of the
 * longest name.
 */
export function layoutFor(columns: number, idColumns: number, nameColumns: number): Layout {
  const arrow = rateColumns + 2;
  const parts =
    columns >= 130
      ? {
          ...{ id: idColumns, bar: Math.min(40, Math.floor(columns / 6)), size: sizeColumns },
          ...{ rate: arrow, hasBothRates: true, time: timeColumns, peers: peersColumns, gap: '  ' },
        }
      : columns >= 70
        ? {
            ...{ id: idColumns, bar: columns >= 100 ? 24 : 12, size: 0, rate: arrow },
            ...{ hasBothRates: false, time: timeColumns, peers: peersColumns, gap: ' ' },
          }
        : {
            ...{ id: 0, bar: 0, size: 0, hasBothRates: false, peers: 0, gap: ' ' },
            ...{ rate: columns >= 30 ? rateColumns : 0, time: columns >= 38 ? timeColumns : 0 },
          };
  const { id, bar, size, rate, hasBothRates, time, peers, gap } = parts;
  const percent = rate > 0 ? percentColumns : stateColumns;
  const others = [id, bar, percent, size, rate, hasBothRates ? rate : 0, time, peers];
  const taken = others.reduce((sum, width) => sum + (width > 0 ? width + gap.length : 0), 0);
  return { ...parts, name: Math.max(0, Math.min(nameColumns, columns - 1 - taken)) };
}

export function jobRow(job: ShownJob, layout: Layout, look: Look): string {
  const { gap } = layout;
  const { ellipsis } = symbolsOf(look);
  const cells = [
    layout.id > 0 ? paint(look, 'quiet', String(job.id).padStart(layout.id)) : undefined,
    layout.name > 0 ? exactly(job.name, layout.name, ellipsis) : undefined,
    ...(hasBar(job) ? underWay(job, layout, look) : atRest(job, layout, look)),
  ];
  return cells
    .filter((cell) => cell !== undefined)
    .join(gap)
    .trimEnd();
}

/** Something is known of how far it is, and it is not yet there. */
function hasBar({ isComplete, percent, kind }: ShownJob): boolean {
  return kind === 'download' && !isComplete && percent !== undefined && percent >= 0;
}

function underWay(job: ShownJob, layout: Layout, look: Look): (string | undefined)[] {
  const percent = Math.min(100, Math.floor(job.percent ?? 0));
  const isMoving = job.state === 'downloading';
  const { down, up } = symbolsOf(look);
  const total = job.bytesTotal;
  const size = total === undefined ? '' : `${bytesText(job.bytesDone)} of ${bytesText(total)}`;
  const rate = isMoving ? rateText(job.downBytesPerSecond) : job.state;
  const width = layout.rate;
  const arrow = isMoving && width > rateColumns ? `${down} ` : '';
  // A word of state is wider than a narrow terminal's rates, and has no time left beside it.
  const isWide = !isMoving && layout.bar === 0 && layout.time > 0;
  const rateWidth = isWide ? width + layout.gap.length + layout.time : width;
  return [
    layout.bar > 0 ? bar(percent, layout.bar, look, isMoving ? 'busy' : toneOf(job)) : undefined,
    `${percent}%`.padStart(width > 0 ? percentColumns : stateColumns),
    layout.size > 0 ? size.padStart(layout.size) : undefined,
    width > 0 ? paint(look, toneOf(job), (arrow + rate).padStart(rateWidth)) : undefined,
    layout.hasBothRates ? rateOf(job.upBytesPerSecond, up, width) : undefined,
    layout.time > 0 && !isWide ? timeLeft(job).padStart(layout.time) : undefined,
    layout.peers > 0 ? peersOf(job).padStart(layout.peers) : undefined,
  ];
}

function atRest(job: ShownJob, layout: Layout, look: Look): (string | undefined)[] {
  const { up } = symbolsOf(look);
  const { gap, rate: width } = layout;
  const word = paint(look, toneOf(job), job.state);
  const fill = (columns: number) => ' '.repeat(Math.max(0, columns - job.state.length));
  const uploaded = rateOf(job.upBytesPerSecond, up, width > 0 ? rateColumns + 2 : 0);
  if (layout.bar === 0) {
    if (width === 0) return [fill(stateColumns) + word];
    const room = percentColumns + [width, layout.time].reduce((sum, w) => sum + (w && w + 1), 0);
    const rest = job.state.length + 1 + uploaded.length <= room ? uploaded : '';
    return [word + rest.padStart(room - job.state.length)];
  }
  const size = job.bytesTotal === undefined ? '' : bytesText(job.bytesTotal);
  return [
    word + fill(layout.bar + gap.length + percentColumns),
    layout.size > 0 ? size.padStart(layout.size) : undefined,
    layout.hasBothRates ? ' '.repeat(width) : undefined,
    uploaded,
    layout.time > 0 ? ' '.repeat(layout.time) : undefined,
    layout.peers > 0 ? peersOf(job).padStart(layout.peers) : undefined,
  ];
}

function bar(percent: number, columns: number, look: Look, tone: Tone): string {
  const { full, empty } = symbolsOf(look);
  const filled = Math.floor((percent / 100) * columns);
  return (
    paint(look, tone, full.repeat(filled)) + paint(look, 'quiet', empty.repeat(columns - filled))
  );
}

/** Blank where nothing moves: a column of zeros says less than an empty one. */
function rateOf(bytesPerSecond: number, arrow: string, columns: number): string {
  return (bytesPerSecond > 0 ? `${arrow} ${rateText(bytesPerSecond)}` : '').padStart(columns);
}

function timeLeft({ state, etaSeconds }: ShownJob): string {
  return state === 'downloading' && etaSeconds !== undefined ? timeText(etaSeconds) : '';
}

function peersOf({ state, peers }: ShownJob): string {
  if (peers === 0 && state !== 'downloading') return '';
  return peers === 1 ? '1 peer ' : `${countText(Math.min(peers, 9_999))} peers`;
}

function toneOf({ state, isComplete }: ShownJob): Tone {
  switch (state) {
    case 'failed':
      return 'bad';
    case 'paused':
    case 'stopped':
    case 'recovering':
      return isComplete ? 'quiet' : 'careful';
    case 'queued':
      return 'quiet';
    case 'seeding':
      return 'good';
    default:
      return 'busy';
  }
}
