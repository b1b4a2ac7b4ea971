// What all torrents of one engine share of the way of the bytes: memory, threads that hash, limits, and who may ask.

import { messageLimits } from '../../limits.js';
import { IncompleteBytes } from './budgets/incomplete-bytes.js';
import { WorkBudget } from './budgets/work-budget.js';
import { PieceBuffers } from './pieces/piece-buffers.js';
import { SentBlocksBudget } from './pieces/sent-blocks.js';
import { createRateLimit } from './rate-limit/rate-limit.js';
import type { DataPath } from './transfer.js';
import { Choker } from './upload/choker.js';
import { ReadCache } from './upload/read-cache/read-cache.js';
import { createVerifier } from './verify/verify.js';

export interface DataPathOptions {
  /** For all torrents together; undefined: none. */
  readonly downBytesPerSecond?: number | undefined;
  readonly upBytesPerSecond?: number | undefined;
}

/** Starts nothing before it is used. */
export function createDataPath(options: DataPathOptions): DataPath {
  const buffers = new PieceBuffers();
  const readCache = new ReadCache();
  const verifier = createVerifier(buffers);
  const downLimit = createRateLimit(options.downBytesPerSecond);
  const upLimit = createRateLimit(options.upBytesPerSecond);
  const choker = new Choker(options);
  const work = new WorkBudget();
  const incomplete = new IncompleteBytes({
    mostBytes: messageLimits.incompleteBytes,
    deadlineMs: messageLimits.messageMs,
  });
  return {
    work,
    incomplete,
    buffers,
    readCache,
    sentBlocks: new SentBlocksBudget(),
    verifier,
    downLimit,
    upLimit,
    choker,
    async close() {
      choker.close();
      work.close();
      incomplete.close();
      readCache.close();
      downLimit.close();
      upLimit.close();
      await verifier.close();
    },
  };
}
