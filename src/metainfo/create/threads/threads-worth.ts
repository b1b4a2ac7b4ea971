// How many hashing threads content is worth. Pure.

/** What the thread pool reads and hashes in the 20 ms of a core that a thread takes to start. */
const worthAThreadBytes = 16 * 1024 * 1024;
const worthAThreadFiles = 200;

/** How many threads such content would keep busy for longer than they take to start. */
export function threadsWorth(lengthBytes: number, files: number): number {
  return Math.floor(Math.max(lengthBytes / worthAThreadBytes, files / worthAThreadFiles));
}
