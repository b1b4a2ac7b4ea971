// The entry of a verifying thread: hashes pieces in memory that it shares with the engine, and knows nothing else.
import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { sha1Bytes } from '../../../metainfo/metainfo.js';
import type { HashRequest } from './verify.js';

if (parentPort === null) throw new Error('this is the entry of a worker thread');
const port = parentPort;
const shared: unknown = workerData;
if (!(shared instanceof SharedArrayBuffer)) throw new Error('the memory of the pieces is expected');
const memory = Buffer.from(shared);

port.on('message', (request: HashRequest) => {
  const hashes = new Uint8Array((request.length / 2) * sha1Bytes);
  for (let nth = 0; nth < request.length; nth += 2) {
    const [start = 0, length = 0] = request.subarray(nth, nth + 2);
    const hash = createHash('sha1')
      .update(memory.subarray(start, start + length))
      .digest();
    hashes.set(hash, (nth / 2) * sha1Bytes);
  }
  port.postMessage(hashes, [hashes.buffer]);
});
