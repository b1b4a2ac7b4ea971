// A fault in the engine's thread, from outside: preloaded (NODE_OPTIONS=--require=…; --import is not for threads that begin with a text) it is in
// the main thread of a process and in its engine's.
// On SIGUSR2 the main thread reads what is to happen from the file that ENGINE_FAULT names, and tells the others; the
// file is removed the moment before it happens.
//
//     throw              something throws in a timer of nobody's
//     throw INFO_HASH    the same, in that torrent's name; nothing, while the torrent is not joined
//     reject             a promise rejects that nobody waits for
//     hang               a loop without end
//     allocate           memory is taken until there is none
//     exit               the thread ends itself
import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync, rmSync } from 'node:fs';
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

const channel = new BroadcastChannel('engine-fault');
channel.unref();

if (isMainThread) {
  process.on('SIGUSR2', () => {
    try {
      channel.postMessage(readFileSync(process.env.ENGINE_FAULT, 'utf8'));
    } catch {
      // It has happened already.
    }
  });
} else {
  const contexts = rememberContexts();
  channel.onmessage = ({ data }) => {
    const [fault, infoHash] = data.trim().split(' ');
    // It was read while it was written.
    if (!(fault in faults)) return;
    const run = infoHash === undefined ? (task) => task() : contexts.get(infoHash);
    run?.(() =>
      setTimeout(() => {
        rmSync(process.env.ENGINE_FAULT, { force: true });
        faults[fault]();
      }, 1),
    );
  };
}

const faults = {
  throw: () => {
    throw new TypeError('a fault was asked for');
  },
  reject: () => void Promise.reject(new TypeError('a fault was asked for')),
  hang: () => {
    for (;;);
  },
  allocate: () => {
    for (const hoard = []; ; ) hoard.push(new Array(100_000).fill(0.5));
  },
  exit: () => process.exit(7),
};

/** How to run something in the context of each value that an AsyncLocalStorage of this thread was given. */
function rememberContexts() {
  const contexts = new Map();
  const { run } = AsyncLocalStorage.prototype;
  AsyncLocalStorage.prototype.run = function (value, ...rest) {
    if (typeof value === 'string') contexts.set(value, (task) => run.call(this, value, task));
    return run.call(this, value, ...rest);
  };
  return contexts;
}
