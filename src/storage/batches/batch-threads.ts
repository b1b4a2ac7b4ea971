// The threads that do what batches of small files ask for, as an engine sees them: two for all its torrents, and only while
// there is enough to do. A file by itself takes some ten trips to Node's pool, each dearer than what is done there. What torrents ask
// for in one turn goes as one message.
import type { Worker } from 'node:worker_threads';
import { endSourceThread, startSourceThread } from '../../async/source-thread.js';
import { HelperError, isErrorCode } from '../../errors.js';
import { type FileStamp, packedLength, unpackStamp } from '../disk/file-stamp.js';
import batchWorker from './batch-worker.js?source';
import { mostBatchedFiles } from './batched-files.js';
import type { BatchFailure, BatchReport, BatchRequest, FileBatch } from './file-batch.js';

/** While one waits for the disk to confirm, the other writes; and a disk confirms for two at once in the time of one. */
const mostThreads = 2;
/** Keeping one takes a few MiB. */
const idleMs = 5_000;
/** To start a thread costs as much as to make, write or sync so many files without. */
const filesWorthAThread = 256;
/** A message costs as much as the trips of so few files; and their handles may be open already. */
const fewestFiles = 4;
/**
 * So many files within a second are a crowd, of whichever torrents: one by one they go to a thread, too, all of a turn together,
 * and so do those of the next second.
 */
const crowdedFiles = 64;
const crowdMs = 1_000;
/** What waits goes in messages of so many batches at most, of no more files than one may have: the thread has little memory. */
const mostTogether = 64;
/** When no thread has answered for so long, they are at disks that hang: who waits for one, or comes, is left to the pool. */
const mostSilenceMs = 2_000;
/** Of larger files, the bytes are what costs; and a thread is not to be kept for long. */
export const mostBatchedBytes = 512 * 1024;

export interface BatchResult {
  /** So many files are done: the first ones. */
  readonly done: number;
  /** Of those; undefined for what is not there. */
  readonly stamps: readonly (FileStamp | undefined)[];
  readonly namesMadeIn: readonly string[];
  /** Why the next is not done; undefined if all are. A system error, or a HelperError. */
  readonly failure: unknown;
}

export interface BatchThreadsOptions {
  readonly idleMs?: number;
  readonly mostSilenceMs?: number;
  /** Fewer at a time are left to the pool. */
  readonly fewestFiles?: number;
  /** In a second, before fewer at a time are not. */
  readonly crowdedFiles?: number;
  /** So many files are left to the pool before the first thread is started. */
  readonly filesWorthAThread?: number;
  /** Run instead of ours. */
  readonly workerSource?: string;
}

interface Asked {
  readonly request: BatchRequest;
  readonly resolve: (report: BatchReport) => void;
  readonly reject: (error: unknown) => void;
}

