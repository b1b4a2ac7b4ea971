// Connections over loopback: the handshake, plain and encrypted, with the library's own peers at the other end; what is
// sent and what is heard; and how they end.
import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, connect as dial, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import type Wire from 'bittorrent-protocol';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Torrent } from 'webtorrent';
import Peer from 'webtorrent/lib/peer.js';
import { createDataPath } from '../../../../../src/engine/data-path/create-data-path.js';
import { Connection, connectToPeer } from '../../../../../src/engine/data-path/wire/connection.js';
import type { PeerMessageListener } from '../../../../../src/engine/data-path/wire/received-messages.js';
import { message } from '../../../../support/peers/wire-messages.js';

const KiB = 1024;
const MiB = 1024 * KiB;
const infoHash = createHash('sha1').update('a torrent').digest('hex');
const infoHashHash = createHash('sha1')
  .update('req2')
  .update(Buffer.from(infoHash, 'hex'))
  .digest('hex');
const plainHandshake = Buffer.concat([
  Buffer.from('\x13BitTorrent protocol\0\0\0\0\0\x10\0\x05', 'latin1'),
  Buffer.from(infoHash, 'hex'),
  Buffer.from('-XX0000-0123456789ab'),
]);
const handshakeBytes = plainHandshake.length;

/** What moves the bytes of a socket: ours, or for lack of one the library's own. */
const memories = new WeakMap<Socket, Uint8Array>();
const connections = new WeakMap<Socket, Connection>();
const { setThrottlePipes } = Peer.prototype;
Peer.prototype.setThrottlePipes = function () {
  const { conn, wire } = this;
  const memory = conn === null ? undefined : memories.get(conn);
  if (conn === null || wire === null || memory === undefined) setThrottlePipes.call(this);
  else connections.set(conn, new Connection(this, conn, wire, { ...createDataPath({}), memory }));
};

const atTheEnd: (() => void)[] = [];
afterEach(() => {
  for (const action of atTheEnd.splice(0)) action();
});
afterAll(() => {
  Peer.prototype.setThrottlePipes = setThrottlePipes;
});

/** As much of one as a peer looks at. */
function torrentFor(onWire: (wire: Wire) => void): Torrent {
  const torrent = Object.assign(new EventEmitter(), {
    infoHash,
    infoHashHash,
    destroyed: false,
    private: false,
    wires: [],
    peerId: randomBytes(20).toString('hex'),
    client: { peerId: randomBytes(20).toString('hex'), dht: undefined },
    _onWire: onWire,
    removePeer() {},
  });
  return torrent as unknown as Torrent;
}

interface Side {
  readonly peer: Peer;
  readonly wire: Wire;
  readonly socket: Socket;
  /** Whatever the system has read, as it went over the line; not of a socket of ours that dialled. */
  readonly raw: Buffer[];
}

const throttle = { throttle: () => new PassThrough() };
const throttleGroups = { down: throttle, up: throttle };

interface SideOptions {
  readonly secure?: 0 | 1 | 2;
  readonly onWire?: (wire: Wire) => void;
}

function sideOf(peer: Peer, socket: Socket): Side {
  const { wire } = peer;
  if (wire === null) throw new Error('no wire');
  const raw: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => raw.push(Buffer.from(chunk)));
  socket.on('error', () => {});
  atTheEnd.push(() => peer.destroy());
  return { peer, wire, socket, raw };
}

function incoming(socket: Socket, { secure = 0, onWire = () => {} }: SideOptions): Side {
  const peer = Peer.createTCPIncomingPeer(socket, throttleGroups, secure);
  const side = sideOf(peer, socket);
  const torrent = torrentFor(onWire);
  side.wire.once('crypto-infohash', (hidden: string) => {
    if (hidden !== infoHashHash) return peer.destroy();
    peer.swarm = torrent;
    side.wire.setInfoHash(infoHash);
  });
  side.wire.once('handshake', (named: string, peerId: string) => {
    if (peer.swarm !== null) return;
    peer.swarm = torrent;
    peer.onHandshake(named, peerId);
  });
  return side;
}

