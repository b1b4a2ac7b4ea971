// How many blocks one peer is asked for at once: it begins low, grows with every block that comes, and is limited to what
// the peer sends within two seconds.
import { blockBytes } from '../pieces/partial-piece.js';

/** A peer that has sent nothing yet is asked for so many: one that answers in ticks of half a second gets going all the same. */
const leastDepth = 8;
/** Nobody needs more to fill the line, and more would wait in memory. */
const mostDepth = 500;
/** What a peer takes that says nothing of it (BEP 10, `reqq`). */
const assumedQueue = 250;
const aheadSeconds = 2;
const measuredOverMs = 900;

export class PipelineDepth {
  #blocks = leastDepth;
  #measuredAtMs = performance.now();
  #measuredBytes = 0;

  /** `fairBlocks`: its share of what may be asked of all; `reqq`: what it says it takes (BEP 10). */
  within(fairBlocks: number, reqq: unknown): number {
    const queue = typeof reqq === 'number' && reqq > 0 ? reqq : assumedQueue;
    return Math.min(this.#blocks, mostDepth, queue, Math.max(leastDepth, fairBlocks));
  }

  /** A block has come. */
  came(lengthBytes: number): void {
    this.#measuredBytes += lengthBytes;
    if (this.#blocks < mostDepth) this.#blocks += 1;
  }

  /** To be called now and then. */
  measure(nowMs: number): void {
    const tookMs = nowMs - this.#measuredAtMs;
    if (tookMs < measuredOverMs) return;
    const bytesPerSecond = (this.#measuredBytes * 1000) / tookMs;
    this.#measuredAtMs = nowMs;
    this.#measuredBytes = 0;
    const ahead = Math.ceil((aheadSeconds * bytesPerSecond) / blockBytes);
    this.#blocks = Math.min(this.#blocks, Math.max(leastDepth, ahead + 4));
  }
}
