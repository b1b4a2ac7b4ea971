// Pieces larger than what there is memory for, and the smallest ones: all of them come through, in bounded memory.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { SwarmEvent } from '../../../../machines/types.js';
import { createDataPath } from '../../../../src/engine/data-path/create-data-path.js';
import type { DataPath } from '../../../../src/engine/data-path/transfer.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import {
  download,
  engine,
  eventually,
  sample,
  seed,
} from '../../../support/engine/engine-setup.js';
import { type Answer, hostileSeeder } from '../../../support/peers/hostile-seeder.js';
import { type BlockRequest, blockOf } from '../../../support/peers/wire-messages.js';
import { expectContent } from '../../../support/torrents/sample-on-disk.js';

const KiB = 2 ** 10;
const MiB = 2 ** 20;
const honest: Answer = (asked, good) => blockOf(asked, good);
const lying: Answer = (asked, good) => blockOf(asked, Buffer.alloc(good.length, 1));

/** The most memory that is ever taken. */
function watched(dataPath: DataPath): { readonly mostBytes: number } {
  const { buffers } = dataPath;
  let mostBytes = 0;
  for (const method of ['allocatePiece', 'allocateBlock'] as const) {
    const take = buffers[method].bind(buffers);
    vi.spyOn(buffers, method).mockImplementation((lengthBytes) => {
      const startBytes = take(lengthBytes);
      mostBytes = Math.max(mostBytes, buffers.usedBytes);
      return startBytes;
    });
  }
  return {
    get mostBytes() {
      return mostBytes;
    },
  };
}

function verifiedBytesOf(events: readonly SwarmEvent[]): number {
  const verified = events.map((event) =>
    event.type === 'piece.verified' ? event.verifiedBytes : 0,
  );
  return Math.max(0, ...verified);
}

const hugePieces = () => sample({ lengthBytes: 64 * MiB + 12_345, pieceLengthBytes: 32 * MiB });

