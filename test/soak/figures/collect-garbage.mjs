// Preloaded into a helper under test, in every thread: on SIGWINCH, which nothing else uses where there is no terminal, all
// garbage is collected, and each thread writes into the folder that HEAP_FIGURES names what is left.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';
import { collectGarbage } from '../../support/processes/collect-garbage.mjs';

const channel = new BroadcastChannel('collect-garbage');
channel.unref();

const answer = () => {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const name = isMainThread ? 'main' : `worker-${threadId}`;
  try {
    writeFileSync(join(process.env.HEAP_FIGURES, name), String(heapUsed + arrayBuffers));
  } catch {
    // A figure less is no reason to end a thread.
  }
};

if (isMainThread) {
  process.on('SIGWINCH', () => {
    channel.postMessage('now');
    answer();
  });
} else {
  channel.onmessage = answer;
}
