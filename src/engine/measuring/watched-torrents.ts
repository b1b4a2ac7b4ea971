// Which torrents are watched, and how often each is measured: those of one pace together, by one timer. Of a torrent of which
// there is nothing new nothing is told, so that ten thousand that rest cost a glance each.
import type { SwarmDetail, SwarmMeasure } from '../../../machines/types.js';
import { RateWindow } from './rate-window.js';

/** However often numbers are told, details are looked at no oftener, but for a tenth: timers of one pace do not go off together. */
const leastDetailMs = 900;
/** Of a torrent that is so large that a look takes long, less often: a twentieth of the time goes there at most. */
const detailShare = 20;

/** A torrent as it stands at this moment. */
export interface Reading extends Omit<SwarmMeasure, keyof Rates | 'detail'> {
  readonly bytesTotal: number;
}

type Rates = Pick<SwarmMeasure, 'downBytesPerSecond' | 'upBytesPerSecond' | 'etaSeconds'>;

/** One stay of a torrent in its swarm. */
export interface MeasuredTorrent {
  readonly infoHash: string;
  read(): Reading;
  tell(measure: SwarmMeasure): void;
  /** Begins to look at what it is made of; returns how it is at a moment of `performance.now()`. */
  openDetail(): (nowMs: number) => SwarmDetail;
  /** Somebody listens from now on, or nobody any more; nobody did before. */
  watched(isWatched: boolean): void;
}

interface Watched {
  readonly torrent: MeasuredTorrent;
  readonly down: RateWindow;
  readonly up: RateWindow;
  told: SwarmMeasure;
  detail: DetailReader | undefined;
}

interface DetailReader {
  readonly read: (nowMs: number) => SwarmDetail;
  dueAtMs: number;
}

/** What somebody asked for. */
interface Wish {
  readonly everyMs: number;
  readonly isDetailed: boolean;
}

interface Pace {
  readonly torrents: Map<MeasuredTorrent, Watched>;
  readonly timer: NodeJS.Timeout;
}

export class WatchedTorrents {
  /** By info hash, whether they are there or not. */
  readonly #wishes = new Map<string, Wish>();
  readonly #torrents = new Map<string, MeasuredTorrent>();
  readonly #paces = new Map<number, Pace>();
  /** Of those that are measured no more: whoever listens next has heard it. */
  readonly #toldLast = new WeakMap<MeasuredTorrent, SwarmMeasure>();

  watch(infoHash: string, everyMs: number | undefined, isDetailed = false): void {
    const before = this.#wishes.get(infoHash);
    if (before?.everyMs === everyMs && (before?.isDetailed ?? false) === isDetailed) return;
    const wish = everyMs === undefined ? undefined : { everyMs, isDetailed };
    if (wish === undefined) this.#wishes.delete(infoHash);
    else this.#wishes.set(infoHash, wish);
    const torrent = this.#torrents.get(infoHash);
    if (torrent === undefined) return;
    const watched = this.#stop(torrent, before?.everyMs);
    if (wish !== undefined) this.#start(torrent, wish, watched);
    if ((before === undefined) !== (wish === undefined)) torrent.watched(wish !== undefined);
  }

  /** It is there from now on, in place of an earlier stay. */
  joined(torrent: MeasuredTorrent): void {
    const { infoHash } = torrent;
    const before = this.#torrents.get(infoHash);
    if (before !== undefined) this.left(before);
    this.#torrents.set(infoHash, torrent);
    const wish = this.#wishes.get(infoHash);
    if (wish === undefined) return;
    this.#start(torrent, wish);
    torrent.watched(true);
  }

