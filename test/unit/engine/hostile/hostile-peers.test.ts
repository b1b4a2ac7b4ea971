import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Engine } from '../../../../src/engine/engine.js';
import { download, engine, sample, seed } from '../../../support/engine/engine-setup.js';
import { extended, handshake, message, numbers } from '../../../support/peers/wire-messages.js';
import { expectContent, type Sample } from '../../../support/torrents/sample-on-disk.js';

function dial({ peerPort }: Engine): Socket {
  return connect(peerPort, '127.0.0.1').on('error', () => {});
}

const hello = extended(0, 'd1:md11:ut_metadatai7eee');
async function expectTransfer(from: Engine, content: Sample): Promise<void> {
  const got = await download(await engine(), content, [from]);
  await got.until('swarm.completed');
  await expectContent(content, got.contentPath);
}

const withoutHandshake: [string, Buffer][] = [
  ['96 zero bytes', Buffer.alloc(96)],
  ['96 bytes of 0xff', Buffer.alloc(96, 0xff)],
  ['random bytes', randomBytes(4096)],
  ['a web request', Buffer.from('GET / HTTP/1.1\r\nHost: here\r\n\r\n')],
  ['an unknown info hash', handshake('f'.repeat(40))],
];

const afterHandshake: [string, Buffer][] = [
  ['a length of 4 GiB', Buffer.from('ffffffff14', 'hex')],
  ['a length of 2 GiB', Buffer.from('7fffffff14', 'hex')],
  ['a piece that does not exist', message(4, numbers(0x7fffffff))],
  ['a bitfield of another size', message(5, Buffer.alloc(5000, 255))],
  ['a broken extension handshake', extended(0, 'd1:mi5ee')],
  ['a negative metadata size', extended(0, 'd1:md11:ut_metadatai7ee13:metadata_sizei-5ee')],
  ['metadata that is no dictionary', Buffer.concat([hello, extended(1, 'i5e')])],
  [
    'metadata nobody asked for',
    Buffer.concat([hello, extended(1, 'd8:msg_typei1e5:piecei99eexxx')]),
  ],
  ['a request for metadata far away', extended(1, 'd8:msg_typei0e5:piecei999999999ee')],
  ['a metadata piece that is no number', extended(1, 'd8:msg_typei0e5:piece3:abcee')],
  ['a request beyond the end', Buffer.concat([message(2, ''), message(6, numbers(0, 1e9, 16384))])],
  ['a request for a piece that does not exist', message(6, numbers(0xffffffff, 0, 16384))],
  ['a block nobody asked for', message(7, Buffer.concat([numbers(0, 0), randomBytes(100)]))],
  ['a request of no bytes', message(6, numbers(0, 0, 0))],
  ['a request of a gigabyte', message(6, numbers(0, 0, 2 ** 30))],
  ['a request across the end of a piece', message(6, numbers(0, 32_000, 16_384))],
  ['a deep extension handshake', extended(0, `d1:m${'l'.repeat(500_000)}`)],
  ['extensions that go by the names of methods', extended(0, 'd1:md8:toStringd8:toString0:eee')],
  ['a bitfield after haves', Buffer.concat([message(4, numbers(1)), message(5, Buffer.of(0, 0))])],
  ['haves over and over', Buffer.concat(Array(1000).fill(message(4, numbers(1))))],
  ['unknown messages', Buffer.concat(Array(1000).fill(message(99, 'what?')))],
  ['messages cut short', Buffer.concat([4, 5, 6, 7, 8, 9, 20, 21].map((id) => message(id, '')))],
];

describe('a seeding engine survives, and serves others after', () => {
  test.each(withoutHandshake)('%s', async (_, bytes) => {
    const content = await sample();
    const from = await engine();
    await seed(from, content).until('swarm.completed');
    const socket = dial(from);
    socket.write(bytes);
    await once(socket, 'connect');
    await expectTransfer(from, content);
    socket.destroy();
  });

  test.each(afterHandshake)('%s', async (_, bytes) => {
    const content = await sample();
    const from = await engine();
    await seed(from, content).until('swarm.completed');
    const socket = dial(from);
    socket.write(Buffer.concat([handshake(content.metainfo.infoHash), bytes]));
    await new Promise((resolve) => socket.once('data', resolve).once('close', resolve));
    await expectTransfer(from, content);
    socket.destroy();
  });
});

test('a downloading engine hangs up on a peer that announces an endless message', async () => {
  const content = await sample();
  const to = await engine();
  const got = await download(to, content, []);
  await got.until('swarm.checked');
  const socket = dial(to);
  socket.resume();
  socket.write(
    Buffer.concat([handshake(content.metainfo.infoHash), Buffer.from('7fffffff07', 'hex')]),
  );
  await once(socket, 'close');
  expect(got.events.some(({ type }) => type === 'swarm.failed')).toBe(false);
});