async function outgoing(socket: Socket, options: SideOptions): Promise<Side> {
  const { secure = 0, onWire = () => {} } = options;
  const torrent = torrentFor(onWire);
  const peer = Peer.createTCPOutgoingPeer('127.0.0.1:1', torrent, throttleGroups, 'test', secure);
  peer.conn = socket;
  if (socket.connecting) await once(socket, 'connect');
  peer.onConnect();
  return sideOf(peer, socket);
}

/** Two ends of a new connection over loopback. `connectWith`: how the one that dials does. */
async function socketPair(
  connectWith: (port: number) => Socket = (port) => dial(port, '127.0.0.1'),
): Promise<readonly [dialled: Socket, accepted: Socket]> {
  const server = createServer({ noDelay: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const dialled = connectWith(address.port);
  dialled.on('error', () => {});
  const [accepted]: Socket[] = await once(server, 'connection');
  if (accepted === undefined) throw new Error('nobody came');
  accepted.on('error', () => {});
  server.close();
  atTheEnd.push(() => {
    dialled.destroy();
    accepted.destroy();
  });
  return [dialled, accepted];
}

type Call = readonly [name: string, ...values: readonly (number | string)[]];

/** Duties that write down what they hear. Blocks go to the begin of `memory`. */
class Listener extends EventEmitter implements PeerMessageListener {
  readonly calls: Call[] = [];
  readonly pieceCount = 100;
  readonly blocksPerPiece = 1;
  readonly wantsNothing = false;
  #lengthBytes = 0;

  constructor(readonly memory: Uint8Array) {
    super();
  }

  #tell(...call: Call): void {
    this.calls.push(call);
    this.emit('call');
  }

  blockBegan(_: number, __: number, lengthBytes: number): number {
    this.#lengthBytes = lengthBytes;
    return 0;
  }
  blockEnded() {
    const block = this.memory.subarray(0, this.#lengthBytes);
    this.#tell('block', createHash('sha1').update(block).digest('hex'));
  }
  readEnded() {}
  requested(...numbers: [number, number, number]) {
    this.#tell('requested', ...numbers);
  }
  cancelled() {}
  rejected() {}
  has(index: number) {
    this.#tell('has', index);
  }
  hasNot() {}
  hasBitfield(bits: Uint8Array) {
    this.#tell('hasBitfield', Buffer.from(bits).toString('hex'));
  }
  hasAll() {
    this.#tell('hasAll');
  }
  hasNone() {}
  choked() {}
  unchoked() {
    this.#tell('unchoked');
  }
  interested() {
    this.#tell('interested');
  }
  uninterested() {}
  allowedFast() {}
  extendedHandshakeReceived() {
    this.#tell('extendedHandshakeReceived');
  }
  threw(thrown: unknown) {
    this.#tell('threw', String(thrown));
  }

  async heard(count: number): Promise<readonly Call[]> {
    while (this.calls.length < count) await once(this, 'call');
    return this.calls;
  }
}

interface Ours extends Side {
  readonly connection: Connection;
  readonly listener: Listener;
}

/** Our end over `socket`; what is heard is written down. */
async function ours(
  socket: Socket,
  options: { readonly isOutgoing: boolean; readonly secure?: 0 | 1 | 2 },
): Promise<Ours> {
  const memory = new Uint8Array(new SharedArrayBuffer(128 * KiB));
  memories.set(socket, memory);
  const listener = new Listener(memory);
  const assign = () => connections.get(socket)?.assign(infoHash, listener);
  const side = options.isOutgoing
    ? await outgoing(socket, { ...options, onWire: assign })
    : incoming(socket, { ...options, onWire: assign });
  const connection = connections.get(socket);
  if (connection === undefined) throw new Error('no connection');
  return { ...side, connection, listener };
}

/** Our end, and a socket at the other that has shaken hands in plaintext, and reads what we say. */
async function oursAndSocket() {
  const [socket, accepted] = await socketPair();
  const us = await ours(accepted, { isOutgoing: false });
  let said = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    said = Buffer.concat([said, chunk]);
  });
  socket.write(plainHandshake);
  await once(us.wire, 'handshake');
  const isEnded = new Promise<void>((resolve) => socket.once('end', resolve));
  return {
    us,
    socket,
    isEnded,
    /** What we have said after our handshake and that of extensions. */
    async said(lengthBytes: number) {
      const behind = () => {
        const headBytes = handshakeBytes;
        if (said.length < headBytes + 4) return Buffer.alloc(0);
        return said.subarray(headBytes + 4 + said.readUInt32BE(headBytes));
      };
      while (behind().length < lengthBytes && socket.readable) {
        await Promise.race([once(socket, 'data'), isEnded]);
      }
      return behind();
    },
  };
}

