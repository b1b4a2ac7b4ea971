import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { endSourceThread, startSourceThread } from '../../../src/async/source-thread.js';
import fileWorker from '../../../src/files/thread/file-worker.js?source';
import hashWorker from '../../../src/metainfo/create/threads/hash-worker.js?source';
import metainfoWorker from '../../../src/metainfo-thread/metainfo-worker.js?source';
import batchWorker from '../../../src/storage/batches/batch-worker.js?source';

function start(source: string): Worker {
  return startSourceThread(source, { workerData: { stateDir: undefined } });
}

describe('a thread of ours', () => {
  it.each([
    ['small files', fileWorker],
    ['batches of files', batchWorker],
    ['hashing', hashWorker],
    ['metainfo', metainfoWorker],
  ])('for %s ends by itself when it is told to', async (_, source) => {
    const worker = start(source);
    const exit = once(worker, 'exit');
    await endSourceThread(worker);
    // One that is ended from outside says 1.
    expect(await exit).toEqual([0]);
    await endSourceThread(worker);
  });

  it('ends after what it was told before', async () => {
    const worker = start(fileWorker);
    const answers = once(worker, 'message');
    const looks = Array.from({ length: 1000 }, () => ({ kind: 'look', paths: ['/none/at/all'] }));
    worker.postMessage(looks);
    await endSourceThread(worker);
    expect(await answers).toEqual([looks.map(() => ({ kind: 'nothing' }))]);
  });

  it('is not waited for where it hangs', async () => {
    const worker = start('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);');
    onTestFinished(async () => {
      await worker.terminate();
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const ending = endSourceThread(worker);
    await vi.runAllTimersAsync();
    await ending;
    expect(worker.threadId).not.toBe(-1);
  });
});
