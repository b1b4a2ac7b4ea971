// The threads that hash content to be published: as many as there are cores, however many jobs they have to take turns
// at. They are started when there is something to hash, and end when there was nothing for a while. What is read never
// passes through the thread of whoever asks.
import { availableParallelism } from 'node:os';
import { HelperError, systemCode } from '../../../errors.js';
import { sha1Bytes } from '../../metainfo.js';
import { contentChanged, contentError } from '../content/content-error.js';
import type { ScannedFile } from '../content/scan-content.js';
import { controlLength, type HashJob, type ReadFailure, stop } from './hash-job.js';
import hashWorker from './hash-worker.js?source';
import { type HashingThread, startHashingThread } from './hashing-thread.js';
import { changedCode } from './shared-file-reader.js';
import { pathOf, type SharedFiles, shareFiles } from './shared-files.js';
import { threadsWorth } from './threads-worth.js';

const mostThreads = 8;
/** Keeping one takes a few MiB. */
const idleMs = 10_000;
/** Short pieces are taken several at a time, so that the taking costs nothing. */
const mostRunBytes = 1024 * 1024;
/** But a run of a thousand tiny files would be a long one. */
const filesPerRun = 256;

export interface HashingThreads {
  /** How many there are now. */
  readonly count: number;
  /**
   * Resolves with the SHA-1 of every piece of `files` laid end to end. Rejects with HelperError CONTENT_CHANGED or
   * CONTENT_UNREADABLE naming the file, INTERNAL if a thread dies, or CLOSED; or with the signal's reason. All files are
   * closed by then.
   */
  hash(
    files: readonly ScannedFile[],
    pieceLengthBytes: number,
    signal: AbortSignal,
  ): Promise<HashedPieces>;
  /** As `hash`, for files that were laid into shared memory by another thread. */
  hashShared(
    files: SharedFiles,
    pieceLengthBytes: number,
    signal: AbortSignal,
  ): Promise<HashedPieces>;
  /** Ends the threads, and what they are at. */
  close(): Promise<void>;
}

export interface HashedPieces {
  /** 20 bytes each. */
  readonly hashes: Uint8Array;
  /** How many of them each thread hashed that took part. */
  readonly shares: readonly number[];
}

interface ThreadOptions {
  readonly most?: number;
  readonly idleMs?: number;
  /** Run instead of ours. */
  readonly workerSource?: string;
  /** So many work at each job, however small it is. */
  readonly perJob?: number;
  /** At most so many bytes of pieces are taken at a time, but at least one piece. */
  readonly runBytes?: number;
}

export function createHashingThreads(options: ThreadOptions = {}): HashingThreads {
  const most = options.most ?? Math.min(mostThreads, availableParallelism());
  const threads = new Set<HashingThread>();
  let jobs = 0;
  let lastJobId = 0;
  let isClosed = false;
  let ending: NodeJS.Timeout | undefined;

  const start = () => {
    const source = options.workerSource ?? hashWorker;
    const thread = startHashingThread(source, () => threads.delete(thread));
    threads.add(thread);
  };
  const choose = (wanted: number): readonly HashingThread[] => {
    while (threads.size < Math.min(wanted, most)) start();
    return [...threads].sort((a, b) => a.jobCount - b.jobCount).slice(0, wanted);
  };
  const endAll = async () => {
    clearTimeout(ending);
    const ended = Array.from(threads, (thread) => thread.end());
    threads.clear();
    await Promise.all(ended);
  };

  const work = async (job: HashJob, signal: AbortSignal) => {
    const { files, lengthBytes } = job;
    const worth = threadsWorth(lengthBytes, files.endsBytes.length);
    const chosen = choose(Math.max(options.perJob ?? 1, worth));
    const failures: unknown[] = [];
    const fail = (reason: unknown) => {
      failures.push(reason);
      stop(job);
    };
    const onAbort = () => fail(signal.reason);
    signal.addEventListener('abort', onAbort);
    const working = chosen.map(async (thread) => {
      try {
        const { pieces, failure } = await thread.work(job);
        if (failure) fail(readError(files, failure));
        return pieces;
      } catch (death) {
        fail(isClosed ? closed() : died(death, files));
        return 0;
      }
    });
    const shares = await Promise.all(working);
    signal.removeEventListener('abort', onAbort);
    if (failures.length > 0) throw failures[0];
    return shares;
  };

  const hashShared: HashingThreads['hashShared'] = async (files, pieceLengthBytes, signal) => {
    signal.throwIfAborted();
    if (isClosed) throw closed();
    jobs += 1;
    clearTimeout(ending);
    try {
      lastJobId += 1;
      const job = toJob(lastJobId, files, pieceLengthBytes, options.runBytes ?? mostRunBytes);
      const shares = await work(job, signal);
      // A copy: much of what takes bytes refuses those that are shared.
      return { hashes: job.hashes.slice(), shares };
    } finally {
      jobs -= 1;
      if (jobs === 0 && !isClosed) ending = setTimeout(endAll, options.idleMs ?? idleMs).unref();
    }
  };

  return {
    get count() {
      return threads.size;
    },
    async hash(files, pieceLengthBytes, signal) {
      return hashShared(await shareFiles(files), pieceLengthBytes, signal);
    },
    hashShared,
    async close() {
      isClosed = true;
      await endAll();
    },
  };
}

function toJob(
  id: number,
  files: HashJob['files'],
  pieceLengthBytes: number,
  runBytes: number,
): HashJob {
  const lengthBytes = files.endsBytes.at(-1) ?? 0;
  const pieceCount = Math.ceil(lengthBytes / pieceLengthBytes);
  const piecesPerRun = Math.min(
    runBytes / pieceLengthBytes,
    (filesPerRun * pieceCount) / files.endsBytes.length,
  );
  return {
    id,
    files,
    lengthBytes,
    pieceLengthBytes,
    pieceCount,
    piecesPerRun: Math.max(1, Math.floor(piecesPerRun)),
    hashes: new Uint8Array(new SharedArrayBuffer(pieceCount * sha1Bytes)),
    control: new Int32Array(new SharedArrayBuffer(controlLength * Int32Array.BYTES_PER_ELEMENT)),
  };
}

function readError(files: SharedFiles, { fileIndex, code, message }: ReadFailure): unknown {
  const path = pathOf(files, fileIndex);
  // It was there when it was scanned.
  if (code === changedCode || code === 'ENOENT') return contentChanged(path);
  return contentError(path, Object.assign(new Error(message), { code }));
}

function died(death: unknown, files: SharedFiles): unknown {
  // A thread that could not even begin tells the system's code in words alone.
  const isUnbegun = systemCode(death) === 'ERR_WORKER_INIT_FAILED' && death instanceof Error;
  const [code] = (isUnbegun && /\bE[MN]FILE\b/.exec(death.message)) || [];
  if (code !== undefined) return readError(files, { fileIndex: 0, code, message: code });
  const what = systemCode(death) ?? (death instanceof Error ? death.message : String(death));
  return new HelperError(
    'INTERNAL',
    `a thread that hashes content died (${what}); publish it again`,
    { cause: death },
  );
}

function closed(): HelperError {
  return new HelperError('CLOSED', 'the helper was closed before the content was hashed');
}