export class BatchThreads {
  readonly #options: BatchThreadsOptions;
  /** What each is at: none, if it is free. */
  readonly #threads = new Map<Worker, readonly Asked[]>();
  readonly #waiting: Asked[] = [];
  #filesElsewhere = 0;
  /** Since when, how many files were asked about since, and whether those of the second before were a crowd. */
  #crowd = { sinceMs: 0, files: 0, goesOn: false };
  #isBroken = false;
  #isSilent = false;
  #silence: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: BatchThreadsOptions = {}) {
    this.#options = options;
  }

  get count(): number {
    return this.#threads.size;
  }

  /** Whether so many files are to be given to `run`; else it is left to the pool. */
  isWorthIt(files: number): boolean {
    return files >= (this.#options.fewestFiles ?? fewestFiles) && this.#isWorthAThread(files);
  }

  /** As `isWorthIt`, where others may ask for as little at the same time: each of a thousand torrents for its one file. */
  isWorthItTogether(files: number): boolean {
    return this.#isCrowd(files) && files > 0 ? this.#isWorthAThread(files) : this.isWorthIt(files);
  }

  /** Does the files of a batch, from the first on, a turn at a time. Never rejects. */
  async run(batch: FileBatch): Promise<BatchResult> {
    const stamps: (FileStamp | undefined)[] = [];
    const namesMadeIn = new Set<string>();
    let failure: unknown;
    while (stamps.length < batch.folderOf.length && failure === undefined) {
      const done = stamps.length;
      try {
        const report = await this.#ask({ batch, from: done });
        for (let nth = 0; nth < report.done; nth++) stamps.push(stampAt(report.stamps, nth));
        for (const folder of report.namesMadeIn) namesMadeIn.add(folder);
        failure = report.failure && errorOf(report.failure);
      } catch (death) {
        failure = death;
      }
    }
    return { done: stamps.length, stamps, namesMadeIn: [...namesMadeIn], failure };
  }

  /** When nothing is asked for any more. */
  close(): void {
    this.#isBroken = true;
    this.#endAll();
  }

  #isCrowd(files: number): boolean {
    const nowMs = performance.now();
    const { sinceMs } = this.#crowd;
    const most = this.#options.crowdedFiles ?? crowdedFiles;
    if (nowMs > sinceMs + crowdMs) {
      const goesOn = this.#crowd.files > most && nowMs <= sinceMs + 2 * crowdMs;
      this.#crowd = { sinceMs: nowMs, files: 0, goesOn };
    }
    this.#crowd.files += files;
    return this.#crowd.goesOn || this.#crowd.files > most;
  }

  #isWorthAThread(files: number): boolean {
    if (this.#isBroken || this.#isSilent) return false;
    if (this.#threads.size > 0) return true;
    this.#filesElsewhere += files;
    return this.#filesElsewhere > (this.#options.filesWorthAThread ?? filesWorthAThread);
  }

  #ask(request: BatchRequest): Promise<BatchReport> {
    clearTimeout(this.#idle);
    this.#idle = undefined;
    return new Promise((resolve, reject) => {
      // Others may ask in the same turn.
      if (this.#waiting.length === 0) setImmediate(() => this.#giveOut());
      this.#waiting.push({ request, resolve, reject });
    });
  }

  #giveOut(): void {
    while (this.#waiting.length > 0) {
      const worker = this.#freeThread();
      if (worker === undefined) {
        const mostMs = this.#options.mostSilenceMs ?? mostSilenceMs;
        this.#silence ??= setTimeout(() => this.#leaveAll(), mostMs).unref();
        return;
      }
      const asked = this.#takeTogether();
      this.#threads.set(worker, asked);
      worker.ref();
      worker.postMessage(asked.map(({ request }) => request));
    }
  }

  /** To the pool, as where a thread has no descriptor left. */
  #leaveAll(): void {
    this.#silence = undefined;
    this.#isSilent = true;
    const hang = Object.assign(new Error('all threads that write files hang'), { code: 'EMFILE' });
    for (const each of this.#waiting.splice(0)) each.reject(hang);
  }

  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
    this.#isSilent = false;
  }

  #takeTogether(): readonly Asked[] {
    let count = 0;
    let files = 0;
    for (const { request } of this.#waiting.slice(0, mostTogether)) {
      files += request.batch.folderOf.length;
      if (count > 0 && files > mostBatchedFiles) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  #freeThread(): Worker | undefined {
    for (const [worker, asked] of this.#threads) if (asked.length === 0) return worker;
    return this.#threads.size < mostThreads ? this.#start() : undefined;
  }

  #start(): Worker {
    const worker = startSourceThread(this.#options.workerSource ?? batchWorker, {
      name: 'files',
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
    });
    this.#threads.set(worker, []);
    let death: unknown;
    worker.on('message', (reports: readonly BatchReport[]) => {
      const asked = this.#threads.get(worker) ?? [];
      this.#threads.set(worker, []);
      worker.unref();
      this.#heard();
      this.#giveOut();
      if (this.#waiting.length === 0) this.#restSoon();
      for (const [nth, report] of reports.entries()) asked[nth]?.resolve(report);
    });
    worker.on('error', (error) => {
      death = error;
    });
    worker.on('exit', (exitCode) => {
      const asked = this.#threads.get(worker) ?? [];
      if (!this.#threads.delete(worker)) return;
      // What is left is done without.
      this.#isBroken = true;
      const reason = death ?? new Error(`a thread that writes files ended with ${exitCode}`);
      const others = this.#threads.size === 0 ? this.#waiting.splice(0) : [];
      for (const each of [...asked, ...others]) each.reject(reason);
    });
    return worker;
  }

  #restSoon(): void {
    const isIdle = [...this.#threads.values()].every((asked) => asked.length === 0);
    if (!isIdle || this.#isBroken) return;
    this.#idle ??= setTimeout(() => this.#endAll(), this.#options.idleMs ?? idleMs).unref();
  }

  #endAll(): void {
    clearTimeout(this.#idle);
    this.#idle = undefined;
    this.#heard();
    this.#filesElsewhere = 0;
    const workers = [...this.#threads.keys()];
    this.#threads.clear();
    for (const worker of workers) void endSourceThread(worker);
  }
}

function stampAt(packed: BigInt64Array, nth: number): FileStamp | undefined {
  const stamp = unpackStamp(packed, packedLength * nth);
  return stamp.inode === 0n && stamp.device === 0n ? undefined : stamp;
}

function errorOf({ of, code, message }: BatchFailure): Error {
  if (of === 'helper' && isErrorCode(code)) return new HelperError(code, message);
  return Object.assign(new Error(message), { code });
}
