// Rate limits, through real engines: so much and no less, never far ahead, and the same share for everyone. What takes
// seconds runs side by side within one test.
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createDataPath } from '../../../../src/engine/data-path/create-data-path.js';
import type { RateLimit } from '../../../../src/engine/data-path/rate-limit/rate-limit.js';
import type { Engine } from '../../../../src/engine/engine.js';
import {
  atTheEnd,
  download,
  engine,
  eventually,
  type Joined,
  sample,
  seed,
} from '../../../support/engine/engine-setup.js';
import { type Answer, hostileSeeder } from '../../../support/peers/hostile-seeder.js';
import { blockOf, handshake, message, numbers } from '../../../support/peers/wire-messages.js';
import { expectContent, type Sample } from '../../../support/torrents/sample-on-disk.js';

const KiB = 2 ** 10;
const MiB = 2 ** 20;
const blockBytes = 16 * KiB;
const honest: Answer = (asked, good) => blockOf(asked, good);

/** Notes when each of its blocks comes. */
class Blocks {
  readonly atMs: number[] = [];
  note(): void {
    this.atMs.push(performance.now());
  }
}

/** A seeder by hand, and when each of its blocks was asked for. */
async function notingSeeder(content: Sample): Promise<{ port: number; blocks: Blocks }> {
  const blocks = new Blocks();
  const { port } = await hostileSeeder(content, (asked, good) => {
    blocks.note();
    return honest(asked, good);
  });
  return { port, blocks };
}

/** Asks for everything at once, and notes when each block has come. */
function notingLeecher({ peerPort }: Engine, { metainfo, bytes }: Sample): Blocks {
  const blocks = new Blocks();
  const socket = connect(peerPort, '127.0.0.1').on('error', () => {});
  atTheEnd(async () => socket.destroy());
  const requests: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const index = Math.floor(at / metainfo.pieceLengthBytes);
    const offset = at - index * metainfo.pieceLengthBytes;
    requests.push(message(6, numbers(index, offset, Math.min(blockBytes, bytes.length - at))));
  }
  socket.write(Buffer.concat([handshake(metainfo.infoHash), message(2)]));
  let isUnchoked = false;
  readMessages(socket, (id) => {
    if (id === 7) blocks.note();
    if (id !== 1 || isUnchoked) return;
    isUnchoked = true;
    socket.write(Buffer.concat(requests));
  });
  return blocks;
}

function readMessages(socket: ReturnType<typeof connect>, onMessage: (id: number) => void): void {
  let rest = Buffer.alloc(0);
  let skippedBytes = 68;
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const skipped = Math.min(skippedBytes, rest.length);
      rest = rest.subarray(skipped);
      skippedBytes -= skipped;
      if (skippedBytes > 0 || rest.length < 5) break;
      onMessage(rest.readUInt8(4));
      skippedBytes = 4 + rest.readUInt32BE(0);
    }
  });
}

/** Of what was received, from the first look at the disk to the last piece. */
async function rateOf({ until, events }: Joined, { bytes }: Sample): Promise<number> {
  await until('swarm.checked');
  const startedAtMs = performance.now();
  const verified = () => events.filter(({ type }) => type === 'piece.verified').at(-1);
  await eventually(verified).toMatchObject({ verifiedBytes: bytes.length });
  return bytes.length / ((performance.now() - startedAtMs) / 1000);
}

function expectAbout(what: string, rate: number, limit: number): void {
  // What is quick is slower on a machine that is busy with something else.
  expect(rate / limit, what).toBeGreaterThan(limit > MiB ? 0.8 : 0.9);
  expect(rate / limit, what).toBeLessThan(1.1);
}

