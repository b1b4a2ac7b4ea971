// Starts the engine's thread, not yet asked for anything: it loads while the rest of the helper starts.

import { fileURLToPath } from 'node:url';
import { getHeapStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import runEngine from '../../code-cache/run-engine.js?source';
import { torrentLimits } from '../../limits.js';
import { createHeartbeatMemory } from '../heartbeat.js';
import { findEngine } from './find-engine.js';

/**
 * Ten times what a thousand torrents take. Without a limit of its own the thread was seen to fill 3.8 GiB before it was
 * found to be hung; with this one it ends as soon as it is out of memory, and the helper beside it goes on.
 */
const mostHeapMib = 1_024;

/**
 * Blocks are not allocated, and what torrents are made of stays. With V8's own 48 MiB a thousand torrents fill them all; with half
 * of these V8 looks twice as often, and copies a third more of what a thousand downloads are about to throw away.
 */
const mostYoungMib = 24;

/** What it has: less on a small machine, or by its user's wish. */
const heapMib = Math.min(mostHeapMib, Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20));

/** As many pieces as its torrents may have together in this memory. */
export const livePiecesInHeap = Math.floor((torrentLimits.livePieces * heapMib) / mostHeapMib);

export interface EngineThread {
  readonly worker: Worker;
  /** Shared with it, for its heartbeat. */
  readonly memory: SharedArrayBuffer;
  /** Resolves when Node is there in it and begins to load the engine, or when it has ended. */
  readonly begun: Promise<void>;
}

export interface ThreadOptions {
  /** The engine's file. */
  readonly workerUrl?: URL | undefined;
  /** Where its compiled code is cached for the next start; undefined: nowhere. */
  readonly codeFolder?: string | undefined;
}

/** Throws ENGINE_NOT_FOUND, unless it is told where the file is. */
export function startEngineThread({
  workerUrl = findEngine(),
  codeFolder,
}: ThreadOptions = {}): EngineThread {
  const memory = createHeartbeatMemory();
  // What the libraries print is nobody's business: stdout belongs to the protocol, stderr to the diagnostics.
  const isCached = codeFolder !== undefined;
  const worker = new Worker(isCached ? runEngine : workerUrl, {
    name: 'engine',
    workerData: memory,
    ...(isCached && { eval: true, argv: [codeFolder, fileURLToPath(workerUrl)] }),
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: heapMib, maxYoungGenerationSizeMb: mostYoungMib },
  });
  worker.stdout.resume();
  worker.stderr.resume();
  // Whoever takes the thread over listens to more than that.
  worker.on('error', () => {});
  const begun = new Promise<void>((resolve) => {
    worker.once('online', resolve);
    worker.once('exit', () => resolve());
  });
  return { worker, memory, begun };
}
