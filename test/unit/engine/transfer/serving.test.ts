// What seeders give to peers that behave well while others do not, and what it costs them.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createDataPath } from '../../../../src/engine/data-path/create-data-path.js';
import {
  download,
  engine,
  eventually,
  sample,
  seed,
} from '../../../support/engine/engine-setup.js';
import { unchokedLeecher } from '../../../support/peers/hostile-seeder.js';
import { message, numbers } from '../../../support/peers/wire-messages.js';
import { expectContent, type Sample } from '../../../support/torrents/sample-on-disk.js';

const KiB = 2 ** 10;
const MiB = 2 ** 20;
const blockBytes = 16 * KiB;

async function seeder(content: Sample) {
  const dataPath = createDataPath({});
  const from = await engine({}, dataPath);
  await seed(from, content).until('swarm.completed');
  return { from, dataPath, leecher: () => unchokedLeecher(from, content.metainfo.infoHash) };
}

/** `nth` of all blocks, in pieces of 1 MiB. */
function request(nth: number, id = 6): Buffer {
  return message(id, numbers(nth >> 6, (nth & 63) * blockBytes, blockBytes));
}

async function allOf(socket: Socket, lengthBytes: number): Promise<void> {
  let receivedBytes = 0;
  socket.on('data', ({ length }) => {
    receivedBytes += length;
  });
  await eventually(() => receivedBytes).toBe(lengthBytes);
}

test('a stray request has only itself read, and neighbours are read together', async () => {
  const content = await sample({ lengthBytes: 4 * MiB, pieceLengthBytes: MiB });
  const { dataPath, leecher } = await seeder(content);
  const peer = await leecher();
  for (const [nth, block] of [3, 70, 140].entries()) {
    peer.write(request(block));
    await allOf(peer, 13 + blockBytes);
    expect(dataPath.readCache.usedBytes).toBe((nth + 1) * blockBytes);
    peer.removeAllListeners('data');
  }
  peer.write(Buffer.concat([192, 193, 194, 195].map((block) => request(block))));
  await allOf(peer, 4 * (13 + blockBytes));
  expect(dataPath.readCache.usedBytes).toBe(3 * blockBytes + 64 * KiB);
});

test('who requests and cancels without end leaves an honest peer its 16 MiB', async () => {
  const content = await sample({ lengthBytes: 16 * MiB, pieceLengthBytes: MiB });
  const { from, leecher } = await seeder(content);
  const flooding = await leecher();
  let rounds = 0;
  const flood = async () => {
    const closed = once(flooding, 'close');
    while (!flooding.destroyed) {
      const pairs = Array.from({ length: 1_000 }, (_, nth) => {
        const block = (rounds * 7 + nth * 65) % 1_024;
        return [request(block), request(block, 8)];
      });
      rounds += 1;
      const isTaken = flooding.write(Buffer.concat(pairs.flat()));
      // It may have to wait for seconds.
      if (!isTaken) await Promise.race([once(flooding, 'drain'), closed]);
    }
  };
  flooding.resume();
  const flooded = flood();
  const got = await download(await engine(), content, [from]);
  await got.until('swarm.completed');
  expect([rounds > 0, flooding.destroyed]).toEqual([true, false]);
  flooding.destroy();
  await flooded;
  await expectContent(content, got.contentPath);
});

test('peers that ask for everything and take nothing have little in memory, and others are served', async () => {
  const content = await sample({ lengthBytes: 16 * MiB, pieceLengthBytes: MiB });
  const { from, dataPath, leecher } = await seeder(content);
  const everything = Buffer.concat(Array.from({ length: 1_024 }, (_, nth) => request(nth)));
  const greedy = await Promise.all(Array.from({ length: 20 }, leecher));
  for (const peer of greedy) peer.pause().write(everything);
  await eventually(() => dataPath.readCache.usedBytes).toBeGreaterThan(0);
  const got = await download(await engine(), content, [from]);
  await got.until('swarm.completed');
  await expectContent(content, got.contentPath);
  for (const peer of greedy) peer.destroy();
  await eventually(() => dataPath.readCache.usedBytes).toBe(0);
});

test('a peer that takes slowly gets all of it in the end', async () => {
  const content = await sample({ lengthBytes: 12 * MiB, pieceLengthBytes: MiB });
  const { leecher } = await seeder(content);
  const slow = await leecher();
  const heard: Buffer[] = [];
  let heardBytes = 0;
  slow.on('data', (chunk) => {
    heard.push(chunk);
    heardBytes += chunk.length;
    slow.pause();
    setImmediate(() => slow.resume());
  });
  slow.write(Buffer.concat(Array.from({ length: 768 }, (_, nth) => request(nth))));
  await eventually(() => heardBytes).toBe(768 * (13 + blockBytes));
  const bytes = Buffer.concat(heard);
  const isRight = (nth: number) => {
    const at = nth * (13 + blockBytes) + 13;
    const good = content.bytes.subarray(nth * blockBytes, (nth + 1) * blockBytes);
    return good.equals(bytes.subarray(at, at + blockBytes));
  };
  expect(Array.from({ length: 768 }, (_, nth) => nth).every(isRight)).toBe(true);
});
