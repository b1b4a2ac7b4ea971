// Room in the helper's own thread for the metainfo of downloads, from its first byte until its job is over. Whoever finds
// none lets go of what it has and waits holding nothing, so nobody waits for another that waits for it.
import { getHeapStatistics } from 'node:v8';
import { HelperError } from '../errors.js';
import { metainfoLimits, torrentLimits } from '../limits.js';
import type { Metainfo } from '../metainfo/metainfo.js';
import type { Unparsed } from '../metainfo/parse/parse-as.js';
import { type MemoryShare, MemoryShares } from './memory-shares.js';

/** Up to so much of the budget is not counted, and never waits: 200 jobs of such torrents take a fifth of it. */
const uncountedShare = 1 / 1_024;
const heapShare = 1 / 4;
/** How many bytes will come nobody knows: room is made for the first so many, and then for four times as many. */
const firstStepBytes = 2 ** 20;
const stepFactor = 4;

const budgetInHeap = Math.min(
  torrentLimits.metainfoBytes,
  Math.floor(getHeapStatistics().heap_size_limit * heapShare),
);

/** There is no room now, and `bytes` is what to wait for; or there never is. */
export class NoRoom extends HelperError {
  constructor(
    code: 'WAITING_FOR_MEMORY' | 'TORRENT_TOO_LARGE',
    message: string,
    readonly bytes: number,
  ) {
    super(code, message);
  }
}

/** What comes of one job's metainfo is let in here, and parsed. Both reject with NoRoom. */
export interface MetainfoIntake {
  /** So many bytes have come or are about to. */
  readonly admit: (bytes: number) => void;
  readonly parse: (bytes: Uint8Array, as: Unparsed) => Promise<Metainfo>;
}

/** Of one job, while it fetches and from then on. */
export interface MetainfoRoom {
  /** So many bytes have come, and more may; 0: they were dropped. Throws NoRoom; what there was is given back then. */
  admit(bytes: number): void;
  /** It takes so many bytes, and no more. Throws NoRoom in the same way. */
  settle(bytes: number): void;
  /** Resolves when there is room for so many bytes, and it is taken. Rejects with the signal's reason. */
  wait(bytes: number, signal: AbortSignal): Promise<void>;
  giveBack(): void;
}

export interface MetainfoMemory {
  /** What is so small needs no room. */
  readonly uncountedBytes: number;
  open(jobId: number): MetainfoRoom;
  /** The job is over, and gives back all it has. */
  releaseJob(jobId: number): void;
}

interface Waiting extends MemoryShare {
  readonly call: () => void;
}

export function createMetainfoMemory(budgetBytes = budgetInHeap): MetainfoMemory {
  const shares = new MemoryShares(budgetBytes);
  const uncountedBytes = Math.floor(budgetBytes * uncountedShare);
  const waiting = new Map<number, Waiting>();
  const byJob = new Map<number, Set<MetainfoRoom>>();
  let lastId = 0;

  const callNext = (turns: Iterable<MemoryShare> = waiting.values()) => {
    for (const { id } of shares.take(turns)) {
      const turn = waiting.get(id);
      waiting.delete(id);
      turn?.call();
    }
  };

  const openRoom = (): MetainfoRoom => {
    lastId += 1;
    const id = lastId;
    let takenBytes = 0;
    const giveBack = () => {
      takenBytes = 0;
      waiting.delete(id);
      if (shares.has(id)) shares.giveBack(id);
      callNext();
    };
    const settle = (bytes: number) => {
      if (shares.isTooLarge(bytes)) {
        giveBack();
        throw tooLarge();
      }
      if (bytes === takenBytes) return;
      const isLess = bytes < takenBytes;
      if (takenBytes > 0) shares.giveBack(id);
      takenBytes = 0;
      if (bytes <= uncountedBytes) {
        callNext();
        return;
      }
      const share = { id, amount: bytes };
      // Whoever waits for more was there before.
      const turns = isLess ? [share, ...waiting.values()] : [...waiting.values(), share];
      callNext(turns);
      if (shares.has(id)) takenBytes = bytes;
      else throw waits(bytes);
    };
    return {
      admit(bytes) {
        if (bytes === 0) settle(0);
        if (bytes <= Math.max(takenBytes, uncountedBytes)) return;
        settle(Math.min(stepAbove(bytes), Math.max(bytes, budgetBytes)));
      },
      settle,
      giveBack,
      wait(bytes, signal) {
        return new Promise((resolve, reject) => {
          signal.throwIfAborted();
          const onAbort = () => {
            giveBack();
            reject(signal.reason);
          };
          const call = () => {
            signal.removeEventListener('abort', onAbort);
            takenBytes = bytes;
            resolve();
          };
          signal.addEventListener('abort', onAbort);
          waiting.set(id, { id, amount: bytes, call });
          callNext();
        });
      },
    };
  };

  return {
    uncountedBytes,
    open(jobId) {
      const room = openRoom();
      const rooms = byJob.get(jobId) ?? new Set();
      byJob.set(jobId, rooms.add(room));
      return {
        ...room,
        giveBack() {
          rooms.delete(room);
          if (rooms.size === 0) byJob.delete(jobId);
          room.giveBack();
        },
      };
    },
    releaseJob(jobId) {
      for (const room of byJob.get(jobId) ?? []) room.giveBack();
      byJob.delete(jobId);
    },
  };
}

function stepAbove(bytes: number): number {
  let step = firstStepBytes;
  while (step < bytes) step *= stepFactor;
  return Math.max(bytes, Math.min(step, metainfoLimits.torrentFileBytes));
}

function tooLarge(): NoRoom {
  return new NoRoom(
    'TORRENT_TOO_LARGE',
    'this torrent alone has more pieces, files or names than there is memory for; Node’s --max-old-space-size may give it more',
    Number.POSITIVE_INFINITY,
  );
}

function waits(bytes: number): NoRoom {
  return new NoRoom(
    'WAITING_FOR_MEMORY',
    'there is no memory for its pieces and files beside those of the torrents at work; it waits its turn, until others are removed or over',
    bytes,
  );
}
