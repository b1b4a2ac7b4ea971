// What of a peer's messages reaches whom, and what ends the connection.
import Wire from 'bittorrent-protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { IncompleteBytes } from '../../../../../src/engine/data-path/budgets/incomplete-bytes.js';
import { MessageParser } from '../../../../../src/engine/data-path/wire/parse.js';
import {
  type PeerMessageListener,
  ReceivedMessages,
} from '../../../../../src/engine/data-path/wire/received-messages.js';
import { keepAlive, message } from '../../../../support/peers/wire-messages.js';

const KiB = 1024;
const MiB = 1024 * KiB;

type Call = readonly [name: string, ...values: readonly unknown[]];

interface Options {
  readonly pieceCount?: number;
  readonly blocksPerPiece?: number;
  readonly hasFast?: boolean;
  /** The metadata is not there yet. */
  readonly hasNoDuties?: boolean;
  /** Whether a block is wanted. */
  readonly isAsked?: () => boolean;
}

/** Everything that a peer says is parsed, as from a socket, out of one buffer that is overwritten afterwards. */
function setUp(options: Options = {}) {
  const { pieceCount = 20, blocksPerPiece = 1, hasFast = true } = options;
  const { hasNoDuties = false, isAsked = () => true } = options;
  const calls: Call[] = [];
  const told = (name: string) => {
    return (...values: readonly unknown[]) => void calls.push([name, ...values]);
  };
  let hungUp = 0;
  const wire = Object.assign(new Wire(), { hasFast });
  for (const name of ['choke', 'unchoke', 'interested', 'uninterested', 'port']) {
    wire.on(name, told(`wire ${name}`));
  }
  const incomplete = new IncompleteBytes({ mostBytes: MiB });
  const charged = { units: 0, earned: 0 };
  const connection = {
    wire,
    hangUp() {
      hungUp += 1;
      parser.stop();
    },
  };
  const messages = new ReceivedMessages(connection, {
    work: {
      charge(units) {
        charged.units += units;
      },
      earn(lengthBytes) {
        charged.earned += lengthBytes;
      },
    },
    incomplete,
  });
  const parser = new MessageParser(messages, new Uint8Array(128 * KiB));
  const listener: PeerMessageListener = {
    pieceCount,
    blocksPerPiece,
    wantsNothing: false,
    blockBegan(...block) {
      calls.push(['blockBegan', ...block]);
      return isAsked() ? 0 : -1;
    },
    blockEnded: told('blockEnded'),
    readEnded: told('readEnded'),
    requested: told('requested'),
    cancelled: told('cancelled'),
    rejected: told('rejected'),
    has: told('has'),
    hasNot: told('hasNot'),
    hasBitfield: (bits) => void calls.push(['hasBitfield', Buffer.from(bits).toString('hex')]),
    hasAll: told('hasAll'),
    hasNone: told('hasNone'),
    choked: told('choked'),
    unchoked: told('unchoked'),
    interested: told('interested'),
    uninterested: told('uninterested'),
    allowedFast: told('allowedFast'),
    extendedHandshakeReceived: told('extendedHandshakeReceived'),
    threw: told('threw'),
  };
  if (!hasNoDuties) messages.listener = listener;
  const hear = (...parts: readonly Uint8Array[]) => {
    const bytes = Buffer.concat(parts);
    parser.push(bytes, bytes.length);
    messages.readEnded();
    bytes.fill(0x77);
  };
  return {
    calls,
    wire,
    messages,
    hear,
    charged,
    incomplete,
    /** Without what is told of every read. */
    get heard() {
      return calls.filter(([name]) => name !== 'readEnded');
    },
    get hungUp() {
      return hungUp;
    },
  };
}

const bytes = (lengthBytes: number, value = 0) => new Uint8Array(lengthBytes).fill(value);
const extended = (id: number, payload: Uint8Array | string) =>
  message(20, [], Buffer.concat([Buffer.of(id), Buffer.from(payload)]));
