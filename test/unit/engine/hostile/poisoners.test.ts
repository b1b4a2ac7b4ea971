// More poisoners than honest peers, over real sockets on loopback: all of them are found out, nobody else is, and the
// download completes.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { createDataPath } from '../../../../src/engine/data-path/create-data-path.js';
import {
  atTheEnd,
  download,
  engine,
  eventually,
  sample,
} from '../../../support/engine/engine-setup.js';
import { type Answer, dialAsSeeder, hostileSeeder } from '../../../support/peers/hostile-seeder.js';
import { blockOf, handshake } from '../../../support/peers/wire-messages.js';
import { expectContent } from '../../../support/torrents/sample-on-disk.js';

// Only this address is of this machine here, so that others of 127.0.0.0/8 may be banned.
vi.mock(import('../../../../src/net/ip-address.js'), async (original) => ({
  ...(await original()),
  isLoopback: (host: string) => host === '127.0.0.1',
}));

const MiB = 2 ** 20;
const blockBytes = 2 ** 14;
const honest: Answer = (asked, good) => blockOf(asked, good);
const lying: Answer = (asked, good) => blockOf(asked, Buffer.alloc(good.length, 1));

/** One block in `every` is bad. */
const spoiling =
  (every: number): Answer =>
  (asked, good) =>
    ((asked.offset / blockBytes) % every === 0 ? lying : honest)(asked, good);

const largeSample = () => sample({ lengthBytes: 8 * MiB, pieceLengthBytes: MiB });

describe('a download completes, and hangs up on nobody who is honest', () => {
  test.each([
    ['three who send nothing but bad blocks', 3, lying],
    ['three of whose blocks every fourth is bad', 3, spoiling(4)],
    ['three of whose blocks one in a piece is bad', 3, spoiling(64)],
    ['ten who send nothing but bad blocks', 10, lying],
    ['ten of whose blocks every fourth is bad', 10, spoiling(4)],
  ])('among %s', async (_, count, conduct) => {
    const content = await largeSample();
    const good = await hostileSeeder(content, honest);
    const poisoners = await Promise.all(
      Array.from({ length: count }, () => hostileSeeder(content, conduct)),
    );
    const dataPath = createDataPath({});
    const to = await engine({}, dataPath);
    const ports = [...poisoners, good].map(({ port }) => port);
    const got = await download(to, content, ports);
    await got.until('swarm.completed');
    await expectContent(content, got.contentPath);
    expect(good.connections).toBe(1);
    for (const { connections } of poisoners) expect(connections).toBeLessThanOrEqual(1);
    await eventually(() => dataPath.buffers.usedBytes).toBe(0);
  });

  test.each([
    ['three who send nothing but bad blocks', 3, lying],
    ['ten of whose blocks every fourth is bad', 10, spoiling(4)],
  ])(
    'among %s and dial us, and come again as long as they are let in',
    async (_, count, conduct) => {
      const content = await largeSample();
      const dataPath = createDataPath({});
      const to = await engine({}, dataPath);
      const got = await download(to, content, []);
      await got.until('swarm.checked');
      const dialFrom = (localAddress: string, timesLeft: number) => {
        const socket = dialAsSeeder(to.peerPort, content, conduct, localAddress);
        socket.once('close', () => {
          if (timesLeft > 1) dialFrom(localAddress, timesLeft - 1);
        });
      };
      for (let nth = 0; nth < count; nth++) dialFrom(`127.0.0.${10 + nth}`, 4);
      const good = dialAsSeeder(to.peerPort, content, honest, '127.0.0.9');
      await got.until('swarm.completed');
      expect(good.closed).toBe(false);
      await expectContent(content, got.contentPath);
      await eventually(() => dataPath.buffers.usedBytes).toBe(0);
    },
  );
});

describe('a banned address', () => {
  function bystander(localAddress: string, port: number, infoHash: string): Socket {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    atTheEnd(async () => socket.destroy());
    socket.on('error', () => {});
    socket.write(handshake(infoHash));
    return socket;
  }

  test('is hung up on as a whole, in every torrent, and nobody beside it', async () => {
    const [content, other] = [await largeSample(), await sample()];
    const dataPath = createDataPath({});
    const to = await engine({}, dataPath);
    const [got, gotOther] = [await download(to, content, []), await download(to, other, [])];
    await Promise.all([got.until('swarm.checked'), gotOther.until('swarm.checked')]);
    const theirs = [content, content, other].map(({ metainfo }) =>
      bystander('127.0.0.66', to.peerPort, metainfo.infoHash),
    );
    const neighbours = [content, other].map(({ metainfo }) =>
      bystander('127.0.0.67', to.peerPort, metainfo.infoHash),
    );
    await Promise.all([...theirs, ...neighbours].map((socket) => once(socket, 'data')));
    const hungUp = theirs.map((socket) => once(socket.resume(), 'close'));
    for (const socket of neighbours) socket.resume();
    dialAsSeeder(to.peerPort, content, lying, '127.0.0.66');
    await Promise.all(hungUp);
    dialAsSeeder(to.peerPort, content, honest, '127.0.0.68');
    await got.until('swarm.completed');
    for (const socket of neighbours) expect(socket.closed).toBe(false);
    await eventually(() => dataPath.buffers.usedBytes).toBe(0);
  });
});
