// Who is blamed for a bad piece, and of whom it is fetched again: with a torrent made by hand, of one piece.
import { EventEmitter } from 'node:events';
import Wire from 'bittorrent-protocol';
import { expect, test, vi } from 'vitest';
import type { Piece } from 'webtorrent';
import { judgePieces } from '../../src/engine/judge-pieces.js';
import type { Bans } from '../../src/engine/peers/ban-list.js';

interface HandmadePiece extends Piece {
  sources: Wire[] | null;
}

class HandmadeTorrent extends EventEmitter {
  readonly wires: Wire[] = [];
  readonly pieces: (HandmadePiece | null)[] = [{ sources: [], cancel: () => {} }];
  _request = (_wire: Wire, _index: number, _hotswap: boolean): boolean => true;

  /** Those send a block each, the last one completes the piece, which is found to be good or bad. */
  deliver(senders: readonly Wire[], isGood: boolean): void {
    for (const wire of senders) {
      wire.once('piece', () => {
        const piece = this.pieces[0];
        piece?.sources?.push(wire);
        if (piece && wire === senders.at(-1)) piece.sources = null;
      });
      wire._onPiece(0, 0, Buffer.alloc(1));
    }
    if (isGood) {
      this.pieces[0] = null;
      this.emit('verified', 0);
    } else {
      this.pieces[0] = { sources: [], cancel: () => {} };
      this.emit('warning', new Error('Piece 0 failed verification'));
    }
  }
}

function scene(peers: number) {
  const torrent = new HandmadeTorrent();
  const said: string[] = [];
  const bans: Bans = {
    remainingMs: () => 0,
    sentGarbage: () => {},
    convict: (host) => void said.push(`${host} convicted`),
    tookPart: (piece, host) => {
      said.push(`${host} ${piece}`);
      return false;
    },
  };
  const wires = Array.from({ length: peers }, (_, index) => {
    const wire = Object.assign(new Wire(), { peerChoking: false, remoteAddress: `peer ${index}` });
    wire.peerPieces.set(0, true);
    torrent.wires.push(wire);
    judgePieces(wire, torrent, { torrents: [torrent] }, bans);
    return wire;
  });
  const isAsked = (wire: Wire | undefined) => wire && torrent._request(wire, 0, false);
  return { torrent, wires, said, isAsked };
}

test('who sent all of a bad piece is convicted', () => {
  const { torrent, wires, said } = scene(2);
  torrent.deliver(wires.slice(0, 1), false);
  expect(said).toEqual(['peer 0 convicted']);
});

test('several that sent a bad piece together are suspected, and of a good one praised', () => {
  const { torrent, wires, said } = scene(3);
  torrent.deliver(wires.slice(0, 2), false);
  torrent.deliver(wires.slice(2), true);
  expect(said).toEqual(['peer 0 bad', 'peer 1 bad', 'peer 2 good']);
});

test('a bad piece is fetched again of one that had no part in it, and of no other beside', () => {
  const { torrent, wires, isAsked } = scene(4);
  torrent.deliver(wires.slice(0, 2), false);
  expect(wires.map(isAsked)).toEqual([false, false, true, false]);
  expect(wires.map(isAsked)).toEqual([false, false, true, false]);
});

test('where all had a part in it, it is fetched of one of them alone, who is convicted if it is bad again', () => {
  const { torrent, wires, said, isAsked } = scene(2);
  torrent.deliver(wires, false);
  expect(wires.map(isAsked)).toEqual([true, false]);
  torrent.deliver(wires.slice(0, 1), false);
  expect(said.at(-1)).toBe('peer 0 convicted');
});

test('one that sends nothing of it loses it to the next', () => {
  vi.useFakeTimers();
  const { torrent, wires, isAsked } = scene(4);
  torrent.deliver(wires.slice(0, 2), false);
  expect(wires.map(isAsked)).toEqual([false, false, true, false]);
  vi.advanceTimersByTime(10_000);
  expect(isAsked(wires[3])).toBe(true);
  vi.useRealTimers();
});

test('one that has gone, or chokes us, loses it at once', () => {
  const { torrent, wires, isAsked } = scene(4);
  torrent.deliver(wires.slice(0, 2), false);
  expect(wires.map(isAsked)).toEqual([false, false, true, false]);
  torrent.wires.splice(2, 1);
  expect(isAsked(wires[3])).toBe(true);
  torrent.wires.splice(2, 1);
  expect(wires.slice(0, 2).map(isAsked)).toEqual([true, false]);
});
