// Hashes whole pieces where they lie in memory: large ones in threads that share it, small ones, for which a message
// would cost more than the hash, at once. The threads end when there was nothing for them for a while. Knows no torrents.
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { startSourceThread } from '../../../async/source-thread.js';
import { sha1Bytes } from '../../../metainfo/metainfo.js';
import { bindToTorrent, currentTorrent, runForTorrent } from '../../torrent-context.js';
import type { PieceBuffers } from '../pieces/piece-buffers.js';
import verifyWorker from './verify-worker.js?source';

/** SHA-1 takes 30 µs for so much; a message to a thread and back, on both sides together, as long. */
const leastWorthAThreadBytes = 64 * 2 ** 10;
/** To start a thread and end it costs as much as to hash so much: whoever downloads less does without. */
const bytesWorthAThread = 32 * 2 ** 20;
/** SHA-1 blocks the thread for a millisecond. */
const mostHereBytes = 2 ** 20;
/** One keeps up with 1.5 GiB a second. */
const coresAThread = 4;
const mostThreads = 4;
/** Keeping one takes a few MiB. It is ended when it had nothing to do for so long, or twice as long at most. */
export const idleThreadMs = 30_000;

export type OnHash = (hash: Uint8Array) => void;

/** What a thread is asked: where pieces begin and how long they are, one after the other. */
export type HashRequest = Float64Array<ArrayBuffer>;

export interface Verifier {
  /** Tells the SHA-1 of a piece, in a later turn or at once; it must stay as it is meanwhile. */
  verify(startBytes: number, lengthBytes: number, onHash: OnHash): void;
  close(): Promise<void>;
}

export interface ThreadedVerifier extends Verifier {
  /** How many threads there are now. */
  readonly threadCount: number;
}

interface Thread {
  readonly worker: Worker;
  /** In the order they were asked. */
  readonly asked: Asked[];
  /** Asked in this turn, and not sent yet. */
  unsent: Asked[];
}

interface Asked {
  readonly startBytes: number;
  readonly lengthBytes: number;
  readonly onHash: OnHash;
  /** Threads are shared: what is done with the hash is the work of whose piece it is. */
  readonly infoHash: string | undefined;
}

export function createVerifier(
  buffers: PieceBuffers,
  cores: number = availableParallelism(),
  bytesBeforeThreads: number = bytesWorthAThread,
  workerSource: string = verifyWorker,
): ThreadedVerifier {
  const wanted = cores === 1 ? 0 : Math.min(mostThreads, Math.ceil(cores / coresAThread));
  const threads: Thread[] = [];
  let isBroken = false;
  let hashedHereBytes = 0;
  /** Since one looked last. */
  let wereUsed = false;
  let looking: NodeJS.Timeout | undefined;

  const endUnused = () => {
    const areBusy = wereUsed || threads.some(({ asked }) => asked.length > 0);
    wereUsed = false;
    looking = undefined;
    if (areBusy) return lookLater();
    hashedHereBytes = 0;
    for (const { worker } of threads.splice(0)) void worker.terminate();
  };
  /** In no torrent's name, whichever needed a thread first. */
  const lookLater = bindToTorrent(() => {
    looking ??= setTimeout(endUnused, idleThreadMs).unref();
  });

  const isHere = (lengthBytes: number) => {
    if (wanted === 0 || isBroken || lengthBytes < leastWorthAThreadBytes) return true;
    return lengthBytes <= mostHereBytes && hashedHereBytes < bytesBeforeThreads;
  };

  const hashHere = (startBytes: number, lengthBytes: number) => {
    hashedHereBytes += lengthBytes;
    const piece = buffers.memory.subarray(startBytes, startBytes + lengthBytes);
    return createHash('sha1').update(piece).digest();
  };

  const tell = (asked: Asked | undefined, hash: Uint8Array) => {
    if (asked?.infoHash === undefined) asked?.onHash(hash);
    else runForTorrent(asked.infoHash, () => asked.onHash(hash));
  };

  const startThread = (): Thread => {
    const worker = startSourceThread(workerSource, {
      name: 'verify',
      workerData: buffers.shared,
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
    });
    const thread: Thread = { worker, asked: [], unsent: [] };
    worker.unref();
    worker.on('message', (hashes: Uint8Array) => {
      for (let at = 0; at < hashes.length; at += sha1Bytes) {
        tell(thread.asked.shift(), hashes.subarray(at, at + sha1Bytes));
      }
    });
    // Without it there is less speed, and nothing else.
    const onLost = () => {
      if (!threads.includes(thread)) return;
      isBroken = true;
      for (const each of thread.asked.splice(0)) {
        tell(each, hashHere(each.startBytes, each.lengthBytes));
      }
    };
    worker.on('error', onLost);
    worker.on('exit', onLost);
    return thread;
  };

  const send = (thread: Thread) => {
    const { unsent } = thread;
    thread.unsent = [];
    const request: HashRequest = new Float64Array(2 * unsent.length);
    for (const [nth, { startBytes, lengthBytes }] of unsent.entries()) {
      request[2 * nth] = startBytes;
      request[2 * nth + 1] = lengthBytes;
    }
    thread.worker.postMessage(request, [request.buffer]);
  };

  const leastBusy = () =>
    threads.reduce((best, each) => (each.asked.length < best.asked.length ? each : best));

  return {
    get threadCount() {
      return threads.length;
    },
    verify(startBytes, lengthBytes, onHash) {
      if (isHere(lengthBytes)) return onHash(hashHere(startBytes, lengthBytes));
      const asked = { startBytes, lengthBytes, onHash, infoHash: currentTorrent() };
      if (threads.length < wanted) threads.push(startThread());
      wereUsed = true;
      if (looking === undefined) lookLater();
      const thread = leastBusy();
      if (thread.unsent.length === 0) queueMicrotask(() => send(thread));
      thread.unsent.push(asked);
      thread.asked.push(asked);
    },
    async close() {
      isBroken = true;
      clearTimeout(looking);
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}
