// Whose code runs: every torrent's work is done in a context that names its info hash, which timers, promises, sockets
// and file operations begun there inherit. So whoever catches a throw far from any torrent can say which one it was.
import { AsyncLocalStorage } from 'node:async_hooks';

const context = new AsyncLocalStorage<string>();
/** Who threw what: by the time it is caught, the context it was thrown in has been left. */
const throwers = new WeakMap<object, string>();

let running: string | undefined;
let tell: (infoHash: string | undefined) => void = () => {};

/** Does `deed` as the work of a torrent. */
export function workFor<T>(infoHash: string, deed: () => T): T {
  const before = running;
  running = infoHash;
  tell(infoHash);
  try {
    return context.run(infoHash, deed);
  } catch (thrown) {
    if (isObject(thrown) && !throwers.has(thrown)) throwers.set(thrown, infoHash);
    throw thrown;
  } finally {
    running = before;
    tell(before);
  }
}

/** `deed` as the work of the torrent at work now, whoever calls it later. */
export function keepWork<Args extends unknown[], T>(
  deed: (...args: Args) => T,
): (...args: Args) => T {
  return AsyncLocalStorage.bind(deed);
}

/** The torrent that threw `thrown`, as far as that is known where nobody caught it. */
export function throwerOf(thrown: unknown): string | undefined {
  return (isObject(thrown) ? throwers.get(thrown) : undefined) ?? context.getStore();
}

/** `listener` hears at once whose code `workFor` enters, and whose it goes back to. One listener a thread. */
export function onTorrentAtWork(listener: (infoHash: string | undefined) => void): void {
  tell = listener;
}

function isObject(thrown: unknown): thrown is object {
  return typeof thrown === 'object' && thrown !== null;
}
