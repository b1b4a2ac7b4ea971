// A torrent is left in the middle of whatever it does: every part of the memory comes back, and the engine is as it was.
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createDataPath } from '../../../../src/engine/data-path/create-data-path.js';
import type { DataPath } from '../../../../src/engine/data-path/transfer.js';
import type { Engine } from '../../../../src/engine/engine.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import {
  download,
  engine,
  eventually,
  type Joined,
  sample,
  seed,
} from '../../../support/engine/engine-setup.js';
import {
  type Answer,
  hostileSeeder,
  unchokedLeecher,
} from '../../../support/peers/hostile-seeder.js';
import { blockOf, message, numbers } from '../../../support/peers/wire-messages.js';
import { expectContent, type Sample } from '../../../support/torrents/sample-on-disk.js';

type FileIo = typeof import('../../../../src/storage/disk/file-io.js');

/** A disk that can be made to take its time: what is unhashed ends when it is released. */
const slowDisk = vi.hoisted(() => {
  const gateOf = () => {
    let isSlow = false;
    let isBroken = false;
    let waiting: (() => void)[] = [];
    return {
      hold() {
        isSlow = true;
      },
      /** From now on it refuses. */
      breakDown() {
        isBroken = true;
      },
      release() {
        isSlow = false;
        isBroken = false;
        for (const wake of waiting) wake();
        waiting = [];
      },
      get waiting() {
        return waiting.length;
      },
      async pass() {
        if (isSlow) await new Promise<void>((resolve) => waiting.push(resolve));
        if (isBroken) throw Object.assign(new Error('broken'), { code: 'EIO' });
      },
    };
  };
  return { reads: gateOf(), writes: gateOf() };
});

vi.mock('../../../../src/storage/disk/file-io.js', async (importOriginal) => {
  const original = await importOriginal<FileIo>();
  return {
    ...original,
    async readFully(...args: Parameters<FileIo['readFully']>) {
      await slowDisk.reads.pass();
      return original.readFully(...args);
    },
    async writeFully(...args: Parameters<FileIo['writeFully']>) {
      await slowDisk.writes.pass();
      return original.writeFully(...args);
    },
  };
});

afterEach(() => {
  slowDisk.reads.release();
  slowDisk.writes.release();
});

const MiB = 2 ** 20;
const blockBytes = 2 ** 14;
const honest: Answer = (asked, good) => blockOf(asked, good);
const lying: Answer = (asked, good) => blockOf(asked, Buffer.alloc(good.length, 1));

/** Sends so many blocks, then half a one, then nothing. */
function stoppingAfter(blocks: number): Answer {
  let left = blocks;
  return (asked, good) => {
    left -= 1;
    if (left >= 0) return blockOf(asked, good);
    return left === -1 ? blockOf(asked, good).subarray(0, blockBytes / 2) : undefined;
  };
}

interface Observed {
  readonly to: Engine;
  readonly dataPath: DataPath;
}

async function observed(change: (dataPath: DataPath) => DataPath = (same) => same) {
  const dataPath = change(createDataPath({}));
  return { to: await engine({}, dataPath), dataPath };
}

/** Its pieces are hashed, and nobody is told, until `release`. */
async function withSlowVerifier() {
  const unhashed: (() => void)[] = [];
  let isSlow = true;
  const all = await observed((dataPath) => ({
    ...dataPath,
    verifier: {
      close: () => dataPath.verifier.close(),
      verify(startBytes, lengthBytes, onHash) {
        dataPath.verifier.verify(startBytes, lengthBytes, (hash) => {
          if (isSlow) unhashed.push(() => onHash(hash));
          else onHash(hash);
        });
      },
    },
  }));
  return {
    ...all,
    unhashed,
    release() {
      isSlow = false;
      for (const tell of unhashed.splice(0)) tell();
    },
  };
}