test('limits are kept within a tenth, each way and both ways at once', async () => {
  const transfer = async (lengthBytes: number, up?: number, down?: number) => {
    const content = await sample({ lengthBytes });
    const from = await engine({ upBytesPerSecond: up });
    const to = await engine({ downBytesPerSecond: down });
    seed(from, content);
    const rate = await rateOf(await download(to, content, [from]), content);
    const limit = Math.min(up ?? Number.POSITIVE_INFINITY, down ?? Number.POSITIVE_INFINITY);
    expectAbout(`up ${up}, down ${down}`, rate, limit);
  };
  const relay = async () => {
    const content = await sample({ lengthBytes: 640 * KiB });
    const [from, to] = [await engine(), await engine()];
    const between = await engine({ downBytesPerSecond: 128 * KiB, upBytesPerSecond: 64 * KiB });
    seed(from, content);
    const received = await download(between, content, [from]);
    const passedOn = await download(to, content, [between]);
    const rates = Promise.all([rateOf(received, content), rateOf(passedOn, content)]);
    const [downRate, upRate] = await rates;
    expectAbout('down, with a limit up', downRate, 128 * KiB);
    expectAbout('up, with a limit down', upRate, 64 * KiB);
  };
  await Promise.all([
    transfer(672 * KiB, 64 * KiB),
    transfer(672 * KiB, undefined, 64 * KiB),
    transfer(2816 * KiB, 256 * KiB),
    transfer(2816 * KiB, undefined, 256 * KiB),
    transfer(20 * MiB, 4 * MiB),
    transfer(20 * MiB, undefined, 4 * MiB),
    transfer(1280 * KiB, 128 * KiB, 256 * KiB),
    transfer(1280 * KiB, 256 * KiB, 128 * KiB),
    relay(),
  ]);
}, 60_000);

describe('a low limit', () => {
  const rate = 16 * KiB;
  const count = 10;

  /** At every block, of all of `blocks` together. */
  function expectNeverAhead(what: string, blocks: readonly Blocks[], startedAtMs: number): void {
    const atMs = blocks.flatMap((each) => each.atMs).sort((one, other) => one - other);
    const aheadBytes = atMs.map(
      (ms, nth) => (nth + 1) * blockBytes - (rate * (ms - startedAtMs)) / 1000,
    );
    expect(Math.max(...aheadBytes), what).toBeLessThanOrEqual(blockBytes);
    const [firstMs = 0, lastMs = 0] = [atMs[0], atMs.at(-1)];
    expect((atMs.length - 1) / ((lastMs - firstMs) / 1000), what).toBeGreaterThan(0.9);
  }

  const have = (blocks: readonly Blocks[]) =>
    eventually(() => blocks.reduce((sum, { atMs }) => sum + atMs.length, 0)).toBeGreaterThanOrEqual(
      count,
    );

  test('never lets more than a block through ahead of its time', async () => {
    const down = async (peers: number) => {
      const content = await sample({ lengthBytes: MiB });
      const to = await engine({ downBytesPerSecond: rate });
      const seeders = await Promise.all(Array.from({ length: peers }, () => notingSeeder(content)));
      const blocks = seeders.map((each) => each.blocks);
      const startedAtMs = performance.now();
      const ports = seeders.map(({ port }) => port);
      await download(to, content, ports);
      await have(blocks);
      expectNeverAhead(`down, ${peers} peers`, blocks, startedAtMs);
    };
    const up = async (peers: number) => {
      const content = await sample({ lengthBytes: MiB });
      const from = await engine({ upBytesPerSecond: rate });
      await seed(from, content).until('swarm.completed');
      const startedAtMs = performance.now();
      const blocks = Array.from({ length: peers }, () => notingLeecher(from, content));
      await have(blocks);
      expectNeverAhead(`up, ${peers} peers`, blocks, startedAtMs);
    };
    await Promise.all([down(1), down(4), up(1), up(4)]);
  });
});

