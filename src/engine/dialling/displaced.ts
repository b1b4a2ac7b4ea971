// Which connection goes when one more has turned out to lead to a peer and there are too many: so no torrent is without one
// for ever, whatever the others hold, and none keeps its peers from others that may be better. Pure.
import { dialLimits } from '../../limits.js';

export interface OutgoingConnection {
  readonly owner: Owner;
  readonly sinceMs: number;
  /** When it last brought something. */
  usefulAtMs: number;
  /** A peer is there. */
  isProven: boolean;
}

/** One torrent's. */
export interface Owner {
  readonly connections: ReadonlySet<OutgoingConnection>;
}

/**
 * Undefined: all may stay. Else one of no use to the newcomer's own torrent, one of whoever has the most, or, where each has
 * one, of whoever has had it long enough; where there is no such, the newcomer itself. `connections`: how many may be.
 */
export function displacedBy(
  newcomer: OutgoingConnection,
  owners: Iterable<Owner>,
  { nowMs, connections }: { readonly nowMs: number; readonly connections: number },
): OutgoingConnection | undefined {
  const others = [...owners].filter((owner) => owner !== newcomer.owner);
  const own = provenOf(newcomer.owner);
  const all = [...own, ...others.flatMap(provenOf)];
  const isTooMany = own.length > dialLimits.connectionsPerTorrent;
  if (!isTooMany && all.length <= connections) return undefined;
  const ownUseless = leastUseful(own.filter((each) => each !== newcomer && isUseless(each, nowMs)));
  if (ownUseless !== undefined) return ownUseless;
  if (isTooMany) return newcomer;
  const most = Math.max(0, ...others.map((owner) => provenOf(owner).length));
  if (most > own.length) {
    return leastUseful(
      others
        .map(provenOf)
        .filter(({ length }) => length === most)
        .flat(),
    );
  }
  const strangers = own.length > 1 ? [] : all.filter((each) => each !== newcomer);
  const useless = leastUseful(strangers.filter((each) => isUseless(each, nowMs)));
  if (useless !== undefined) return useless;
  const [first] = strangers.toSorted((one, other) => one.sinceMs - other.sinceMs);
  return first !== undefined && hasHadItsTurn(first, nowMs) ? first : newcomer;
}

/** How many can be displaced for torrents that have none. */
export function displaceable(owners: Iterable<Owner>, nowMs: number): number {
  let count = 0;
  for (const { connections } of owners) {
    let first: OutgoingConnection | undefined;
    for (const each of connections) {
      if (!each.isProven) continue;
      if (first !== undefined) count += 1;
      first ??= each;
    }
    if (first !== undefined && (isUseless(first, nowMs) || hasHadItsTurn(first, nowMs))) count += 1;
  }
  return count;
}

function hasHadItsTurn({ sinceMs }: OutgoingConnection, nowMs: number): boolean {
  return nowMs - sinceMs >= dialLimits.turnMs;
}

export function isUseless({ isProven, usefulAtMs }: OutgoingConnection, nowMs: number): boolean {
  return isProven && nowMs - usefulAtMs >= dialLimits.uselessMs;
}

function provenOf({ connections }: Owner): readonly OutgoingConnection[] {
  return [...connections].filter(({ isProven }) => isProven);
}

function leastUseful(all: readonly OutgoingConnection[]): OutgoingConnection | undefined {
  return all.toSorted((one, other) => one.usefulAtMs - other.usefulAtMs)[0];
}
