import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { atTheEnd, download, engine, sample, seed } from '../../../support/engine/engine-setup.js';
import { handshake, message } from '../../../support/peers/wire-messages.js';

const haveNone = Buffer.from('000000010f', 'hex');
const interested = Buffer.from('0000000102', 'hex');
const unchoke = Buffer.from('0000000101', 'hex');

test('a peer that is interested in one breath with its handshake is unchoked at once, not with the next round', async () => {
  const content = await sample();
  const from = await engine();
  await seed(from, content).until('swarm.completed');
  const socket = connect(from.peerPort, '127.0.0.1');
  atTheEnd(async () => socket.destroy());
  const handshake = Buffer.concat([
    Buffer.from('\x13BitTorrent protocol\0\0\0\0\0\x10\0\x05', 'latin1'),
    Buffer.from(content.metainfo.infoHash, 'hex'),
    Buffer.from('-XX0000-0123456789ab'),
  ]);
  socket.write(Buffer.concat([handshake, haveNone, interested]));
  const deadline = setTimeout(() => socket.destroy(), 5_000);
  let said = Buffer.alloc(0);
  for await (const chunk of socket) {
    said = Buffer.concat([said, chunk]);
    if (said.includes(unchoke)) break;
  }
  clearTimeout(deadline);
  expect(said.includes(unchoke)).toBe(true);
});

test('a peer that says all there is to say in one breath is told first what we have, and then the rest', async () => {
  const content = await sample();
  const to = await engine();
  const got = await download(to, content, []);
  await got.until('swarm.joined');
  const socket = connect(to.peerPort, '127.0.0.1');
  atTheEnd(async () => socket.destroy());
  const all = Buffer.alloc(Math.ceil(content.metainfo.pieceCount / 8), 0xff);
  const words = [message(5, all), message(2), message(1)];
  socket.write(Buffer.concat([handshake(content.metainfo.infoHash), ...words]));
  const ids: number[] = [];
  let said = Buffer.alloc(0);
  for await (const chunk of socket) {
    said = Buffer.concat([said, chunk]);
    ids.splice(0, ids.length, ...idsOf(said.subarray(68)));
    if (ids.includes(6)) break;
  }
  expect(ids.filter((id) => id !== 20).slice(0, 4)).toEqual([5, 1, 2, 6]);
});

function idsOf(bytes: Buffer): number[] {
  const ids: number[] = [];
  for (let at = 0; at + 4 < bytes.length; at += 4 + bytes.readUInt32BE(at)) {
    ids.push(bytes.readUInt8(at + 4));
  }
  return ids;
}
