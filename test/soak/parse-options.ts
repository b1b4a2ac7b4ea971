// The soak's command line.
import { parseArgs } from 'node:util';

/** Parts that can be left out, to look at the rest alone. */
export const parts = [
  'kill',
  'engine',
  'freeze',
  'stall',
  'tracker',
  'hostile',
  'strangers',
  'visitors',
  'move',
  'pause',
  'fail',
] as const;

export type Part = (typeof parts)[number];

export interface SoakOptions {
  readonly minutes: number;
  /** Jobs in the two helpers that are measured, together. */
  readonly torrents: number;
  /** Small files that one of them seeds besides. */
  readonly crowd: number;
  readonly seed: string;
  /** Write the figures into docs/reliability.md. */
  readonly writes: boolean;
  /** Keep the journal even if nothing was broken. */
  readonly keeps: boolean;
  readonly with: ReadonlySet<Part>;
}

/** Throws for what is not understood. */
export function parseOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '30' },
      torrents: { type: 'string', default: '200' },
      crowd: { type: 'string', default: '0' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      without: { type: 'string', default: '' },
      write: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
    },
  });
  const without = values.without.split(',').filter((name) => name !== '');
  const unknown = without.find((name) => !parts.some((part) => part === name));
  if (unknown !== undefined) {
    throw new RangeError(`--without ${unknown}: expected some of ${parts.join(',')}`);
  }
  return {
    minutes: above(0, 'minutes', values.minutes),
    torrents: above(7, 'torrents', values.torrents),
    crowd: above(-1, 'crowd', values.crowd),
    seed: values.seed,
    writes: values.write,
    keeps: values.keep,
    with: new Set(parts.filter((part) => !without.includes(part))),
  };
}

function above(floor: number, option: string, text: string): number {
  const value = Number(text);
  if (value > floor && value < 1e6) return value;
  throw new RangeError(`--${option} ${text}: expected a number above ${floor}`);
}
