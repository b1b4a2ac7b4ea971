// What is counted of the pieces that peers have, and whether we are interested in them.
import Wire from 'bittorrent-protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SentBlocksBudget } from '../../../../src/engine/data-path/pieces/sent-blocks.js';
import { createRateLimit } from '../../../../src/engine/data-path/rate-limit/rate-limit.js';
import { SwarmPeer } from '../../../../src/engine/data-path/swarm-peer.js';
import { Choker } from '../../../../src/engine/data-path/upload/choker.js';
import { ReadCache } from '../../../../src/engine/data-path/upload/read-cache/read-cache.js';
import { TorrentReadCache } from '../../../../src/engine/data-path/upload/read-cache/torrent-read-cache.js';
import type { Connection } from '../../../../src/engine/data-path/wire/connection.js';
import { runForTorrent, throwingTorrent } from '../../../../src/engine/torrent-context.js';
import { createBitfield, everyPiece, setPiece } from '../../../../src/storage/layout/bitfield.js';
import { HandmadeSwarm } from '../../../support/data-path/handmade-swarm.js';
import { KiB } from '../../../support/sizes.js';

const all = (count: number) => Array.from({ length: count }, (_, index) => index);

function peerOf(pieceCount: number) {
  const requests: number[] = [];
  const state = { isClosed: false, told: 0, keepAlives: 0 };
  const wire = Object.assign(new Wire(), { lt_donthave: { onMessage(_: Uint8Array) {} } });
  const connection = {
    wire,
    get isClosed() {
      return state.isClosed;
    },
    run: (task: () => void) => runForTorrent('its torrent', task),
    unsentBytes: 0,
    send(bytes: Uint8Array) {
      const said = Buffer.from(bytes);
      if (said.equals(Buffer.alloc(4))) {
        state.keepAlives += 1;
        return;
      }
      for (let at = 0; at < said.length; at += 17) requests.push(said.readUInt32BE(at + 5));
    },
    close() {},
    hangUp() {},
    earn() {},
    discardBlock() {},
    onDrain() {},
    onFlushed() {},
  } satisfies Partial<Connection>;
  const limit = createRateLimit(undefined);
  const peer = new SwarmPeer({
    connection: connection as unknown as Connection,
    content: {
      pieceCount,
      pieceBytes: () => 16 * KiB,
      has: () => false,
      pieceLengthBytes: 16 * KiB,
      askedAgain() {},
      sentBlocks: new SentBlocksBudget(),
      readCache: new TorrentReadCache(new ReadCache(), {
        readInto: async () => {},
        readAhead: async () => {},
      }),
    },
    sender: { host: 'somewhere', port: 1 },
    downLimit: limit,
    upLimit: limit,
    choker: new Choker(),
    onSent() {},
    onReceived() {},
    onUnasked() {},
    onExtendedHandshake() {},
    onBug() {},
    onPieces: () => {
      state.told += 1;
    },
  });
  return { peer, wire, requests, state };
}

function bitsOf(pieceCount: number, pieces: readonly number[]): Uint8Array {
  const bits = createBitfield(pieceCount);
  for (const index of pieces) setPiece(bits, index);
  return bits;
}

describe('a peer that fetches of us and waits for nothing', () => {
  const fetching = () => {
    const { peer, wire, state } = peerOf(20);
    peer.bitfieldSent(undefined);
    Object.assign(wire, { peerInterested: true, amChoking: false, uploaded: 16 * KiB });
    return { peer, wire, state };
  };

  it('hears at once that its have was heard, or it might hold back its next requests', () => {
    const { peer, state } = fetching();
    peer.has(3);
    peer.has(4);
    expect(state.keepAlives).toBe(0);
    peer.readEnded(0);
    expect(state.keepAlives).toBe(1);
  });

  it('gets no answer to a keep-alive, for that would be answered again', () => {
    const { peer, state } = fetching();
    for (let nth = 0; nth < 3; nth++) peer.readEnded(0);
    expect(state.keepAlives).toBe(0);
  });

  it.each([
    ['is choked', { amChoking: true }],
    ['is not interested', { peerInterested: false }],
    ['has got nothing yet', { uploaded: 0 }],
    ['is a helper, which holds nothing back', { peerId: '2d42483030' }],
  ])('gets no answer to a have if it %s', (_, changed) => {
    const { peer, wire, state } = fetching();
    Object.assign(wire, changed);
    peer.has(3);
    peer.readEnded(0);
    expect(state.keepAlives).toBe(0);
  });
});