const block = (index: number, offsetBytes: number, lengthBytes: number) =>
  message(7, [index, offsetBytes], bytes(lengthBytes, 1));
const bitfield = (lengthBytes: number) => message(5, [], bytes(lengthBytes, 0xf0));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('what a peer says', () => {
  it.each<[string, Uint8Array, readonly Call[]]>([
    ['choke', message(0), [['wire choke'], ['choked']]],
    ['unchoke', message(1), [['wire unchoke'], ['unchoked']]],
    ['interested', message(2), [['wire interested'], ['interested']]],
    ['not interested', message(3), [['wire uninterested'], ['uninterested']]],
    ['have', message(4, [19]), [['has', 19]]],
    ['a bitfield', bitfield(3), [['hasBitfield', 'f0f0f0']]],
    ['request', message(6, [1, 2, 3]), [['requested', 1, 2, 3]]],
    ['a block', block(1, 2, 3), [['blockBegan', 1, 2, 3], ['blockEnded']]],
    ['cancel', message(8, [1, 2, 2 ** 32 - 1]), [['cancelled', 1, 2, 2 ** 32 - 1]]],
    ['port', message(9, [], Buffer.of(0x1a, 0xe1)), [['wire port', 6881]]],
    ['suggest', message(13, [3]), []],
    ['have all', message(14), [['hasAll']]],
    ['have none', message(15), [['hasNone']]],
    ['reject', message(16, [1, 2, 3]), [['rejected', 1, 2, 3]]],
    ['allowed fast', message(17, [19]), [['allowedFast', 19]]],
    ['the handshake of extensions', extended(0, 'd1:md1:xi1eee'), [['extendedHandshakeReceived']]],
    ['an extension that nobody knows', extended(9, 'anything'), []],
    ['what nobody knows', message(99, [], bytes(100)), []],
    ['keep-alive', keepAlive, []],
  ])('reaches whom it is for: %s', (_, said, calls) => {
    const peer = setUp();
    peer.hear(said);
    expect(peer.heard).toEqual(calls);
    const askedBytes = calls.some(([name]) => name === 'blockBegan') ? 3 : 0;
    expect(peer.calls.at(-1)).toEqual(['readEnded', askedBytes]);
    expect(peer.hungUp).toBe(0);
  });

  it('reaches the library before the torrent, which sees the new state', () => {
    const peer = setUp();
    peer.hear(message(1));
    expect(peer.wire.peerChoking).toBe(false);
    peer.hear(message(0), message(2));
    expect([peer.wire.peerChoking, peer.wire.peerInterested]).toEqual([true, true]);
  });

  it('counts as downloaded if it was asked for, once a read', () => {
    let isAsked = true;
    const peer = setUp({ isAsked: () => isAsked });
    peer.hear(block(0, 0, 16 * KiB), block(0, 16 * KiB, 1));
    expect(peer.wire.downloaded).toBe(16 * KiB + 1);
    isAsked = false;
    peer.hear(block(0, 0, 16 * KiB));
    expect(peer.wire.downloaded).toBe(16 * KiB + 1);
    expect(peer.heard.filter(([name]) => name === 'blockEnded')).toHaveLength(2);
  });

  it.each<[string, Uint8Array, number]>([
    ['a keep-alive', keepAlive, 1],
    ['four haves', Buffer.concat(Array(4).fill(message(4, [1]))), 1],
    ['a request', message(6, [1, 2, 3]), 10],
    ['a bitfield of 20 pieces', bitfield(3), 20.2],
    ['an unchoke', message(1), 50],
    ['the port of a node', message(9, Uint8Array.of(1, 2)), 200],
    ['an unknown extension', extended(99, 'a'.repeat(319)), 30],
    ['the handshake of extensions', extended(0, 'de'), 200 + 3 / 32],
  ])('costs what it makes us do: %s', (_, said, units) => {
    const peer = setUp();
    peer.hear(said);
    expect(peer.charged).toEqual({ units, earned: 0 });
  });

  it('costs the more as a choke the more blocks a piece has, which are looked at', () => {
    const costs = [1, 64, 16_384].map((blocksPerPiece) => {
      const peer = setUp({ blocksPerPiece });
      peer.hear(message(0));
      return peer.charged.units;
    });
    expect(costs).toEqual([50, 51, 541]);
  });

  it('earns a block that was asked for, and no other', () => {
    let isAsked = true;
    const peer = setUp({ isAsked: () => isAsked });
    peer.hear(block(0, 0, 16 * KiB), block(0, 0, 16 * KiB));
    isAsked = false;
    peer.hear(block(0, 0, 16 * KiB));
    expect(peer.charged).toEqual({ units: 0, earned: 32 * KiB });
  });

  it('is not gathered while nobody wants pieces, if it is a bitfield', () => {
    const peer = setUp({ hasNoDuties: true });
    const parts = [bitfield(MiB).subarray(0, -1), bitfield(1).subarray(-1), keepAlive];
    for (const part of parts) {
      peer.hear(part);
      expect(peer.incomplete.lengthBytes).toBe(0);
    }
    expect(peer.charged.units).toBe(1);
  });

  it('takes memory of the budget until it is whole', () => {
    const peer = setUp();
    const said = extended(0, `d1:v4990:${'v'.repeat(4_990)}e`);
    peer.hear(said.subarray(0, 100));
    expect(peer.incomplete.lengthBytes).toBe(4 * KiB);
    peer.hear(said.subarray(100, 4_500));
    expect(peer.incomplete.lengthBytes).toBe(said.length - 5);
    peer.hear(said.subarray(4_500));
    expect(peer.incomplete.lengthBytes).toBe(0);
  });

  it('breaks nothing while the metadata is not there', () => {
    const peer = setUp({ hasNoDuties: true });
    peer.hear(
      ...[message(0), message(1), message(2), message(3), message(4, [2 ** 32 - 1])],
      ...[bitfield(2 ** 20), message(6, [1, 2, 3]), block(1, 2, 3), message(8, [1, 2, 3])],
      ...[message(9, [], bytes(2, 1)), message(13, [1]), message(14), message(15)],
      ...[message(16, [1, 2, 3]), message(17, [2 ** 32 - 1]), extended(0, 'de'), keepAlive],
    );
    expect(peer.hungUp).toBe(0);
    expect(peer.calls.map(([name]) => name)).toEqual([
      ...['wire choke', 'wire unchoke', 'wire interested', 'wire uninterested', 'wire port'],
    ]);
    peer.hear(bitfield(2 ** 20 + 1));
    expect(peer.hungUp).toBe(1);
  });

  it('is copied for extensions, which may keep it', () => {
    const peer = setUp();
    const kept: Uint8Array[] = [];
    peer.wire.on('extended', (name: string, payload: Uint8Array) => {
      if (name !== 'handshake') kept.push(payload);
    });
    peer.hear(extended(9, 'first'), extended(9, 'second'));
    // In parts, which are gathered.
    const long = extended(9, Buffer.alloc(1_000, 'x'));
    peer.hear(long.subarray(0, 500));
    peer.hear(long.subarray(500), extended(9, Buffer.alloc(1_000, 'y')));
    expect(kept.map((payload) => Buffer.from(payload).toString())).toEqual([
      ...['first', 'second', 'x'.repeat(1_000), 'y'.repeat(1_000)],
    ]);
  });
});