/** Nothing more will come of what was done before. */
async function quiet(): Promise<void> {
  for (let nth = 0; nth < 20; nth++) await new Promise((resolve) => setImmediate(resolve));
}

describe('a handshake', () => {
  it.each([
    ['ours dials', 'in plaintext', true, 0, 0],
    ['ours is dialled', 'in plaintext', false, 0, 0],
    ['ours dials', 'encrypted', true, 1, 2],
    ['ours is dialled', 'encrypted', false, 1, 2],
    ['ours dials and insists', 'encrypted', true, 2, 1],
    ['ours is dialled and insists', 'encrypted', false, 2, 1],
    ['ours dials, and both take both', 'in plaintext in the end', true, 1, 1],
    ['ours is dialled, and both take both', 'in plaintext in the end', false, 1, 1],
    ['ours is dialled and takes both', 'in plaintext', false, 1, 0],
  ] as const)(
    'is exchanged with the library: %s, %s',
    async (_, how, isOutgoing, ourSecure, theirSecure) => {
      const [dialled, accepted] = await socketPair(
        isOutgoing ? (port) => connectToPeer({ port, host: '127.0.0.1' }) : undefined,
      );
      const [ourSocket, theirSocket] = isOutgoing ? [dialled, accepted] : [accepted, dialled];
      const theirs = isOutgoing ? incoming(theirSocket, { secure: theirSecure }) : undefined;
      const us = await ours(ourSocket, { isOutgoing, secure: ourSecure });
      const them = theirs ?? (await outgoing(theirSocket, { secure: theirSecure }));
      await Promise.all([once(us.wire, 'extended'), once(them.wire, 'extended')]);
      expect(us.wire.peerId).not.toBe(null);

      // From them to us.
      const block = randomBytes(16 * KiB);
      them.wire.unchoke();
      them.wire.interested();
      them.wire.bitfield(Buffer.alloc(13, 0xf0));
      const { piece, have } = them.wire as unknown as {
        have(index: number): void;
        piece(index: number, offset: number, bytes: Uint8Array): void;
      };
      have.call(them.wire, 7);
      piece.call(them.wire, 0, 0, block);
      have.call(them.wire, 8);
      expect(await us.listener.heard(7)).toEqual([
        ['extendedHandshakeReceived'],
        ...[['unchoked'], ['interested'], ['hasBitfield', 'f0'.repeat(13)], ['has', 7]],
        ...[
          ['block', createHash('sha1').update(block).digest('hex')],
          ['has', 8],
        ],
      ]);

      // From us to them: what the library says, and what we say past it.
      const pieces = once(them.wire, 'piece');
      const asked = once(them.wire, 'request');
      us.wire.unchoke();
      us.connection.send(message(6, [1, 2, 3]));
      us.wire.interested();
      us.connection.send(message(7, [5, 16 * KiB]));
      expect(await asked).toEqual([1, 2, 3, expect.anything()]);
      us.connection.send(Buffer.alloc(0));
      const [index, offset] = await pieces;
      expect([index, offset]).toEqual([5, 16 * KiB]);
      expect([them.wire.peerChoking, them.wire.peerInterested]).toEqual([false, true]);

      const line = Buffer.concat(them.raw);
      expect(line.includes('BitTorrent protocol')).toBe(how !== 'encrypted');
      expect(us.connection.isClosed).toBe(false);
    },
  );

  it('may come byte by byte, and what comes in one breath with it is heard', async () => {
    const [socket, accepted] = await socketPair();
    const us = await ours(accepted, { isOutgoing: false });
    const said = Buffer.concat([plainHandshake, message(14), message(2), message(4, [3])]);
    for (const byte of said) us.connection.take(Buffer.of(byte), 1);
    expect(us.listener.calls).toEqual([['hasAll'], ['interested'], ['has', 3]]);
    expect(socket.destroyed).toBe(false);
  });

  it('may come in any two parts, with what is behind it', async () => {
    const said = Buffer.concat([plainHandshake, message(14), message(2), message(4, [3])]);
    for (let at = 1; at < said.length; at += 5) {
      const [, accepted] = await socketPair();
      const us = await ours(accepted, { isOutgoing: false });
      const reused = Buffer.alloc(200);
      for (const part of [said.subarray(0, at), said.subarray(at)]) {
        part.copy(reused);
        us.connection.take(reused, part.length);
        reused.fill(0x77);
      }
      expect(us.listener.calls).toEqual([['hasAll'], ['interested'], ['has', 3]]);
      us.connection.close();
    }
  });

  it.each([
    ['is none', Buffer.alloc(100, 0x41), 0],
    ['is none, where it may be encrypted', Buffer.alloc(2_000, 0x41), 1],
    ['is of another protocol', Buffer.from('\x13BitTorrent procotol'.padEnd(68, 'x')), 0],
  ] as const)('that %s ends the connection', async (_, bytes, secure) => {
    const [socket, accepted] = await socketPair();
    const us = await ours(accepted, { isOutgoing: false, secure });
    const isOver = once(socket, 'close');
    socket.resume();
    for (const half of [bytes.subarray(0, 34), bytes.subarray(34)]) {
      socket.write(half);
      await new Promise((resolve) => setImmediate(resolve));
    }
    // The library looks at what it waits for when something comes.
    socket.write(bytes);
    await isOver;
    expect(us.connection.isClosed).toBe(true);
    expect(us.listener.calls).toEqual([]);
  });
});

