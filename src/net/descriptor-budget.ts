// How many connections there may be where few files may be open (RLIMIT_NOFILE): some descriptors stay in reserve for
// content, .torrent files and threads, so that no stranger who holds connections keeps the disk from being read.
import { readFileSync } from 'node:fs';
import { dialLimits, incomingLimits, trackerLimits } from '../limits.js';

/** Connections at most, each of them a descriptor. */
export interface ConnectionCaps {
  /** To the peer port. */
  readonly incoming: number;
  /** To peers. */
  readonly outgoing: number;
  /** To the embedded tracker, over HTTP. */
  readonly tracker: number;
}

/** Threads, ports and pipes take some 60; the disk keeps up to 128 files open, and everything else a few. */
const mostReserved = 320;
/** Of what is not in reserve. */
const shares = { incoming: 2 / 5, outgoing: 1 / 5, tracker: 2 / 5 };
/** Where the limit cannot be read. Node raises its own to what the system allows, which is more. */
const usualLimit = 4_096;

/** `openFiles`: how many files this process may have open. */
export function connectionCaps(openFiles: number): ConnectionCaps {
  const connections = openFiles - Math.min(openFiles / 2, mostReserved);
  const capOf = (share: number, most: number) =>
    Math.max(1, Math.min(most, Math.floor(connections * share)));
  return {
    incoming: capOf(shares.incoming, incomingLimits.connections),
    outgoing: capOf(shares.outgoing, dialLimits.connections),
    tracker: capOf(shares.tracker, trackerLimits.connections),
  };
}

/** How many files this process may have open: on Linux as it is, elsewhere what is usual. */
export function openFilesLimit(): number {
  try {
    return parseOpenFiles(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    return usualLimit;
  }
}

/** `text`: what stands in /proc/PID/limits. */
export function parseOpenFiles(text: string): number {
  const soft = /^Max open files\s+(\d+)/m.exec(text)?.[1];
  return soft === undefined ? usualLimit : Number(soft);
}