async function expectAsAtFirst({ to, dataPath }: Observed): Promise<void> {
  await eventually(() => dataPath.buffers.usedBytes).toBe(0);
  await eventually(() => dataPath.readCache.usedBytes).toBe(0);
  const content = await sample({ lengthBytes: 4 * MiB + 5, pieceLengthBytes: MiB });
  const from = await engine();
  seed(from, content);
  const got = await download(to, content, [from]);
  await got.until('swarm.completed');
  await expectContent(content, got.contentPath);
  await eventually(() => dataPath.buffers.usedBytes).toBe(0);
}

/** What the engine itself finds where it was left. */
async function verifiedBytesAt(to: Engine, content: Sample, contentPath: string): Promise<number> {
  const again = await download(to, content, [], { contentPath });
  const { verifiedBytes } = await again.until('swarm.checked');
  await again.swarm.leave();
  return verifiedBytes;
}

function expectNothingMoreOf(left: Joined): void {
  expect(left.events.some(({ type }) => type === 'swarm.failed')).toBe(false);
  expect(left.events.some(({ type }) => type === 'storage.error')).toBe(false);
}

describe('a torrent is left', () => {
  test('before it is opened', async () => {
    const all = await observed();
    const content = await sample();
    const got = await download(all.to, content, [
      await hostileSeeder(content, honest).then(portOf),
    ]);
    await got.swarm.leave();
    expect(got.events).toEqual([]);
    await expectAsAtFirst(all);
  });

  test('while what lies there is being checked, with a peer that would send everything', async () => {
    const all = await observed();
    const content = await sample({ lengthBytes: 2 * MiB });
    const contentPath = join(await scratchFolder(), content.metainfo.name);
    await mkdir(dirname(contentPath), { recursive: true });
    await writeFile(contentPath, Buffer.alloc(content.bytes.length));
    const eager = await hostileSeeder(content, honest);
    slowDisk.reads.hold();
    const got = await download(all.to, content, [eager.port], { contentPath });
    await eventually(() => slowDisk.reads.waiting).toBeGreaterThan(0);
    await eventually(() => eager.connections).toBe(1);
    const leave = got.swarm.leave();
    slowDisk.reads.release();
    await leave;
    expect(eager.asked).toEqual([]);
    await expectAsAtFirst(all);
  });

  test('when it is checked, and there is nobody', async () => {
    const all = await observed();
    const got = await download(all.to, await sample(), []);
    await got.until('swarm.checked');
    await got.swarm.leave();
    await expectAsAtFirst(all);
  });

  test.each([
    ['pieces of 32 KiB', 32 * 2 ** 10, 3 * MiB],
    ['pieces of 1 MiB', MiB, 6 * MiB],
    ['pieces of 1 MiB and some bytes', MiB + 77, 6 * MiB],
    ['a piece of 33 MiB, which goes to disk by the block', 33 * MiB, 33 * MiB],
  ])('while blocks of %s come in', async (_, pieceLengthBytes, lengthBytes) => {
    const all = await observed();
    const content = await sample({ lengthBytes, pieceLengthBytes });
    const peers = await Promise.all(
      [3, 10, 0].map((blocks) => hostileSeeder(content, stoppingAfter(blocks))),
    );
    const ports = peers.map(portOf);
    const got = await download(all.to, content, ports);
    await Promise.all(
      peers.map((peer, nth) =>
        eventually(() => peer.asked.length).toBeGreaterThan([3, 10, 0][nth] ?? 0),
      ),
    );
    await eventually(() => all.dataPath.buffers.usedBytes).toBeGreaterThan(0);
    await got.swarm.leave();
    expectNothingMoreOf(got);
    await expectAsAtFirst(all);
  });

  test('while bad pieces are being verified', async () => {
    const { release, ...all } = await withSlowVerifier();
    const content = await sample({ lengthBytes: 3 * MiB, pieceLengthBytes: MiB });
    const liars = [await hostileSeeder(content, lying), await hostileSeeder(content, lying)];
    const got = await download(all.to, content, liars.map(portOf));
    await eventually(() => all.unhashed.length).toBe(3);
    await got.swarm.leave();
    release();
    await expectAsAtFirst(all);
    expectNothingMoreOf(got);
  });

  test('while good pieces are being verified: they are written all the same', async () => {
    const { release, ...all } = await withSlowVerifier();
    const content = await sample({ lengthBytes: 3 * MiB, pieceLengthBytes: MiB });
    const from = await hostileSeeder(content, honest);
    const got = await download(all.to, content, [from.port]);
    await eventually(() => all.unhashed.length).toBe(3);
    await got.swarm.leave();
    release();
    await expectAsAtFirst(all);
    expectNothingMoreOf(got);
    expect(await verifiedBytesAt(all.to, content, got.contentPath)).toBe(3 * MiB);
  });

  test.each([
    ['pieces of 32 KiB', 32 * 2 ** 10, 3 * MiB],
    ['pieces of 1 MiB', MiB, 6 * MiB],
    ['a piece of 33 MiB, which goes to disk by the block', 33 * MiB, 33 * MiB],
  ])('while %s are being written', async (_, pieceLengthBytes, lengthBytes) => {
    const all = await observed();
    const content = await sample({ lengthBytes, pieceLengthBytes });
    const from = await hostileSeeder(content, honest);
    slowDisk.writes.hold();
    const got = await download(all.to, content, [from.port]);
    await eventually(() => slowDisk.writes.waiting).toBeGreaterThan(0);
    const leave = got.swarm.leave();
    await leave;
    // The disk has still not taken it: its memory is not given to anybody else meanwhile.
    expect(all.dataPath.buffers.usedBytes).toBeGreaterThan(0);
    slowDisk.writes.release();
    await expectAsAtFirst(all);
    expectNothingMoreOf(got);
    const verifiedBytes = await verifiedBytesAt(all.to, content, got.contentPath);
    if (pieceLengthBytes < 32 * MiB) expect(verifiedBytes).toBeGreaterThan(0);
  });

  test('while blocks are being read for a peer, and the engine serves others after', async () => {
    const all = await observed();
    const content = await sample({ lengthBytes: 4 * MiB, pieceLengthBytes: MiB });
    const seeding = seed(all.to, content);
    await seeding.until('swarm.completed');
    slowDisk.reads.hold();
    const { infoHash } = content.metainfo;
    const leecher = await unchokedLeecher(all.to, infoHash);
    const requests = Array.from({ length: 64 }, (_, nth) =>
      message(6, numbers(0, nth * blockBytes, blockBytes)),
    );
    leecher.write(Buffer.concat(requests));
    await eventually(() => slowDisk.reads.waiting).toBeGreaterThan(0);
    const closed = once(leecher.resume(), 'close');
    const leave = seeding.swarm.leave();
    await closed;
    slowDisk.reads.release();
    await leave;
    await all.to.left(infoHash);
    const again = seed(all.to, content);
    const got = await download(await engine(), content, [all.to]);
    await got.until('swarm.completed');
    await expectContent(content, got.contentPath);
    await again.swarm.leave();
    await expectAsAtFirst(all);
  });

  test('while blocks are on their way to a peer that takes them slowly', async () => {
    const all = await observed();
    const content = await sample({ lengthBytes: 8 * MiB, pieceLengthBytes: MiB });
    const seeding = seed(all.to, content);
    await seeding.until('swarm.completed');
    const { infoHash } = content.metainfo;
    const leecher = await unchokedLeecher(all.to, infoHash);
    const requests = Array.from({ length: 512 }, (_, nth) =>
      message(6, numbers(nth >> 6, (nth & 63) * blockBytes, blockBytes)),
    );
    leecher.pause().write(Buffer.concat(requests));
    await once(leecher, 'readable');
    const leave = seeding.swarm.leave();
    const closed = once(leecher.resume(), 'close');
    await Promise.all([leave, closed]);
    await all.to.left(infoHash);
    await expectAsAtFirst(all);
  });
});