describe('what is said', () => {
  it('in one turn goes out in one write, in order', async () => {
    const { us, said } = await oursAndSocket();
    await said(0);
    await quiet();
    let writes = 0;
    const { _write, _writev } = us.socket;
    us.socket._write = (...args) => {
      writes += 1;
      _write.apply(us.socket, args);
    };
    us.socket._writev = (...args) => {
      writes += 1;
      _writev?.apply(us.socket, args);
    };
    us.connection.send(message(4, [1]));
    us.wire.unchoke();
    us.connection.send(message(4, [2]));
    us.wire.interested();
    expect(writes).toBe(0);
    expect(us.connection.unsentBytes).toBe(9 + 5 + 9 + 5);
    const expected = Buffer.concat([message(4, [1]), message(1), message(4, [2]), message(2)]);
    expect(await said(28)).toEqual(expected);
    expect(writes).toBe(1);
    us.connection.send(message(3));
    expect(await said(33)).toEqual(Buffer.concat([expected, message(3)]));
    expect(writes).toBe(2);
    expect(us.connection.unsentBytes).toBe(0);
  });

  it('before it closes goes out', async () => {
    const { us, said, isEnded } = await oursAndSocket();
    us.connection.send(message(4, [1]));
    us.connection.close();
    await isEnded;
    expect(Buffer.from(await said(9)).includes(Buffer.from(message(4, [1])))).toBe(true);
  });

  it('after it has closed goes nowhere', async () => {
    const { us, said, isEnded } = await oursAndSocket();
    us.connection.close();
    await isEnded;
    us.connection.send(message(4, [1]));
    us.wire.unchoke();
    expect(us.connection.unsentBytes).toBe(0);
    expect(Buffer.from(await said(1)).includes(Buffer.from(message(4, [1])))).toBe(false);
  });

  it('to a peer that reads nothing waits up to 8 MiB; then the connection ends, but not as for garbage', async () => {
    const [socket, accepted] = await socketPair();
    socket.pause();
    const us = await ours(accepted, { isOutgoing: false });
    let garbage = 0;
    us.wire.on('garbage', () => {
      garbage += 1;
    });
    socket.write(plainHandshake);
    await once(us.wire, 'handshake');
    const block = Buffer.alloc(64 * KiB);
    let most = 0;
    for (let nth = 0; nth < 10_000 && !us.connection.isClosed; nth++) {
      us.connection.send(block);
      most = Math.max(most, us.connection.unsentBytes);
      if (nth % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(us.connection.isClosed).toBe(true);
    expect(most).toBeGreaterThan(7 * MiB);
    expect(most).toBeLessThanOrEqual(8 * MiB);
    expect(garbage).toBe(0);
    await quiet();
    expect(us.socket.destroyed).toBe(true);
  });

  it('is told of when it has gone out', async () => {
    const { us, socket } = await oursAndSocket();
    socket.pause();
    let drained = 0;
    us.connection.onDrain(() => {
      drained += 1;
    });
    const block = Buffer.alloc(64 * KiB);
    while (us.connection.unsentBytes < 1 * MiB) {
      us.connection.send(block);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(drained).toBe(0);
    const isDrained = once(us.socket, 'drain');
    socket.resume();
    await isDrained;
    expect(drained).toBe(1);
    expect(us.connection.unsentBytes).toBe(0);
  });

  it('is told of, each once and in order, when its memory is free', async () => {
    const { us, socket } = await oursAndSocket();
    const { connection } = us;
    socket.pause();
    const block = Buffer.alloc(64 * KiB);
    const gone: number[] = [];
    let said = 0;
    while (connection.unsentBytes < MiB) {
      const nth = said++;
      connection.sendAll([block, block], 2 * block.length);
      connection.onFlushed(() => void gone.push(nth));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const goneAtFirst = gone.length;
    expect(goneAtFirst).toBeLessThan(said);
    const isDrained = once(us.socket, 'drain');
    socket.resume();
    await isDrained;
    await quiet();
    expect(gone).toEqual(Array.from({ length: said }, (_, nth) => nth));
  });

  it.each<[string, (us: Ours, socket: Socket) => void]>([
    ['closes', ({ connection }) => connection.close()],
    ['is hung up', ({ connection }) => connection.hangUp()],
    ['breaks', (_, socket) => socket.resetAndDestroy()],
    ['fails', ({ socket }) => socket.destroy(new Error('broken'))],
  ])('is told of once, too, if the connection %s before it is out', async (_, end) => {
    const { us, socket } = await oursAndSocket();
    const { connection } = us;
    socket.pause();
    const gone: number[] = [];
    const say = (nth: number) => {
      connection.sendAll([Buffer.alloc(2 * MiB)], 2 * MiB);
      connection.onFlushed(() => void gone.push(nth));
    };
    for (const nth of [0, 1, 2]) {
      say(nth);
      await new Promise((resolve) => setImmediate(resolve));
    }
    say(3);
    const isClosed = new Promise((resolve) => us.socket.once('close', resolve));
    end(us, socket);
    say(4);
    await isClosed;
    say(5);
    await quiet();
    expect(gone.sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('in many parts is left as it is, even if it goes out encrypted', async () => {
    const [dialled, accepted] = await socketPair();
    const us = await ours(accepted, { isOutgoing: false, secure: 2 });
    const them = await outgoing(dialled, { secure: 1 });
    await Promise.all([once(us.wire, 'extended'), once(them.wire, 'extended')]);
    const said = [message(4, [1]), message(4, [2])];
    const copies = said.map((each) => Buffer.from(each));
    const haves: unknown[] = [];
    them.wire.on('have', (index) => haves.push(index));
    const isHeard = once(them.wire, 'have');
    us.connection.sendAll(said, 18);
    await isHeard;
    await quiet();
    expect([haves, said.map((each) => Buffer.from(each))]).toEqual([[1, 2], copies]);
  });
});

describe('a connection ends', () => {
  interface Endings {
    readonly us: Ours;
    readonly socket: Socket;
  }
  it.each<[string, (endings: Endings) => void, number]>([
    ['by garbage', ({ socket }) => socket.write(Buffer.alloc(100, 0xff)), 1],
    ['by a message cut short, and garbage', ({ socket }) => socket.write(message(4)), 1],
    ['by the other side', ({ socket }) => socket.end(), 0],
    ['by a reset', ({ socket }) => socket.resetAndDestroy(), 0],
    ['by us', ({ us }) => us.connection.close(), 0],
    ['by us, twice', ({ us }) => [us.connection.close(), us.connection.close()], 0],
    ['by us hanging up', ({ us }) => [us.connection.hangUp(), us.connection.hangUp()], 1],
    ['by the library, through the wire', ({ us }) => us.wire.destroy(), 0],
    ['by the library, through the peer', ({ us }) => us.peer.destroy(), 0],
  ])('once, %s', async (_, end, garbageExpected) => {
    const { us, socket } = await oursAndSocket();
    const told = { garbage: 0, onClose: 0, wireClose: 0 };
    us.wire.on('garbage', () => {
      told.garbage += 1;
    });
    us.wire.on('close', () => {
      told.wireClose += 1;
    });
    us.connection.onClose(() => {
      told.onClose += 1;
      // As whoever is told may do.
      us.connection.close();
      us.connection.send(message(3));
    });
    const isClosed = new Promise((resolve) => us.socket.once('close', resolve));
    end({ us, socket });
    await isClosed;
    await quiet();
    expect(told).toEqual({ garbage: garbageExpected, onClose: 1, wireClose: 1 });
    expect(us.peer.destroyed).toBe(true);
    expect(us.connection.isClosed).toBe(true);
    expect(us.connection.unsentBytes).toBe(0);
    us.connection.take(message(4, [1]), 9);
    expect(us.listener.calls.filter(([name]) => name === 'has')).toEqual([]);
    let late = 0;
    us.connection.onClose(() => {
      late += 1;
    });
    expect(late).toBe(1);
  });

  it('by garbage behind a message: that is heard, what follows is not', async () => {
    const { us, socket } = await oursAndSocket();
    const isClosed = once(us.socket, 'close');
    socket.write(Buffer.concat([message(4, [1]), message(4, [100]), message(4, [2])]));
    await isClosed;
    expect(us.listener.calls).toEqual([['has', 1]]);
  });

  it('by an extension message that the library throws at, as for garbage', async () => {
    const { us, socket } = await oursAndSocket();
    let garbage = 0;
    us.wire.on('garbage', () => {
      garbage += 1;
    });
    us.wire.on('extended', () => {
      throw new Error('no sense');
    });
    const isClosed = once(us.socket, 'close');
    socket.write(message(20, [], Buffer.from('\0de')));
    await isClosed;
    expect(garbage).toBe(1);
  });

  it('by a mistake of ours, which is told, and is no garbage of the peer', async () => {
    const { us, socket } = await oursAndSocket();
    let garbage = 0;
    us.wire.on('garbage', () => {
      garbage += 1;
    });
    us.listener.has = () => {
      throw new Error('a mistake');
    };
    const isClosed = once(us.socket, 'close');
    socket.write(message(4, [1]));
    await isClosed;
    expect(us.listener.calls).toEqual([['threw', 'Error: a mistake']]);
    expect(garbage).toBe(0);
  });

  it('in the middle of a block, and leaves nothing in the way of others that read into the same buffer', async () => {
    const open = async () => {
      const [dialled, accepted] = await socketPair((port) =>
        connectToPeer({ port, host: '127.0.0.1' }),
      );
      const us = await ours(dialled, { isOutgoing: true });
      accepted.resume();
      accepted.write(plainHandshake);
      await once(us.wire, 'handshake');
      return { us, accepted };
    };
    const [quitter, other] = [await open(), await open()];
    const block = randomBytes(16 * KiB);
    quitter.accepted.write(message(7, [0, 0], block.subarray(0, 8 * KiB)).subarray(0, 4 * KiB));
    other.accepted.write(message(7, [0, 0], block));
    expect(await other.us.listener.heard(1)).toEqual([
      ['block', createHash('sha1').update(block).digest('hex')],
    ]);
    quitter.accepted.destroy();
    await once(quitter.us.socket, 'close');
    expect(quitter.us.listener.calls).toEqual([]);
    other.accepted.write(message(4, [9]));
    expect(await other.us.listener.heard(2)).toContainEqual(['has', 9]);
  });
});
