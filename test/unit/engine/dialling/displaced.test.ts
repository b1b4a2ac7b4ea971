import { describe, expect, it } from 'vitest';
import {
  displacedBy,
  type OutgoingConnection,
  type Owner,
} from '../../../../src/engine/dialling/displaced.js';
import { dialLimits } from '../../../../src/limits.js';

interface Torrent extends Owner {
  readonly connections: Set<OutgoingConnection>;
}

const nowMs = 1_000_000;
const now = { nowMs, connections: dialLimits.connections };

/** Torrents with connections that brought something so many ms ago. */
function torrent(...idleMs: readonly number[]): Torrent {
  const owner: Torrent = { connections: new Set() };
  for (const each of idleMs) add(owner, each);
  return owner;
}

function add(owner: Torrent, idleMs = 0): OutgoingConnection {
  const usefulAtMs = nowMs - idleMs;
  const connection = { owner, sinceMs: usefulAtMs, usefulAtMs, isProven: true };
  owner.connections.add(connection);
  return connection;
}

const times = (count: number, idleMs: number) => Array.from({ length: count }, () => idleMs);
const nth = (owner: Torrent, index: number) => [...owner.connections][index];

describe('one connection too many', () => {
  it('displaces nobody where there is room', () => {
    const owner = torrent(...times(10, 5));
    expect(displacedBy(add(owner), [owner], now)).toBeUndefined();
  });

  it('displaces the one useless longest of whoever has the most', () => {
    const rich = torrent(...times(50, 1), 50, 1);
    const others = Array.from({ length: 3 }, () => torrent(...times(50, 70_000)));
    expect(displacedBy(add(torrent()), [rich, ...others, torrent()], now)).toBe(nth(rich, 50));
  });

  it('displaces one of its own torrent that is of no use', () => {
    const owner = torrent(1, dialLimits.uselessMs, 1);
    const others = Array.from({ length: 4 }, () => torrent(...times(50, 70_000)));
    expect(displacedBy(add(owner), [owner, ...others], now)).toBe(nth(owner, 1));
  });

  it('goes itself where all of its torrent are of use and it may have no more', () => {
    const owner = torrent(...times(dialLimits.connectionsPerTorrent, 1));
    const newcomer = add(owner);
    expect(displacedBy(newcomer, [owner], now)).toBe(newcomer);
  });

  it('goes itself where nobody has more than its torrent', () => {
    const torrents = Array.from({ length: 4 }, () => torrent(...times(50, 1)));
    const [owner = torrent()] = torrents;
    const newcomer = add(owner);
    expect(displacedBy(newcomer, torrents, now)).toBe(newcomer);
  });
});
