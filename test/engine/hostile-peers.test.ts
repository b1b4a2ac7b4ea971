import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { download, engine, sample, seed } from './engine-setup.js';
import { expectContent, type Sample } from './sample-torrent.js';

function dial({ peerPort }: Engine): Socket {
  return connect(peerPort, '127.0.0.1').on('error', () => {});
}

function handshake(infoHash: string): Buffer {
  const reserved = Buffer.from('0000000000100005', 'hex');
  const start = Buffer.from('\x13BitTorrent protocol', 'latin1');
  return Buffer.concat([start, reserved, Buffer.from(infoHash, 'hex'), randomBytes(20)]);
}

function message(id: number, payload: Uint8Array | string): Buffer {
  const body = Buffer.concat([Buffer.from([id]), Buffer.from(payload)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** A message of an extension; 0 is the handshake of extensions (BEP 10), 1 ours of ut_metadata. */
function extended(id: number, payload: string): Buffer {
  return message(20, Buffer.concat([Buffer.from([id]), Buffer.from(payload, 'latin1')]));
}

const hello = extended(0, 'd1:md11:ut_metadatai7eee');
const numbers = (...values: number[]) => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
};

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
