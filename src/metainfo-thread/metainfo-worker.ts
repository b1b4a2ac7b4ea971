// The entry of the thread that makes and reads metainfo: many small jobs, which it does one after the other without waiting for
// a pool, and few that are so large that they would hold up whoever shares a thread with them. Much content it lets others hash.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createDeferred, type Deferred } from '../async/deferred.js';
import { gatherByTurn } from '../async/gather-by-turn.js';
import { toHelperError } from '../errors.js';
import { hashCacheIn } from '../metainfo/create/hash-cache.js';
import type { ContentHasher } from '../metainfo/create/hash-pieces.js';
import { shareFiles } from '../metainfo/create/threads/shared-files.js';
import { parseAs } from '../metainfo/parse/parse-as.js';
import { makeStamped } from './make-stamped.js';
import type { Message, Order, PlainMakeRequest, Report, ThreadData } from './messages.js';

interface Making {
  readonly stop: AbortController;
  hashing?: Deferred<Uint8Array>;
}

if (parentPort === null) throw new Error('this is the entry of a worker thread');
const port: MessagePort = parentPort;
// What is not there is looked for three times a job, and nobody sees where in the code that was.
Error.stackTraceLimit = 0;
const { stateDir }: ThreadData = workerData;
const hashCache = stateDir === undefined ? undefined : hashCacheIn(stateDir);
const makings = new Map<number, Making>();
const { add: post } = gatherByTurn<Report>((reports) => port.postMessage(reports));

port.on('message', (message: Message) => {
  if (message === 'end') port.close();
  else for (const order of message) carryOut(order);
});

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
      makings.get(id)?.hashing?.resolve(order.hashes);
      return;
    case 'cancel': {
      const making = makings.get(id);
      making?.stop.abort();
      making?.hashing?.reject(making.stop.signal.reason);
    }
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
  const making: Making = { stop: new AbortController() };
  makings.set(id, making);
  const threads = {
    async hash(...[files, pieceLengthBytes]: Parameters<ContentHasher['hash']>) {
      making.hashing = createDeferred();
      post({ type: 'hash', id, files: await shareFiles(files), pieceLengthBytes });
      return { hashes: await making.hashing.promise };
    },
  };
  try {
    const { signal } = making.stop;
    const made = await makeStamped({ hashCache, ...request, announce: [], threads }, signal);
    return { type: 'made', id, made };
  } finally {
    makings.delete(id);
  }
}
