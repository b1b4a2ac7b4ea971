// Peers that are strangers though they are on this machine: only 127.0.0.1 counts as loopback here, so that others of
// 127.0.0.0/8 may be banned.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import type { Engine } from '../../../../src/engine/engine.js';
import { atTheEnd, download, engine, sample, seed } from '../../../support/engine/engine-setup.js';
import { dialAsSeeder } from '../../../support/peers/hostile-seeder.js';
import { blockOf, handshake } from '../../../support/peers/wire-messages.js';

vi.mock(import('../../../../src/net/ip-address.js'), async (original) => ({
  ...(await original()),
  isLoopback: (host: string) => host === '127.0.0.1',
}));

function dialFrom(localAddress: string, { peerPort }: Engine): Socket {
  const socket = connect({ port: peerPort, host: '127.0.0.1', localAddress });
  atTheEnd(async () => socket.destroy());
  return socket.on('error', () => {});
}

const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));

/** `host:port` of something that takes note of who connects, and says nothing. */
async function listenOn(host: string, onDialled: () => void): Promise<string> {
  const server = createServer((socket) => {
    onDialled();
    socket.on('error', () => {}).destroy();
  });
  server.listen(0, host);
  await once(server, 'listening');
  atTheEnd(async () => server.close());
  const address = server.address();
  return `${host}:${address !== null && typeof address === 'object' ? address.port : 0}`;
}

/** Whether a peer from there gets so far as to hear a handshake. */
async function isLetIn(localAddress: string, to: Engine, infoHash: string): Promise<boolean> {
  const socket = dialFrom(localAddress, to);
  socket.write(handshake(infoHash));
  return new Promise((resolve) => {
    socket.once('data', () => resolve(true)).once('close', () => resolve(false));
  });
}

test('a stranger that sends a bad piece is not let in again, others are', async () => {
  const content = await sample();
  const { infoHash } = content.metainfo;
  const to = await engine();
  const got = await download(to, content, []);
  await got.until('swarm.checked');
  const liar = dialAsSeeder(
    to.peerPort,
    content,
    (asked, good) => blockOf(asked, Buffer.alloc(good.length)),
    '127.0.0.9',
  );
  const bystander = dialFrom('127.0.0.9', to);
  bystander.write(handshake(infoHash));
  await Promise.all([closed(liar), closed(bystander.resume())]);
  expect(await isLetIn('127.0.0.9', to, infoHash)).toBe(false);
  expect(await isLetIn('127.0.0.8', to, infoHash)).toBe(true);
  const from = await engine();
  seed(from, content, { peers: [`127.0.0.1:${to.peerPort}`] });
  await got.until('swarm.completed');
});

test('a stranger that sends garbage is not let in after the third time', async () => {
  const content = await sample();
  const { infoHash } = content.metainfo;
  const to = await engine();
  await seed(to, content).until('swarm.completed');
  const lets: boolean[] = [];
  for (let times = 0; times < 4; times += 1) {
    lets.push(await isLetIn('127.0.0.9', to, infoHash));
    const socket = dialFrom('127.0.0.9', to).resume();
    socket.write(Buffer.concat([handshake(infoHash), Buffer.from('7fffffff14', 'hex')]));
    await closed(socket);
  }
  expect(lets).toEqual([true, true, true, false]);
});

test('who is banned is not dialled either', async () => {
  const content = await sample();
  const { infoHash } = content.metainfo;
  const to = await engine();
  const got = await download(to, content, []);
  await got.until('swarm.checked');
  for (let times = 0; times < 3; times += 1) {
    const socket = dialFrom('127.0.0.7', to).resume();
    socket.write(Buffer.concat([handshake(infoHash), Buffer.alloc(4, 0xff)]));
    await closed(socket);
  }
  await got.swarm.leave();
  const dialled: string[] = [];
  const strangers = await Promise.all(
    ['127.0.0.7', '127.0.0.8'].map((host) => listenOn(host, () => dialled.push(host))),
  );
  const { contentPath } = got;
  await download(to, content, [], { peers: strangers, contentPath });
  await expect.poll(() => dialled).toContain('127.0.0.8');
  expect(dialled).not.toContain('127.0.0.7');
});
