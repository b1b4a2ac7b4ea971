// Whose code runs: every torrent's work is done in a context that names its info hash, which timers, promises, sockets
// and file operations begun there inherit. So whoever catches a throw far from any torrent can say which one it was.
import { AsyncLocalStorage } from 'node:async_hooks';

const context = new AsyncLocalStorage<string>();
/** Who threw what: by the time it is caught, the context it was thrown in has been left. */
const throwers = new WeakMap<object, string>();

let current: string | undefined;
let onEntered: (infoHash: string | undefined) => void = () => {};

/** Runs `task` as the work of a torrent. */
export function runForTorrent<T>(infoHash: string, task: () => T): T {
  const before = current;
  current = infoHash;
  onEntered(infoHash);
  try {
    return context.run(infoHash, task);
  } catch (thrown) {
    if (isObject(thrown) && !throwers.has(thrown)) throwers.set(thrown, infoHash);
    throw thrown;
  } finally {
    current = before;
    onEntered(before);
  }
}

/** `task` as the work of the torrent whose code runs now, whoever calls it later. */
export function bindToTorrent<Args extends unknown[], T>(
  task: (...args: Args) => T,
): (...args: Args) => T {
  return AsyncLocalStorage.bind(task);
}

/** Whose code runs; undefined if it is no torrent's. */
export function currentTorrent(): string | undefined {
  return context.getStore();
}

/** The torrent that threw `thrown`, as far as that is known where nobody caught it. */
export function throwingTorrent(thrown: unknown): string | undefined {
  return (isObject(thrown) ? throwers.get(thrown) : undefined) ?? context.getStore();
}

/** `listener` is told at once whose code `runForTorrent` enters, and whose it goes back to. One listener a thread. */
export function onTorrentEntered(listener: (infoHash: string | undefined) => void): void {
  onEntered = listener;
}

function isObject(thrown: unknown): thrown is object {
  return typeof thrown === 'object' && thrown !== null;
}