describe('a download whose disk refuses', () => {
  test.each([
    ['to take', 'a piece', 'writes', MiB],
    ['to take', 'blocks of a piece of 33 MiB', 'writes', 33 * MiB],
    ['to give back', 'a piece of 33 MiB', 'reads', 33 * MiB],
  ] as const)('%s %s can be tried again', async (_, _what, kind, pieceLengthBytes) => {
    const all = await observed();
    const content = await sample({ lengthBytes: 33 * MiB, pieceLengthBytes });
    const from = await hostileSeeder(content, honest);
    slowDisk[kind].breakDown();
    const got = await download(all.to, content, [from.port]);
    await expect(got.until('swarm.completed')).rejects.toMatchObject({
      code: expect.stringMatching(/^DISK_/),
    });
    await all.to.left(content.metainfo.infoHash);
    await eventually(() => all.dataPath.buffers.usedBytes).toBe(0);
    slowDisk[kind].release();
    const quick = await hostileSeeder(content, honest);
    const again = await download(all.to, content, [quick.port], { contentPath: got.contentPath });
    await again.until('swarm.completed');
    await expectContent(content, got.contentPath);
    await expectAsAtFirst(all);
  });
});

describe('two hundred torrents', () => {
  test('are joined and left one after the other, each with blocks on their way', async () => {
    const all = await observed();
    for (let nth = 0; nth < 200; nth++) {
      const content = await sample({ lengthBytes: 100_000, pieceLengthBytes: 65_536 });
      const peer = await hostileSeeder(content, stoppingAfter(nth % 5));
      const got = await download(all.to, content, [peer.port]);
      await eventually(() => peer.asked.length > nth % 5).toBe(true);
      await got.swarm.leave();
      expectNothingMoreOf(got);
    }
    await expectAsAtFirst(all);
  });

  test('are joined at once, some of them with peers, and left at once', async () => {
    const all = await observed();
    const contents = await Promise.all(
      Array.from({ length: 200 }, () => sample({ lengthBytes: 100_000, pieceLengthBytes: 65_536 })),
    );
    const withPeers = contents.slice(0, 20);
    const peers = await Promise.all(
      withPeers.map((content, nth) => hostileSeeder(content, stoppingAfter(nth % 5))),
    );
    const joined = await Promise.all(
      contents.map((content, nth) =>
        download(
          all.to,
          content,
          peers.slice(nth, nth + 1).map((peer) => peer.port),
        ),
      ),
    );
    await Promise.all(joined.map((each) => each.until('swarm.checked')));
    await eventually(() => peers.every((peer, nth) => peer.asked.length > nth % 5)).toBe(true);
    await Promise.all(joined.map(({ swarm }) => swarm.leave()));
    for (const each of joined) expectNothingMoreOf(each);
    await expectAsAtFirst(all);
  });

  test('are seeded and left one after the other, each with blocks that are being read or taken', async () => {
    const all = await observed();
    for (let nth = 0; nth < 200; nth++) {
      const content = await sample({ lengthBytes: 400_000, pieceLengthBytes: 65_536 });
      const { infoHash } = content.metainfo;
      const seeding = seed(all.to, content);
      await seeding.until('swarm.completed');
      const leecher = await unchokedLeecher(all.to, infoHash);
      const requests = Array.from({ length: 24 }, (_, block) =>
        message(6, numbers(block >> 2, (block & 3) * blockBytes, blockBytes)),
      );
      leecher.pause().write(Buffer.concat(requests));
      if (nth % 3 === 0) slowDisk.reads.hold();
      if (nth % 3 === 1)
        await eventually(() => all.dataPath.readCache.usedBytes).toBeGreaterThan(0);
      if (nth % 3 === 2) await once(leecher.resume(), 'data');
      const leave = seeding.swarm.leave();
      slowDisk.reads.release();
      await leave;
      leecher.destroy();
    }
    await eventually(() => all.dataPath.readCache.usedBytes).toBe(0);
    await expectAsAtFirst(all);
  });
});

const portOf = ({ port }: { readonly port: number }) => port;
