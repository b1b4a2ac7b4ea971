// The entry of the thread that makes and reads metainfo: many small jobs, which it does one after the other without waiting for
// a pool, and few that are so large that they would hold up whoever shares a thread with them. Much content it lets others hash.
import { workerData } from 'node:worker_threads';
import { createDeferred, type Deferred } from '../async/deferred.js';
import { gatherByTurn } from '../async/gather-by-turn.js';
import { hearParent } from '../async/source-thread.js';
import { HelperError, toHelperError } from '../errors.js';
import { hashCacheIn } from '../metainfo/create/hash-cache.js';
import type { ContentHasher } from '../metainfo/create/hash-pieces.js';
import { shareFiles } from '../metainfo/create/threads/shared-files.js';
import { parseAs } from '../metainfo/parse/parse-as.js';
import { makeStamped } from './make-stamped.js';
import type { Order, PlainMakeRequest, Report, ThreadData } from './messages.js';

// Nobody sees where in the code it went wrong, only how.
Error.stackTraceLimit = 0;
const { stateDir }: ThreadData = workerData;
const hashCache = stateDir === undefined ? undefined : hashCacheIn(stateDir);
/** What waits for its hashes: nothing else of a making lets messages come in between. */
const hashings = new Map<number, Deferred<Uint8Array>>();
const never = new AbortController().signal;
const port = hearParent((orders: readonly Order[]) => {
  for (const order of orders) carryOut(order);
});
const { add: post } = gatherByTurn<Report>((reports) => port.postMessage(reports));

function carryOut(order: Order): void {
  const { id } = order;
  switch (order.type) {
    case 'make':
      void answer(id, () => make(id, order.request));
      return;
    case 'parse':
      void answer(id, async () => {
        return { type: 'parsed', id, metainfo: parseAs(order.bytes, order.as) };
      });
      return;
    case 'hashed':
      hashings.get(id)?.resolve(order.hashes);
      return;
    case 'cancel':
      hashings.get(id)?.reject(new HelperError('CLOSED', 'nobody waits for it any more'));
  }
}

async function answer(id: number, work: () => Promise<Report>): Promise<void> {
  try {
    post(await work());
  } catch (thrown) {
    const { code, message } = toHelperError(thrown);
    post({ type: 'failed', id, code, message });
  }
}

async function make(id: number, request: PlainMakeRequest): Promise<Report> {
  const threads = {
    async hash(...[files, pieceLengthBytes]: Parameters<ContentHasher['hash']>) {
      const hashing = createDeferred<Uint8Array>();
      hashings.set(id, hashing);
      try {
        post({ type: 'hash', id, files: await shareFiles(files), pieceLengthBytes });
        return { hashes: await hashing.promise };
      } finally {
        hashings.delete(id);
      }
    },
  };
  const made = await makeStamped({ hashCache, ...request, announce: [], threads }, never);
  return { type: 'made', id, made };
}
