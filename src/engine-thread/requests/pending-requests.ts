// What the engine was asked for and is not over yet: torrents joined, and searches for metadata. It outlives the workers,
// so that each new one is asked for all of it again; who asked is told of the interruption, and sees no other engine.
import type { SwarmEvent } from '../../../machines/types.js';
import { forEachInSlices } from '../../async/slices.js';
import type { Engine, MetadataFound, Swarm } from '../../engine/engine.js';
import { SharedTotals } from '../../engine/measuring/transfer-totals.js';
import { type HelperError, toFailure } from '../../errors.js';
import { torrentLimits } from '../../limits.js';
import { countNames } from '../../metainfo/file-table.js';
import type { Metainfo } from '../../metainfo/metainfo.js';
import { type EngineCommand, type EngineReport, helperError } from '../messages.js';
import { EngineCalls, type Post } from './engine-calls.js';
import { broughtDown, closedBefore, mostCrashes, outOfMemory, tooLarge } from './request-errors.js';
import { type PendingRequest, SwarmRequest } from './swarm-request.js';
import { Turns } from './turns.js';

/** Each sets a machine in motion. */
export const mostToldATurn = 50;
const namesPerFile = 16;
const piecesPerFile = torrentLimits.livePieces / torrentLimits.liveFiles;

export interface Interruption {
  readonly error: HelperError;
  /** The torrent that brought the engine down, if that is known. */
  readonly infoHash: string | undefined;
  /** Then whose code ran says little: the last straw may be anybody's. */
  readonly isOutOfMemory: boolean;
}

export interface PendingRequests extends Pick<Engine, 'join' | 'left' | 'watch' | 'fetchMetadata'> {
  /** A worker is open: asks it for everything, in the order in which it was asked for, as far as there is memory. */
  resume(post: Post): void;
  /** That worker crashed: whoever asked for something hears of it. Resolves when all have; there may be thousands. */
  interrupt(interruption: Interruption): Promise<void>;
  /** That worker is over, and answers no more. `ended` resolves when it has closed its files. */
  detach(ended: Promise<void>): void;
  /** What the worker reports of its torrents. */
  onReport(report: EngineReport): void;
  /** There is to be no worker at all: everything fails, and nothing is asked for any more. */
  abandon(error: HelperError): void;
  /** Nothing is asked for any more. */
  close(): void;
}

