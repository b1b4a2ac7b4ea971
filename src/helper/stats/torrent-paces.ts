// How often each torrent is to be measured, and how closely, so that it is enough for every job that has it: several may, though
// one alone is in the swarm. The engine is told when that becomes another.

export interface WatchPace {
  /** Infinity: it is watched, and not measured. */
  readonly everyMs: number;
  /** What its swarm is made of is wanted, too. */
  readonly isDetailed: boolean;
}

/** `everyMs` undefined: it is watched no more. */
export type WatchTorrent = (
  infoHash: string,
  everyMs: number | undefined,
  isDetailed: boolean,
) => void;

export class TorrentPaces {
  readonly #watch: WatchTorrent;
  /** By info hash, that of each job. */
  readonly #paces = new Map<string, Map<number, WatchPace>>();

  constructor(watch: WatchTorrent) {
    this.#watch = watch;
  }

  /** Undefined: nobody wants to know of that job any more. */
  set(infoHash: string, jobId: number, pace: WatchPace | undefined): void {
    const paces = this.#paces.get(infoHash) ?? new Map<number, WatchPace>();
    const before = enoughForAll(paces.values());
    if (pace === undefined) paces.delete(jobId);
    else paces.set(jobId, pace);
    if (paces.size > 0) this.#paces.set(infoHash, paces);
    else this.#paces.delete(infoHash);
    const now = enoughForAll(paces.values());
    if (now?.everyMs === before?.everyMs && now?.isDetailed === before?.isDetailed) return;
    this.#watch(infoHash, now?.everyMs, now?.isDetailed ?? false);
  }
}

export function enoughForBoth(one: WatchPace | undefined, other: WatchPace): WatchPace {
  if (one === undefined) return other;
  return {
    everyMs: Math.min(one.everyMs, other.everyMs),
    isDetailed: one.isDetailed || other.isDetailed,
  };
}

function enoughForAll(paces: Iterable<WatchPace>): WatchPace | undefined {
  let enough: WatchPace | undefined;
  for (const pace of paces) enough = enoughForBoth(enough, pace);
  return enough;
}
