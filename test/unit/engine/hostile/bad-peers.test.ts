// Peers that send bad pieces or hold blocks back, over real sockets on loopback: a download gets along without them.
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { download, engine, sample, seed } from '../../../support/engine/engine-setup.js';
import { type Answer, dialAsSeeder, hostileSeeder } from '../../../support/peers/hostile-seeder.js';
import { type BlockRequest, blockOf } from '../../../support/peers/wire-messages.js';
import { expectContent } from '../../../support/torrents/sample-on-disk.js';

const honest: Answer = (asked, good) => blockOf(asked, good);
const lying: Answer = (asked, good) => blockOf(asked, Buffer.alloc(good.length, 1));

/** Every block of each first half of a piece is bad. */
const halfLying: Answer = (asked, good) => (asked.offset === 0 ? lying : honest)(asked, good);

describe('a peer that sends bad pieces', () => {
  test('is hung up on after the first, and not dialled again soon', async () => {
    const content = await sample();
    const liar = await hostileSeeder(content, lying);
    const to = await engine();
    const got = await download(to, content, [liar.port]);
    await expect.poll(() => liar.asked.length).toBeGreaterThan(0);
    // Nobody else is there: without the ban it would be dialled again after five seconds.
    await delay(6_000);
    expect(liar.connections).toBe(1);
    expect(got.events.some(({ type }) => type === 'piece.verified')).toBe(false);
  });

  test('does not keep a download from completing, with an honest one there', async () => {
    const content = await sample({ lengthBytes: 2 ** 21 });
    const liars = [await hostileSeeder(content, lying), await hostileSeeder(content, lying)];
    const from = await engine();
    seed(from, content);
    const got = await download(await engine(), content, [...liars.map(({ port }) => port), from]);
    await got.until('swarm.completed');
    await expectContent(content, got.contentPath);
    for (const { connections } of liars) expect(connections).toBeLessThanOrEqual(1);
  });

  test('does so neither when its blocks are mixed with those of others', async () => {
    const content = await sample({ lengthBytes: 2 ** 21, pieceLengthBytes: 2 ** 18 });
    const half = await hostileSeeder(content, halfLying);
    const others = [await hostileSeeder(content, honest), await hostileSeeder(content, honest)];
    const ports = [half, ...others].map(({ port }) => port);
    const got = await download(await engine(), content, ports);
    await got.until('swarm.completed');
    await expectContent(content, got.contentPath);
    for (const { connections } of others) expect(connections).toBe(1);
  });

  test('is found out though it spoils a single block, and sends good ones else', async () => {
    const content = await sample({ lengthBytes: 2 ** 21, pieceLengthBytes: 2 ** 20 });
    const isSpoilt = ({ index, offset }: BlockRequest) => index === 1 && offset === 0;
    const spoiling: Answer = (asked, good) => (isSpoilt(asked) ? lying : honest)(asked, good);
    const spoiler = await hostileSeeder(content, spoiling);
    const others = [await hostileSeeder(content, honest), await hostileSeeder(content, honest)];
    const ports = [spoiler, ...others].map(({ port }) => port);
    const got = await download(await engine(), content, ports);
    await got.until('swarm.completed');
    await expectContent(content, got.contentPath);
    // Once among others, once alone.
    expect(spoiler.asked.filter(isSpoilt).length).toBeLessThanOrEqual(2);
  });

  test('is hung up on when it dialled us', async () => {
    const content = await sample();
    const to = await engine();
    const got = await download(to, content, []);
    await got.until('swarm.checked');
    for (const each of [1, 2]) {
      const liar = dialAsSeeder(to.peerPort, content, lying);
      await new Promise((resolve) => liar.once('close', resolve));
      expect(each).toBeGreaterThan(0);
    }
    const from = await engine();
    seed(from, content, { peers: [`127.0.0.1:${to.peerPort}`] });
    await got.until('swarm.completed');
  });
});

describe('a peer that holds blocks back', () => {
  test('does not hold up a download that others can complete', async () => {
    const content = await sample({ lengthBytes: 2 ** 22 });
    let given = 0;
    // Quick at first, so that it is asked for many.
    const tiring: Answer = (asked, good) => {
      given += 1;
      return given <= 60 ? honest(asked, good) : undefined;
    };
    const tired = await hostileSeeder(content, tiring);
    const to = await engine();
    const got = await download(to, content, [tired.port]);
    await expect.poll(() => given).toBeGreaterThan(60);
    const from = await engine();
    seed(from, content, { peers: [`127.0.0.1:${to.peerPort}`] });
    await got.until('swarm.completed');
    await expectContent(content, got.contentPath);
    expect(tired.connections).toBe(1);
    // Without relief it takes half a minute and more.
  }, 20_000);

  test('does so neither when it sends one byte a second', async () => {
    const content = await sample({ lengthBytes: 2 ** 19 });
    const timers: NodeJS.Timeout[] = [];
    const to = await engine();
    const got = await download(to, content, []);
    await got.until('swarm.checked');
    let asked = 0;
    const slow = dialAsSeeder(to.peerPort, content, (request, good) => {
      asked += 1;
      const block = blockOf(request, good);
      let sent = 0;
      timers.push(
        setInterval(() => {
          if (sent < block.length && slow.writable) slow.write(block.subarray(sent, sent + 1));
          sent += 1;
        }, 1_000),
      );
      return undefined;
    });
    await expect.poll(() => asked).toBeGreaterThan(0);
    const from = await engine();
    seed(from, content, { peers: [`127.0.0.1:${to.peerPort}`] });
    await got.until('swarm.completed');
    await expectContent(content, got.contentPath);
    for (const timer of timers) clearInterval(timer);
  }, 20_000);
});