/** `livePieces`: how many the torrents in the engine may have together. */
export function createPendingRequests(livePieces: number): PendingRequests {
  const pending = new Map<number, PendingRequest>();
  const crashes = new Map<string, number>();
  /** Of those that were suspected when memory ran out; in a row, for nobody is known to have done it. */
  const suspicions = new Map<string, number>();
  /** Which torrents are measured, how often, and how closely. */
  const watched = new Map<string, Extract<EngineCommand, { type: 'watch' }>>();
  const calls = new EngineCalls();
  const turns = new Turns(livePieces);
  let lastId = 0;
  let post: Post | undefined;
  let isClosed = false;

  const add = (request: PendingRequest) => {
    pending.set(request.id, request);
    turns.add(request);
  };
  const remove = (id: number) => {
    pending.delete(id);
    turns.remove(id);
  };
  const leave = async (id: number) => {
    const wasWaiting = turns.isWaiting(id);
    remove(id);
    // It may have been in the engine that has ended.
    const isNowhere = wasWaiting && post !== undefined;
    if (!isNowhere) await calls.ask((call) => ({ type: 'leave', id, call }));
    turns.giveBack(id);
  };
  const swarmParts = {
    turns,
    totals: new SharedTotals(),
    post: (command: EngineCommand) => post?.(command),
    over: (id: number) => {
      remove(id);
      turns.giveBack(id);
    },
    leave,
  };

  return {
    join(request, listener) {
      if (isClosed) return refuse(closedBefore('the torrent was joined'), listener);
      const { metainfo } = request;
      const amount = piecesToHold(metainfo);
      if (turns.isTooLarge(amount)) return refuse(tooLarge(metainfo.infoHash), listener);
      lastId += 1;
      const swarm = new SwarmRequest(swarmParts, { id: lastId, amount, request, listener });
      add(swarm);
      return swarm;
    },

    left: (infoHash) => calls.ask((call) => ({ type: 'left', infoHash, call })),

    watch(infoHash, everyMs, isDetailed) {
      const command = { type: 'watch', infoHash, everyMs, isDetailed } as const;
      if (everyMs === undefined) watched.delete(infoHash);
      else watched.set(infoHash, command);
      post?.(command);
    },

    fetchMetadata: (request, signal, onWarning) =>
      new Promise<MetadataFound>((resolve, reject) => {
        if (isClosed) return reject(closedBefore('the metadata was asked for'));
        if (signal.aborted) return reject(signal.reason);
        lastId += 1;
        const id = lastId;
        const over = () => {
          remove(id);
          signal.removeEventListener('abort', abort);
        };
        const fail = (error: unknown) => {
          over();
          reject(error);
        };
        const abort = () => {
          post?.({ type: 'cancel', id });
          fail(signal.reason);
        };
        signal.addEventListener('abort', abort);
        const search: PendingRequest = {
          kind: 'search',
          id,
          amount: 0,
          infoHash: request.infoHash,
          post: () => post?.({ type: 'search', id, request }),
          onReport(report) {
            if (report.type === 'warned') onWarning(report.failure);
            if (report.type === 'not-found') fail(helperError(report.error));
            if (report.type !== 'found') return;
            over();
            resolve(report.found);
          },
          wait: () => {},
          interrupt: () => {},
          fail,
        };
        add(search);
      }),

    resume(newPost) {
      post = newPost;
      calls.open(newPost);
      for (const command of watched.values()) newPost(command);
      turns.open();
    },

    detach(ended) {
      if (post === undefined) return;
      post = undefined;
      calls.close(ended);
      turns.close();
    },

    interrupt({ error, infoHash, isOutOfMemory }) {
      if (isOutOfMemory) turns.beOneByOne();
      if (turns.wasCalm) suspicions.clear();
      const culprit = isOutOfMemory
        ? overMost(suspicions, turns.suspect)
        : overMost(crashes, infoHash);
      return forEachInSlices(mostToldATurn, [...pending], ([id, request]) => {
        // One that was told may have made another leave.
        if (!pending.has(id)) return;
        if (request.infoHash === culprit) {
          request.fail(isOutOfMemory ? outOfMemory(culprit) : broughtDown(culprit, error));
        } else if (turns.wasInterrupted(id)) request.interrupt(error);
      });
    },

    onReport(report) {
      if (report.type === 'done') calls.answered(report.call);
      else if ('id' in report) pending.get(report.id)?.onReport(report);
    },

    abandon(error) {
      isClosed = true;
      for (const request of [...pending.values()]) request.fail(error);
    },

    close() {
      isClosed = true;
      turns.stop();
      for (const request of [...pending.values()]) {
        if (request.kind === 'search') request.fail(closedBefore('the metadata was found'));
      }
      pending.clear();
    },
  };
}

/** Counts it; the torrent, if it has been named so often. */
function overMost(counts: Map<string, number>, infoHash: string | undefined): string | undefined {
  if (infoHash === undefined) return undefined;
  const count = (counts.get(infoHash) ?? 0) + 1;
  counts.set(infoHash, count);
  if (count < mostCrashes) return undefined;
  counts.delete(infoHash);
  return infoHash;
}

/** A swarm that is never there. */
function refuse(error: HelperError, listener: (event: SwarmEvent) => void): Swarm {
  let isLeft = false;
  queueMicrotask(() => {
    if (!isLeft) listener({ type: 'swarm.failed', failure: toFailure(error) });
  });
  return {
    verify: () => {},
    announce: () => {},
    async leave() {
      isLeft = true;
    },
  };
}

/** What a torrent costs in the engine, counted in pieces; files count as so many pieces as cost the same. */
export function piecesToHold({ pieceCount, fileTable }: Metainfo): number {
  const weighedFiles =
    fileTable.lengthsBytes.length + Math.floor(countNames(fileTable) / namesPerFile);

  return Math.max(pieceCount, weighedFiles * piecesPerFile);
}
