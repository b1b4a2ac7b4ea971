// What all torrents of one engine share of the way of the bytes: memory, threads that hash, and limits.
import { PieceBuffers } from './piece-buffers.js';
import { createRateLimit } from './rate-limit.js';
import type { DataPath } from './transfer.js';
import { createVerifier } from './verify.js';

export interface DataPathOptions {
  /** For all torrents together; undefined: none. */
  readonly downBytesPerSecond?: number | undefined;
  readonly upBytesPerSecond?: number | undefined;
}

/** Starts nothing before it is used. */
export function createDataPath(options: DataPathOptions): DataPath {
  const buffers = new PieceBuffers();
  const verifier = createVerifier(buffers);
  const downLimit = createRateLimit(options.downBytesPerSecond);
  const upLimit = createRateLimit(options.upBytesPerSecond);
  return {
    ...{ buffers, verifier, downLimit, upLimit },
    async close() {
      downLimit.close();
      upLimit.close();
      await verifier.close();
    },
  };
}
