import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { atTheEnd, engine, sample, seed } from './engine-setup.js';

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