describe('pieces of 32 MiB', () => {
  test('are downloaded by way of the disk, in little memory', async () => {
    const content = await hugePieces();
    const dataPath = createDataPath({});
    const memory = watched(dataPath);
    const [from, to] = [await engine(), await engine({}, dataPath)];
    seed(from, content);
    const got = await download(to, content, [from]);
    await got.until('swarm.completed');
    await expectContent(content, got.contentPath);
    expect(memory.mostBytes).toBeGreaterThan(0);
    expect(memory.mostBytes).toBeLessThanOrEqual(12 * MiB);
    expect(dataPath.buffers.usedBytes).toBe(0);
  });

  test('come from many peers, too', async () => {
    const content = await hugePieces();
    const dataPath = createDataPath({});
    const memory = watched(dataPath);
    const peers = await Promise.all(
      Array.from({ length: 10 }, () => hostileSeeder(content, honest)),
    );
    const ports = peers.map(({ port }) => port);
    const got = await download(await engine({}, dataPath), content, ports);
    await got.until('swarm.completed');
    await expectContent(content, got.contentPath);
    expect(memory.mostBytes).toBeLessThanOrEqual(12 * MiB);
    expect(dataPath.buffers.usedBytes).toBe(0);
  });

  test('are kept when the engine is closed in the middle, and the rest is fetched later', async () => {
    const content = await hugePieces();
    const [stateDir, contentPath] = [
      await scratchFolder(),
      join(await scratchFolder(), content.metainfo.name),
    ];
    // One piece, and a half: then nothing more comes.
    let left = 1.5 * 2_048;
    const tiring: Answer = (asked, good) => {
      left -= 1;
      return left >= 0 ? honest(asked, good) : undefined;
    };
    const tired = await hostileSeeder(content, tiring);
    const dataPath = createDataPath({});
    const to = await engine({ stateDir }, dataPath);
    const first = await download(to, content, [tired.port], { contentPath });
    await eventually(() => verifiedBytesOf(first.events)).toBeGreaterThanOrEqual(32 * MiB);
    await eventually(() => left).toBeLessThan(0);
    const verifiedBytes = verifiedBytesOf(first.events);
    await to.close();
    expect(dataPath.buffers.usedBytes).toBe(0);

    const [from, again] = [await engine(), await engine({ stateDir })];
    seed(from, content);
    const second = await download(again, content, [from], { contentPath });
    const checked = await second.until('swarm.checked');
    expect(checked.verifiedBytes).toBeGreaterThanOrEqual(verifiedBytes);
    await second.until('swarm.completed');
    const told = second.events.map((event) => ('verifiedBytes' in event ? event.verifiedBytes : 0));
    const fetched = new Set(told.filter((bytes) => bytes > checked.verifiedBytes));
    expect(fetched.size).toBeLessThan(content.metainfo.pieceCount);
    await expectContent(content, contentPath);
    // It is ours: what lies there counts as a download, and is taken back.
    await second.swarm.leave();
    const third = await download(again, content, [], { contentPath });
    await third.until('swarm.completed');
  });

  test('left before the first is whole, no file stays that holds nothing good', async () => {
    const content = await sample({ lengthBytes: 64 * MiB, pieceLengthBytes: 32 * MiB });
    const contentPath = join(await scratchFolder(), content.metainfo.name);
    let left = 1_000;
    const tiring: Answer = (asked, good) => {
      left -= 1;
      return left >= 0 ? honest(asked, good) : undefined;
    };
    const tired = await hostileSeeder(content, tiring);
    const to = await engine();
    const first = await download(to, content, [tired.port], { contentPath });
    await eventually(() => left).toBeLessThan(0);
    // It got on all the same.
    const told = first.events.filter(({ type }) => type === 'piece.verified');
    expect(told.length).toBeGreaterThan(5);
    expect(verifiedBytesOf(told)).toBe(0);
    await first.swarm.leave();
    await expect(stat(contentPath)).rejects.toMatchObject({ code: 'ENOENT' });
    const from = await engine();
    seed(from, content);
    const second = await download(to, content, [from], { contentPath });
    await second.until('swarm.completed');
    await expectContent(content, contentPath);
  });

  test('of which one of two peers spoils some blocks are fetched again, and the other peer is not blamed', async () => {
    const content = await hugePieces();
    const isSpoilt = ({ offset }: BlockRequest) => offset % MiB === 0;
    let spoilt = 0;
    const spoiling: Answer = (asked, good) => {
      if (!isSpoilt(asked)) return honest(asked, good);
      spoilt += 1;
      return lying(asked, good);
    };
    const [spoiler, other] = [
      await hostileSeeder(content, spoiling),
      await hostileSeeder(content, honest),
    ];
    const dataPath = createDataPath({});
    const memory = watched(dataPath);
    const to = await engine({}, dataPath);
    const got = await download(to, content, [spoiler.port, other.port]);
    await got.until('swarm.completed');
    await expectContent(content, got.contentPath);
    expect(spoilt).toBeGreaterThan(0);
    expect(other.connections).toBe(1);
    expect(memory.mostBytes).toBeLessThanOrEqual(12 * MiB);
    expect(dataPath.buffers.usedBytes).toBe(0);
  });
});

test.each([
  ['256 pieces of 16 KiB', { lengthBytes: 4 * MiB, pieceLengthBytes: 16 * KiB }],
  ['pieces of less than a block', { lengthBytes: 300_000, pieceLengthBytes: 1_000 }],
  ['pieces of 16 MiB', { lengthBytes: 40 * MiB + 1, pieceLengthBytes: 16 * MiB }],
  ['pieces of an odd length', { lengthBytes: 10 * MiB + 1, pieceLengthBytes: 3 * MiB + 4_321 }],
  [
    'many tiny files',
    {
      files: Array.from({ length: 300 }, (_, nth) => 1 + ((nth * 7_919) % 5_000)),
      pieceLengthBytes: 16 * KiB,
    },
  ],
])('%s come through', async (_, options) => {
  const content = await sample(options);
  const dataPath = createDataPath({});
  const [from, to] = [await engine(), await engine({}, dataPath)];
  seed(from, content);
  const got = await download(to, content, [from]);
  await got.until('swarm.completed');
  await expectContent(content, got.contentPath);
  expect(dataPath.buffers.usedBytes).toBe(0);
});