const repeated = (times: number, bytes: Buffer) => Buffer.concat(Array(times).fill(bytes));
const names = Array.from({ length: 1000 }, (_, index) => `4:x${`${index}`.padStart(3, '0')}i1e`);

const excesses: [string, (content: Sample) => Buffer][] = [
  ['names a thousand extensions', () => extended(0, `d1:md${names.join('')}ee`)],
  ['sends a long extension handshake', () => extended(0, `d1:v20000:${'v'.repeat(20_000)}e`)],
  [
    'asks for thousands of blocks at once',
    () => repeated(5_000, message(6, numbers(0, 0, 16_384))),
  ],
  ['asks for what cannot be', () => message(6, numbers(0, 0, 2 ** 20))],
  ['sends blocks nobody asked for without end', () => repeated(1_100, unaskedBlock)],
];
const unaskedBlock = message(7, Buffer.concat([numbers(0, 0), Buffer.alloc(16_384)]));
const fast = (infoHash: string) => {
  const bytes = handshake(infoHash);
  bytes.writeUInt8(4, 27);
  return bytes;
};

describe('a peer is hung up on that', () => {
  test.each(excesses)('%s', async (_, excess) => {
    const content = await sample();
    const from = await engine();
    await seed(from, content).until('swarm.completed');
    const socket = dial(from);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const first = Buffer.concat([fast(content.metainfo.infoHash), message(2)]);
    socket.write(first);
    socket.once('data', () => socket.write(excess(content)));
    await closed;
    await expectTransfer(from, content);
  });

  test('asks for the metadata without end, and takes none of it', async () => {
    const content = await sample({ lengthBytes: 2 ** 20, pieceLengthBytes: 64 });
    const from = await engine();
    await seed(from, content).until('swarm.completed');
    const socket = dial(from);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(Buffer.concat([handshake(content.metainfo.infoHash), hello]));
    socket.write(repeated(4_000, extended(1, 'd8:msg_typei0e5:piecei0ee')));
    // It shows when it goes on.
    const goingOn = setInterval(() => socket.write(Buffer.alloc(4)), 50);
    await closed;
    clearInterval(goingOn);
  });

  test('asks without end for what is not there', async () => {
    const content = await sample();
    const to = await engine();
    await (await download(to, content, [])).until('swarm.checked');
    const socket = dial(to).resume();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(fast(content.metainfo.infoHash));
    socket.write(repeated(10_000, message(6, numbers(0, 0, 16_384))));
    await closed;
  });

  test('exchanges more peers than there can be', async () => {
    const content = await sample({ isPrivate: false });
    const to = await engine();
    await (await download(to, content, [])).until('swarm.checked');
    const socket = dial(to).resume();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const added = Buffer.alloc(6 * 5_000, 9).toString('latin1');
    socket.write(
      Buffer.concat([
        handshake(content.metainfo.infoHash),
        extended(0, 'd1:md6:ut_pexi2eee'),
        extended(2, `d5:added${added.length}:${added}e`),
      ]),
    );
    await closed;
  });

  test('exchanges peers without end', async () => {
    const content = await sample({ isPrivate: false });
    const to = await engine();
    await (await download(to, content, [])).until('swarm.checked');
    const socket = dial(to).resume();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const few = extended(2, 'd5:added6:\x7f\x00\x00\x01\x00\x09e');
    socket.write(
      Buffer.concat([
        handshake(content.metainfo.infoHash),
        extended(0, 'd1:md6:ut_pexi2eee'),
        repeated(10, few),
      ]),
    );
    await closed;
  });
});

test.each([
  ['a number', 'i5e'],
  ['a dictionary of numbers', 'd5:addedi5e6:added6i5e7:droppedi5ee'],
  ['cut addresses', 'd5:added5:abcde6:added63:abce'],
  ['nothing', ''],
])('peer exchange that is %s does no harm', async (_, payload) => {
  const content = await sample({ isPrivate: false });
  const to = await engine();
  const got = await download(to, content, []);
  await got.until('swarm.checked');
  const socket = dial(to);
  socket.write(
    Buffer.concat([
      handshake(content.metainfo.infoHash),
      extended(0, 'd1:md6:ut_pexi2eee'),
      extended(2, payload),
    ]),
  );
  await new Promise((resolve) => socket.once('data', resolve).once('close', resolve));
  const from = await engine();
  seed(from, content, { peers: [`127.0.0.1:${to.peerPort}`] });
  await got.until('swarm.completed');
  socket.destroy();
});

test('what comes byte by byte is read as any other', async () => {
  const content = await sample();
  const from = await engine();
  await seed(from, content).until('swarm.completed');
  const socket = dial(from).setNoDelay(true);
  await once(socket, 'connect');
  let received = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
  });
  const sayByteByByte = async (bytes: Buffer) => {
    for (const byte of bytes) {
      await new Promise((resolve) => socket.write(Buffer.of(byte), resolve));
    }
  };
  await sayByteByByte(handshake(content.metainfo.infoHash));
  await expect.poll(() => received.length).toBeGreaterThan(68);
  await sayByteByByte(Buffer.concat([message(2), message(6, numbers(0, 0, 16_384))]));
  await expect.poll(() => received.includes(content.bytes.subarray(0, 16_384))).toBe(true);
  socket.destroy();
});