describe('hung up on, once, and heard no more, is who sends', () => {
  it.each<[string, Uint8Array, Options?]>([
    ['have of a piece that does not exist', message(4, [20])],
    ['allowed-fast of a piece that does not exist', message(17, [20])],
    ['a bitfield too short', bitfield(2)],
    ['a bitfield too long', bitfield(4)],
    ['a bitfield of nothing', message(5)],
    ['choke of some length', message(0, [], bytes(1))],
    ['a cancel too short', message(8, [1, 2])],
    ['a cancel too long', message(8, [1, 2, 3, 4])],
    ['a port of one byte', message(9, [], bytes(1))],
    ['a reject too short', message(16, [1, 2])],
    ['an extension message without a number', message(20)],
    ['32 KiB of what nobody knows', message(99, [], bytes(32 * KiB + 1))],
    ['a handshake of extensions of more than 16 KiB', extended(0, bytes(16 * KiB + 1))],
    ['suggest without the fast extension', message(13, [1]), { hasFast: false }],
    ['have all without the fast extension', message(14), { hasFast: false }],
    ['have none without the fast extension', message(15), { hasFast: false }],
    ['reject without the fast extension', message(16, [1, 2, 3]), { hasFast: false }],
    ['allowed-fast without the fast extension', message(17, [1]), { hasFast: false }],
  ])('%s', (_, said, options = {}) => {
    const peer = setUp(options);
    peer.hear(said, message(4, [0]));
    expect(peer.hungUp).toBe(1);
    expect(peer.heard).toEqual([]);
  });

  it('peer exchange of more than 16 KiB, but not as much of another extension', () => {
    const peer = setUp();
    Object.assign(peer.wire.extendedMapping, { 1: 'ut_metadata', 2: 'ut_pex' });
    peer.hear(extended(2, bytes(16 * KiB)), extended(1, bytes(16 * KiB + 100)));
    expect(peer.hungUp).toBe(0);
    peer.hear(extended(2, bytes(16 * KiB + 1)));
    expect(peer.hungUp).toBe(1);
  });

  it('names of more than a hundred extensions, however many at a time', () => {
    const naming = (from: number, count: number) => {
      const names = Array.from(
        { length: count },
        (_, nth) => `4:e${`00${from + nth}`.slice(-3)}i1e`,
      );
      return extended(0, `d1:md${names.join('')}ee`);
    };
    const peer = setUp();
    peer.hear(naming(0, 60), naming(60, 40));
    expect(peer.heard).toEqual([['extendedHandshakeReceived'], ['extendedHandshakeReceived']]);
    expect(peer.hungUp).toBe(0);
    peer.hear(naming(100, 1));
    expect(peer.hungUp).toBe(1);
    expect(peer.heard).toHaveLength(2);
  });

  it('more than 16 MiB that nobody asked for', () => {
    const peer = setUp({ isAsked: () => false });
    for (let nth = 0; nth < 16 * 64; nth++) peer.hear(block(0, 0, 16 * KiB));
    expect(peer.hungUp).toBe(0);
    peer.hear(block(0, 0, 1));
    expect(peer.hungUp).toBe(1);
    expect(peer.wire.downloaded).toBe(0);
  });

  it('more than 16 MiB while there is no metadata', () => {
    const peer = setUp({ hasNoDuties: true });
    for (let nth = 0; nth < 16 * 64; nth++) peer.hear(block(0, 0, 16 * KiB));
    expect(peer.hungUp).toBe(0);
    peer.hear(block(0, 0, 1));
    expect(peer.hungUp).toBe(1);
  });

  it('more than 16 MiB and a quarter of what was asked for', () => {
    let nth = 0;
    let isAsked = true;
    const peer = setUp({ isAsked: () => isAsked });
    for (; nth < 32 * 64; nth++) peer.hear(block(0, 0, 16 * KiB));
    expect(peer.wire.downloaded).toBe(32 * MiB);
    isAsked = false;
    for (nth = 0; nth < 24 * 64; nth++) peer.hear(block(0, 0, 16 * KiB));
    expect(peer.hungUp).toBe(0);
    peer.hear(block(0, 0, 1));
    expect(peer.hungUp).toBe(1);
  });
});