describe('under one limit', () => {
  const rate = 384 * KiB;
  const content = () => sample({ lengthBytes: 8 * MiB, pieceLengthBytes: MiB });

  /** From when all had begun, until so many blocks had come. */
  async function expectSameShares(what: string, blocks: readonly Blocks[]): Promise<void> {
    await eventually(() => blocks.every(({ atMs }) => atMs.length > 0)).toBe(true);
    const begun = Math.max(...blocks.map(({ atMs }) => atMs[0] ?? 0));
    const shares = () => blocks.map(({ atMs }) => atMs.filter((ms) => ms > begun).length);
    const all = () => shares().reduce((sum, each) => sum + each, 0);
    await eventually(all).toBeGreaterThan(70);
    const [least, most] = [Math.min(...shares()), Math.max(...shares())];
    // Those of the first that were let through before the last had begun may have been on their way.
    expect(most - least, `${what}: ${shares()}`).toBeLessThanOrEqual(3);
  }

  test('two torrents get the same, and so do five peers', async () => {
    const torrentsDown = async () => {
      const to = await engine({ downBytesPerSecond: rate });
      const contents = [await content(), await content()];
      const seeders = await Promise.all(contents.map(notingSeeder));
      for (const [nth, each] of contents.entries()) {
        await download(to, each, [seeders[nth]?.port ?? 0]);
      }
      await expectSameShares(
        'torrents down',
        seeders.map(({ blocks }) => blocks),
      );
    };
    const torrentsUp = async () => {
      const from = await engine({ upBytesPerSecond: rate });
      const contents = [await content(), await content()];
      const seeding = contents.map((each) => seed(from, each));
      await Promise.all(seeding.map(({ until }) => until('swarm.completed')));
      await expectSameShares(
        'torrents up',
        contents.map((each) => notingLeecher(from, each)),
      );
    };
    const peersDown = async () => {
      const each = await content();
      const seeders = await Promise.all(Array.from({ length: 5 }, () => notingSeeder(each)));
      const to = await engine({ downBytesPerSecond: rate });
      const ports = seeders.map(({ port }) => port);
      await download(to, each, ports);
      await expectSameShares(
        'peers down',
        seeders.map(({ blocks }) => blocks),
      );
    };
    const peersUp = async () => {
      const from = await engine({ upBytesPerSecond: rate });
      const each = await content();
      await seed(from, each).until('swarm.completed');
      const leechers = Array.from({ length: 5 }, () => notingLeecher(from, each));
      await expectSameShares('peers up', leechers);
    };
    await Promise.all([torrentsDown(), torrentsUp(), peersDown(), peersUp()]);
  });
});

describe('a limit is touched', () => {
  /** Counts what is taken, less what is given back. */
  function counted(limit: RateLimit): RateLimit & { readonly takenBytes: number } {
    let takenBytes = 0;
    return {
      take(lengthBytes, waiter) {
        const isTaken = limit.take(lengthBytes, waiter);
        if (isTaken) takenBytes += lengthBytes;
        return isTaken;
      },
      giveBack(lengthBytes) {
        takenBytes -= lengthBytes;
        limit.giveBack(lengthBytes);
      },
      forget: (waiter) => limit.forget(waiter),
      close: () => limit.close(),
      get takenBytes() {
        return takenBytes;
      },
    };
  }

  async function countedEngine() {
    const dataPath = createDataPath({ downBytesPerSecond: 4 * MiB, upBytesPerSecond: 4 * MiB });
    const [downLimit, upLimit] = [counted(dataPath.downLimit), counted(dataPath.upLimit)];
    return { is: await engine({}, { ...dataPath, downLimit, upLimit }), downLimit, upLimit };
  }

  test('by every block once, and by nothing else', async () => {
    const content = await sample({ lengthBytes: 2 * MiB + 5 });
    const [from, to] = [await countedEngine(), await countedEngine()];
    seed(from.is, content);
    const got = await download(to.is, content, [from.is]);
    await got.until('swarm.completed');
    await expectContent(content, got.contentPath);
    expect([from.upLimit.takenBytes, from.downLimit.takenBytes]).toEqual([content.bytes.length, 0]);
    expect([to.upLimit.takenBytes, to.downLimit.takenBytes]).toEqual([0, content.bytes.length]);
  });

  test('by no word on who has what', async () => {
    const content = await sample({ lengthBytes: 2 * MiB });
    const { pieceCount, infoHash } = content.metainfo;
    const to = await countedEngine();
    const got = await download(to.is, content, []);
    await got.until('swarm.checked');
    const haves = Array.from({ length: pieceCount }, (_, index) => message(4, numbers(index)));
    const everything = message(5, Buffer.alloc(Math.ceil(pieceCount / 8), 0xff));
    const chatty = Array.from({ length: 10 }, async () => {
      const socket = connect(to.is.peerPort, '127.0.0.1').on('error', () => {});
      atTheEnd(async () => socket.destroy());
      socket.write(Buffer.concat([handshake(infoHash), ...haves]));
      readMessages(socket, (id) => {
        // It is interested, and hangs up at the last word: it has heard all of the others.
        const lastWord = Buffer.from('7fffffff14', 'hex');
        if (id === 2)
          socket.write(Buffer.concat([everything, ...haves, Buffer.alloc(4), lastWord]));
      });
      await once(socket, 'close');
    });
    await Promise.all(chatty);
    expect([to.upLimit.takenBytes, to.downLimit.takenBytes]).toEqual([0, 0]);
  });
});