describe('a peer', () => {
  it('is choked and unchoked as the work of its torrent, whoever’s timer says so', () => {
    const { peer, wire } = peerOf(20);
    const blamed: unknown[] = [];
    const blame = () => void blamed.push(throwingTorrent(new Error('a bug')));
    Object.assign(wire, { choke: blame, unchoke: blame });
    runForTorrent('another torrent', () => {
      peer.unchoke();
      peer.choke();
    });
    expect(blamed).toEqual(['its torrent', 'its torrent']);
  });

  it('is interesting as long as it has what we lack', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 20, pieceLengthBytes: 16 * KiB });
    const { peer, wire } = peerOf(20);
    peer.hasBitfield(createBitfield(20));
    peer.bitfieldSent(swarm.download);
    expect(wire.amInterested).toBe(false);
    peer.has(3);
    expect(wire.amInterested).toBe(true);
    peer.hasNot(3);
    expect(wire.amInterested).toBe(false);
    peer.has(4);
    swarm.peer();
    await swarm.run();
    expect(swarm.isComplete).toBe(true);
    peer.gained(4);
    expect(wire.amInterested).toBe(false);
  });

  it('that has a piece which is under way already causes no search for another', async () => {
    const swarm = new HandmadeSwarm({ pieceCount: 1_000, pieceLengthBytes: 16 * KiB });
    const busy = swarm.peer(undefined, { reqq: 8 });
    const begun = busy.asked.map(({ index }) => index);
    expect(begun).toHaveLength(8);
    const { peer, wire, requests } = peerOf(1_000);
    peer.bitfieldSent(swarm.download);
    Object.assign(wire, { peerChoking: false });
    peer.unchoked();
    const { looks } = swarm.download.picker;
    for (const index of begun) peer.has(index);
    expect(swarm.download.picker.looks).toBe(looks);
    expect(requests).toEqual([]);
    const other = all(1_000).find((index) => !begun.includes(index)) ?? 0;
    peer.has(other);
    peer.has(other);
    expect(requests).toEqual([other]);
  });

  it('that had everything and loses a piece is asked for the rest', () => {
    const swarm = new HandmadeSwarm({ pieceCount: 20, pieceLengthBytes: 16 * KiB });
    const { peer, wire } = peerOf(20);
    peer.bitfieldSent(swarm.download);
    peer.hasAll();
    expect([peer.isSeeder, peer.wantsNothing]).toEqual([true, true]);
    wire.lt_donthave.onMessage(Buffer.from([0, 0, 0, 7]));
    wire.lt_donthave.onMessage(Buffer.from([0, 0, 0]));
    expect([peer.isSeeder, peer.wantsNothing]).toEqual([false, false]);
    const { picker } = swarm.download;
    expect(all(20).map((index) => picker.availabilityOf(index))).toEqual(
      all(20).map((index) => (index === 7 ? 0 : 1)),
    );
    peer.leave();
    expect(all(20).map((index) => picker.availabilityOf(index))).toEqual(all(20).map(() => 0));
  });

  it('is counted right, whatever it says of its pieces, and forgotten when it leaves', async () => {
    const pieceCount = 19;
    const action = fc.record({
      who: fc.nat(2),
      what: fc.constantFrom(
        'has',
        'hasNot',
        'bitfield',
        'all',
        'none',
        'full',
        'sendBitfield',
        'leave',
        'get',
      ),
      pieces: fc.array(fc.nat(pieceCount - 1), { minLength: 1, maxLength: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (story) => {
        const swarm = new HandmadeSwarm({ pieceCount, pieceLengthBytes: 16 * KiB });
        const { picker } = swarm.download;
        const peers = all(3).map(() => ({
          ...peerOf(pieceCount),
          isCounted: false,
          isGone: false,
        }));
        for (const { who, what, pieces } of story) {
          const entry = peers[who];
          if (entry === undefined || entry.isGone) continue;
          const { peer } = entry;
          const [index = 0] = pieces;
          if (what === 'sendBitfield' && !entry.isCounted && !swarm.download.isOver) {
            peer.bitfieldSent(swarm.download);
            entry.isCounted = true;
          } else if (what === 'leave') {
            peer.leave();
            entry.isCounted = false;
            entry.isGone = true;
          } else if (what === 'has') peer.has(index);
          else if (what === 'hasNot') peer.hasNot(index);
          else if (what === 'bitfield') peer.hasBitfield(bitsOf(pieceCount, pieces));
          else if (what === 'full') peer.hasBitfield(everyPiece(pieceCount));
          else if (what === 'all') peer.hasAll();
          else if (what === 'none') peer.hasNone();
          else if (what === 'get' && picker.isMissing(index)) {
            picker.done(index);
            for (const each of peers) if (each.isCounted) each.peer.gained(index);
          }
          const counted = peers.filter(({ isCounted }) => isCounted);
          for (const piece of all(pieceCount)) {
            const holders = counted.filter((each) => each.peer.pieces.has(piece)).length;
            expect([piece, picker.availabilityOf(piece)]).toEqual([piece, holders]);
          }
          for (const each of peers) {
            const isLacking = all(pieceCount).some(
              (piece) => each.peer.pieces.has(piece) && picker.isMissing(piece),
            );
            expect(each.wire.amInterested).toBe(each.isCounted && isLacking);
          }
        }
        swarm.download.close();
      }),
      { numRuns: 300 },
    );
  });
});
