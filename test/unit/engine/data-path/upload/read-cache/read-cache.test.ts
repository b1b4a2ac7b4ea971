// What lies in memory to be served: who uses it, what stays, what goes, and who waits for it.
import { describe, expect, it } from 'vitest';
import type {
  CacheEntry,
  CacheUser,
} from '../../../../../../src/engine/data-path/upload/read-cache/cache-entry.js';
import { ReadCache } from '../../../../../../src/engine/data-path/upload/read-cache/read-cache.js';
import { TorrentReadCache } from '../../../../../../src/engine/data-path/upload/read-cache/torrent-read-cache.js';

const KiB = 2 ** 10;
const MiB = 2 ** 20;

/** Takes down what it hears, and asks again for what it was refused. */
class Peer implements CacheUser {
  heard: string[] = [];
  untakenSinceMs: number | undefined;
  onRoom = () => {};
  entryRead(): void {
    this.heard.push('read');
  }
  roomMade(): void {
    this.heard.push('room');
    this.onRoom();
  }
  hangUp(): void {}
}

function setUp(readCache = new ReadCache(4 * MiB, MiB), peers = 100) {
  const reads: [startBytes: number, lengthBytes: number][] = [];
  const ends: ((how?: 'fail') => void)[] = [];
  const readInto = (startBytes: number, target: Uint8Array) => {
    reads.push([startBytes, target.length]);
    return new Promise<void>((resolve, fail) => {
      ends.push((how) => (how === 'fail' ? fail(new Error()) : resolve()));
    });
  };
  const all = Array.from({ length: peers }, () => new Peer());
  for (const peer of all) readCache.join(peer);
  const [peer = new Peer()] = all;
  const torrent = new TorrentReadCache(readCache, { readInto, readAhead: readInto });
  return {
    readCache,
    torrent,
    reads,
    peer,
    async endReads(how?: 'fail') {
      for (const end of ends.splice(0)) end(how);
      await settled();
    },
    read: (startBytes: number, lengthBytes: number) => read(torrent, startBytes, lengthBytes, peer),
  };
}

