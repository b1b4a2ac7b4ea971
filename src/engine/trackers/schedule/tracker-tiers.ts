// In which order the trackers of a torrent are tried (BEP 12). Pure: every change is a new value.
import { announceLimits } from '../../../limits.js';
import type { Random } from './back-off.js';

/** Trackers, or their announce URLs, by tier; `flat()` is the order to try them in. */
export type Tiers<T> = readonly (readonly T[])[];

/**
 * The announce URLs `isUsable` says yes to, each once, every tier in random order: so many as a torrent may name, and all
 * that are `trusted`.
 */
export function shuffleTiers(
  tiers: Tiers<string>,
  isUsable: (url: string) => boolean,
  random: Random,
  trusted: readonly string[] = [],
): Tiers<string> {
  const taken = new Set<string>();
  let namedByTorrent = 0;
  const take = (url: string) => {
    if (taken.has(url) || !isUsable(url)) return false;
    if (!trusted.includes(url)) {
      if (namedByTorrent === announceLimits.trackersPerTorrent) return false;
      namedByTorrent += 1;
    }
    taken.add(url);
    return true;
  };
  return tiers.map((tier) => shuffled(tier.filter(take), random)).filter((tier) => tier.length > 0);
}

/** The tracker that answered goes to the front of its tier. */
export function promote<T>(tiers: Tiers<T>, tracker: T): Tiers<T> {
  if (tiers.every((tier) => tier.indexOf(tracker) < 1)) return tiers;
  return tiers.map((tier) =>
    tier.includes(tracker) ? [tracker, ...tier.filter((other) => other !== tracker)] : tier,
  );
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  if (items.length < 2) return items;
  return items
    .map((item) => ({ item, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