describe('of many connections at once', () => {
  test('those that name no torrent make room for those that do', async () => {
    const content = await sample();
    const from = await engine();
    await seed(from, content).until('swarm.completed');
    let open = 0;
    const sockets = Array.from({ length: 1000 }, () => {
      const socket = dial(from);
      socket.once('connect', () => {
        open += 1;
        socket.once('close', () => {
          open -= 1;
        });
      });
      return socket.resume();
    });
    await Promise.all(
      sockets.map((each) => new Promise((done) => each.once('connect', done).once('close', done))),
    );
    await expectTransfer(from, content);
    await expect.poll(() => open).toBeLessThanOrEqual(50);
    for (const socket of sockets) socket.destroy();
  });

  test('a hundred are let in to one torrent', async () => {
    const content = await sample();
    const from = await engine();
    await seed(from, content).until('swarm.completed');
    const handshaken = Array.from({ length: 130 }, async () => {
      const socket = dial(from);
      socket.write(handshake(content.metainfo.infoHash));
      await new Promise((done) => socket.once('data', done).once('close', done));
      return socket.resume();
    });
    const sockets = await Promise.all(handshaken);
    expect(sockets.filter((each) => !each.closed).length).toBeLessThanOrEqual(100);
    for (const socket of sockets) socket.destroy();
  });

  test('those that are closed at once, as by a port scan, are forgotten', async () => {
    const content = await sample();
    const from = await engine();
    await seed(from, content).until('swarm.completed');
    for (let round = 0; round < 20; round += 1) {
      const sockets = Array.from({ length: 50 }, () => dial(from));
      await Promise.all(
        sockets.map(async (socket, index) => {
          await new Promise((done) => socket.once('connect', done).once('close', done));
          if (index % 2 === 0) socket.destroy();
          else socket.resetAndDestroy();
        }),
      );
    }
    await expectTransfer(from, content);
  });
});

test.each([
  ['zeros', Buffer.alloc(2000)],
  ['a key of 0xff', Buffer.alloc(96, 0xff)],
  ['random bytes', randomBytes(4000)],
])('a peer that answers our encrypted handshake with %s does no harm', async (_, bytes) => {
  const content = await sample();
  let handshakes = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (first) => {
      handshakes += 1;
      // Plaintext is refused, so that encryption is tried.
      if (first.readUInt8(0) === 19) socket.destroy();
      else socket.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const to = await engine();
  const got = await download(to, content, [port]);
  await expect.poll(() => handshakes).toBe(2);
  const from = await engine();
  seed(from, content, { peers: [`127.0.0.1:${to.peerPort}`] });
  await got.until('swarm.completed');
  server.close();
});

test('a peer that asks for everything and takes nothing does not stop others', async () => {
  const content = await sample({ lengthBytes: 2 ** 21 });
  const from = await engine();
  await seed(from, content).until('swarm.completed');
  const socket = dial(from);
  const requests = Array.from({ length: 1500 }, (_, index) =>
    message(6, numbers(index % 64, 0, 32_768)),
  );
  const interested = message(2, '');
  socket.write(Buffer.concat([handshake(content.metainfo.infoHash), interested, ...requests]));
  await once(socket, 'readable');
  socket.pause();
  await expectTransfer(from, content);
  socket.destroy();
});

test('metadata that is not what was asked for is not taken, and an honest peer still answers', async () => {
  const content = await sample();
  const [from, to] = [await engine(), await engine()];
  const { infoHash } = content.metainfo;
  const notAborted = new AbortController().signal;
  const search = to.fetchMetadata({ infoHash, trackers: [], peers: [] }, notAborted, () => {});
  // The search takes connections a moment after it was asked for: a liar dials until one is taken.
  for (let isTaken = false; !isTaken; ) {
    const liar = dial(to);
    liar.write(
      Buffer.concat([
        handshake(infoHash),
        extended(0, 'd1:md11:ut_metadatai7ee13:metadata_sizei10ee'),
      ]),
    );
    isTaken = await new Promise<boolean>((resolve) => {
      liar.once('data', () => resolve(true)).once('close', () => resolve(false));
    });
    liar.write(extended(1, 'd8:msg_typei1e5:piecei0e10:total_sizei10eeabcdefghij'));
    liar.resume();
    if (isTaken) await once(liar, 'close');
  }
  seed(from, content, { peers: [`127.0.0.1:${to.peerPort}`] });
  expect(Buffer.from((await search).info).equals(content.metainfo.info)).toBe(true);
});