  left(torrent: MeasuredTorrent): void {
    const { infoHash } = torrent;
    if (this.#torrents.get(infoHash) !== torrent) return;
    this.#torrents.delete(infoHash);
    this.#stop(torrent, this.#wishes.get(infoHash)?.everyMs);
  }

  /** Now, and not at its pace alone. */
  look(torrent: MeasuredTorrent): void {
    const everyMs = this.#wishes.get(torrent.infoHash)?.everyMs;
    const pace = everyMs === undefined ? undefined : this.#paces.get(everyMs);
    const watched = pace?.torrents.get(torrent);
    if (watched !== undefined) lookAt(watched, performance.now());
  }

  close(): void {
    for (const { timer } of this.#paces.values()) clearInterval(timer);
    this.#paces.clear();
    this.#wishes.clear();
  }

  #start(
    torrent: MeasuredTorrent,
    { everyMs, isDetailed }: Wish,
    watched = watch(torrent, this.#toldLast.get(torrent)),
  ): void {
    // No timer waits so long.
    if (everyMs === Number.POSITIVE_INFINITY) return;
    let pace = this.#paces.get(everyMs);
    if (pace === undefined) {
      const torrents = new Map<MeasuredTorrent, Watched>();
      const look = () => {
        const nowMs = performance.now();
        for (const each of torrents.values()) lookAt(each, nowMs);
      };
      pace = { torrents, timer: setInterval(look, everyMs).unref() };
      this.#paces.set(everyMs, pace);
    }
    pace.torrents.set(torrent, watched);
    if (!isDetailed) watched.detail = undefined;
    else watched.detail ??= { read: torrent.openDetail(), dueAtMs: 0 };
    lookAt(watched, performance.now());
  }

  /** What was measured of it so far, if it was. */
  #stop(torrent: MeasuredTorrent, everyMs: number | undefined): Watched | undefined {
    const pace = everyMs === undefined ? undefined : this.#paces.get(everyMs);
    if (everyMs === undefined || pace === undefined) return undefined;
    const watched = pace.torrents.get(torrent);
    if (watched !== undefined) this.#toldLast.set(torrent, watched.told);
    pace.torrents.delete(torrent);
    if (pace.torrents.size > 0) return watched;
    clearInterval(pace.timer);
    this.#paces.delete(everyMs);
    return watched;
  }
}

/** What is told first is what sets it apart from one that is complete, or not looked at yet, and moves nothing. */
function watch(torrent: MeasuredTorrent, toldLast: SwarmMeasure | undefined): Watched {
  const nowMs = performance.now();
  const { bytesTotal, bytesDone, bytesDown, bytesUp } = torrent.read();
  return {
    torrent,
    down: new RateWindow(nowMs, bytesDown),
    up: new RateWindow(nowMs, bytesUp),
    detail: undefined,
    told: toldLast ?? { ...nothing, bytesDone: bytesDone === bytesTotal ? bytesTotal : undefined },
  };
}

const nothing: SwarmMeasure = {
  bytesDone: undefined,
  bytesDown: 0,
  bytesUp: 0,
  bytesWasted: 0,
  downBytesPerSecond: 0,
  upBytesPerSecond: 0,
  peers: 0,
  seeds: 0,
  etaSeconds: undefined,
};

function lookAt(watched: Watched, nowMs: number): void {
  const { torrent, down, up, told } = watched;
  const { bytesTotal, bytesDone, bytesDown, bytesUp, bytesWasted, peers, seeds } = torrent.read();
  const downBytesPerSecond = down.look(nowMs, bytesDown);
  const upBytesPerSecond = up.look(nowMs, bytesUp);
  const isSame =
    told.bytesDone === bytesDone &&
    told.bytesDown === bytesDown &&
    told.bytesUp === bytesUp &&
    told.bytesWasted === bytesWasted &&
    told.downBytesPerSecond === downBytesPerSecond &&
    told.upBytesPerSecond === upBytesPerSecond &&
    told.peers === peers &&
    told.seeds === seeds;
  const detail = detailOf(watched, nowMs);
  if (isSame && detail === undefined) return;
  const leftBytes = bytesTotal - (bytesDone ?? bytesTotal);
  const isComing = leftBytes > 0 && downBytesPerSecond > 0;
  watched.told = {
    bytesDone,
    bytesDown,
    bytesUp,
    bytesWasted,
    downBytesPerSecond,
    upBytesPerSecond,
    peers,
    seeds,
    etaSeconds: isComing ? Math.ceil(leftBytes / downBytesPerSecond) : undefined,
  };
  torrent.tell(detail === undefined ? watched.told : { ...watched.told, detail });
}

/** Undefined where nobody asked for it, or it was told a moment ago. */
function detailOf({ detail }: Watched, nowMs: number): SwarmDetail | undefined {
  if (detail === undefined || nowMs < detail.dueAtMs) return undefined;
  const found = detail.read(nowMs);
  const tookMs = performance.now() - nowMs;
  detail.dueAtMs = nowMs + Math.max(leastDetailMs, detailShare * tookMs);
  return found;
}