function read(
  torrent: TorrentReadCache,
  startBytes: number,
  lengthBytes: number,
  peer: Peer,
): CacheEntry {
  const entry = torrent.read(startBytes, lengthBytes, peer, true);
  if (entry === undefined) throw new Error('no room');
  return entry;
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('an entry', () => {
  it('is found by all who want a part of it, and read once', async () => {
    const { torrent, reads, peer, read, endReads } = setUp();
    const other = new Peer();
    const entry = read(MiB, 512 * KiB);
    expect(torrent.find(MiB + 16 * KiB, 16 * KiB, other)).toBe(entry);
    expect(torrent.find(MiB + 512 * KiB, 16 * KiB, other)).toBeUndefined();
    expect(torrent.find(MiB + 500 * KiB, 16 * KiB, other)).toBeUndefined();
    expect([entry.state, peer.heard, other.heard]).toEqual(['reading', [], []]);
    await endReads();
    expect([entry.state, peer.heard, other.heard]).toEqual(['read', ['read'], ['read']]);
    expect(torrent.find(MiB, 1, other)).toBe(entry);
    expect([reads, other.heard]).toEqual([[[MiB, 512 * KiB]], ['read']]);
  });

  it('stays without users, and makes room when it has gone unused for the longest', async () => {
    const { torrent, readCache, peer, read, endReads } = setUp();
    const three = [0, 1, 2].map((nth) => read(nth * MiB, MiB));
    await endReads();
    for (const entry of three) torrent.release(entry);
    expect(readCache.usedBytes).toBe(3 * MiB);
    // Used again: now the second is the oldest.
    for (const entry of [torrent.find(0, 1, peer)]) if (entry) torrent.release(entry);
    read(3 * MiB, MiB);
    expect(readCache.usedBytes).toBe(3 * MiB);
    expect(torrent.find(MiB, 1, peer)).toBeUndefined();
    expect([0, 2].map((nth) => torrent.find(nth * MiB, 1, peer))).toEqual([three[0], three[2]]);
  });

  it('with a user left, or in reading, makes no room', async () => {
    const { torrent, readCache, peer, read, endReads } = setUp();
    const [one, two] = [read(0, MiB), read(MiB, MiB)];
    torrent.find(0, 1, peer);
    await endReads();
    const three = read(2 * MiB, MiB);
    torrent.release(one);
    torrent.release(two);
    torrent.release(three);
    read(3 * MiB, MiB);
    expect(torrent.read(4 * MiB, MiB, peer, true)).toBeUndefined();
    expect(torrent.find(0, 1, peer)).toBe(one);
    expect(readCache.usedBytes).toBe(3 * MiB);
    // What is kept for single blocks is not touched.
    expect(torrent.read(5 * MiB, 16 * KiB, peer, false)?.lengthBytes).toBe(16 * KiB);
    expect(() => torrent.release(three)).toThrow('bug');
  });

  it('that could not be read is not found, and its memory is free when nobody uses it', async () => {
    const { torrent, readCache, peer, read, endReads } = setUp();
    const entry = read(0, MiB);
    await endReads('fail');
    expect([entry.state, peer.heard]).toEqual(['failed', ['read']]);
    expect(torrent.find(0, 1, peer)).toBeUndefined();
    expect(readCache.usedBytes).toBe(MiB);
    torrent.release(entry);
    expect(readCache.usedBytes).toBe(0);
  });

  it('takes the place of those that it covers', async () => {
    const { torrent, readCache, peer, read, endReads } = setUp();
    const small = read(64 * KiB, 64 * KiB);
    await endReads();
    torrent.release(small);
    const large = read(0, MiB);
    expect(readCache.usedBytes).toBe(MiB);
    expect(torrent.find(64 * KiB, 64 * KiB, peer)).toBe(large);
  });

  it('of a lone peer does not stay long, and not longer than the peer', async () => {
    const { torrent, readCache, peer, read, endReads } = setUp(new ReadCache(), 1);
    for (let nth = 0; nth < 20; nth++) {
      const entry = read(nth * MiB, MiB);
      await endReads();
      torrent.release(entry);
    }
    expect(readCache.usedBytes).toBe(3 * MiB);
    readCache.leave(peer);
    expect(readCache.usedBytes).toBe(0);
  });
});

describe('a torrent that is left', () => {
  it('gives back what nobody uses at once, all else when its read, or its use, ends', async () => {
    const { torrent, readCache, peer, read, endReads } = setUp();
    const [idle, used] = [read(0, 64 * KiB), read(MiB, 64 * KiB)];
    await endReads();
    torrent.release(idle);
    const reading = read(2 * MiB, 64 * KiB);
    torrent.release(reading);
    expect(readCache.usedBytes).toBe(192 * KiB);
    torrent.close();
    expect(readCache.usedBytes).toBe(128 * KiB);
    expect(torrent.find(MiB, 1, peer)).toBeUndefined();
    await endReads();
    expect(readCache.usedBytes).toBe(64 * KiB);
    torrent.release(used);
    expect(readCache.usedBytes).toBe(0);
  });

  it('leaves those of others alone, and keeps nothing that is read afterwards', async () => {
    const { torrent, readCache, peer, read, endReads } = setUp();
    const other = new TorrentReadCache(readCache, {
      readInto: async () => {},
      readAhead: async () => {},
    });
    const kept = other.read(0, 16 * KiB, peer, false);
    expect(torrent.find(0, 16 * KiB, peer)).toBeUndefined();
    torrent.close();
    expect(other.find(0, 16 * KiB, peer)).toBe(kept);
    const late = read(0, 16 * KiB);
    await endReads();
    torrent.release(late);
    expect(readCache.usedBytes).toBe(16 * KiB);
  });
});

describe('who finds all memory taken', () => {
  it('is told when there is some, in turn, and nobody else gets it meanwhile', async () => {
    const { torrent, readCache, peer, read, endReads } = setUp(new ReadCache(128 * KiB, 0));
    const [one, two] = [read(0, 64 * KiB), read(MiB, 64 * KiB)];
    await endReads();
    const told: string[] = [];
    for (const name of ['first', 'second', 'third']) {
      const waiting = new Peer();
      waiting.onRoom = () => {
        told.push(name);
        read_(waiting);
      };
      const read_ = (user: Peer) => {
        const entry = torrent.read(2 * MiB, 64 * KiB, user, false);
        if (entry === undefined) readCache.waitForRoom(user);
      };
      read_(waiting);
    }
    torrent.release(one);
    expect(torrent.read(3 * MiB, 64 * KiB, peer, false)).toBeUndefined();
    await settled();
    expect(told).toEqual(['first']);
    torrent.release(two);
    await settled();
    expect(told).toEqual(['first', 'second']);
    expect(readCache.usedBytes).toBe(128 * KiB);
  });

  it('is told nothing once it has left', async () => {
    const { torrent, readCache, peer, read, endReads } = setUp(new ReadCache(64 * KiB, 0));
    const one = read(0, 64 * KiB);
    await endReads();
    peer.heard = [];
    expect(torrent.read(MiB, 64 * KiB, peer, false)).toBeUndefined();
    readCache.waitForRoom(peer);
    readCache.leave(peer);
    torrent.release(one);
    await settled();
    expect(peer.heard).toEqual([]);
  });
});
