// What a download has written is taken away under it, in the middle: 100 is said only of what lies at the path, and what
// somebody else put there stays as it is. The path is compared when a record is written and before 100.
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashOf, readTree, writeRandom } from '../support/disks/content-files.js';
import { isWhole } from '../support/disks/relocated-content.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { mayMount, mountAt, mountSmallDisk } from '../support/disks/small-disk.js';
import {
  downloadDirOf,
  startDownloader,
  warned,
  warningsOf,
} from '../support/helper/downloader.js';
import type { HelperProcess } from '../support/helper/helper-process.js';
import {
  pieceBytes,
  type SwarmOptions,
  startGrowingSwarm,
} from '../support/peers/growing-swarm.js';
import { MiB } from '../support/sizes.js';

/** So long that the helper tries again in vain: after 1 s. The next try comes 2 s later. */
const refusedMs = 1_500;

const aFile: SwarmOptions = {
  name: 'x.bin',
  files: [{ path: '', lengthBytes: 20 * pieceBytes - 100 }],
};
const aFolder: SwarmOptions = {
  name: 'all',
  files: [
    { path: 'a.bin', lengthBytes: 10 * pieceBytes - 100 },
    { path: 'sub/b.bin', lengthBytes: 10 * pieceBytes },
  ],
};
/** All of them in the first file. */
const firstQuarter = [0, 1, 2, 3, 4];

let folder: string;
let copy: string;

beforeEach(async () => {
  folder = await scratchFolder();
  copy = downloadDirOf(folder);
});

/** What somebody did to the files. */
interface Deed {
  /** What was downloaded lies there now. */
  readonly taken?: string;
  /** Until then the job waits. */
  undo?(): Promise<unknown>;
  /** Somebody's own file lies there, and after that at its second place. */
  readonly own?: readonly [path: string, later: string];
}

interface Way {
  readonly deed: string;
  readonly of: SwarmOptions;
  readonly code: 'DISK_GONE' | 'DESTINATION_EXISTS';
  readonly isMount?: boolean;
  /** What is to be there before the download. */
  prepare?(): Promise<() => Promise<Deed>>;
  carryOut?(): Promise<Deed>;
}

const move = async (from: string, to: string) => {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
};

const ways: readonly Way[] = [
  {
    deed: 'removes the file',
    of: aFile,
    code: 'DISK_GONE',
    async carryOut() {
      await rm(join(copy, 'x.bin'));
      return {};
    },
  },
  {
    deed: 'moves the file away',
    of: aFile,
    code: 'DISK_GONE',
    async carryOut() {
      await move(join(copy, 'x.bin'), join(folder, 'away/x.bin'));
      return { taken: join(folder, 'away') };
    },
  },
  {
    deed: 'moves a document of theirs over the file',
    of: aFile,
    code: 'DESTINATION_EXISTS',
    async carryOut() {
      const [path, later] = [join(copy, 'x.bin'), join(folder, 'mine/x.bin')];
      await rename(await writeRandom(join(folder, 'letter'), 1_000), path);
      return { own: [path, later], undo: () => move(path, later) };
    },
  },
  {
    deed: 'moves the folder away',
    of: aFolder,
    code: 'DISK_GONE',
    async carryOut() {
      await move(join(copy, 'all'), join(folder, 'away/all'));
      return { taken: join(folder, 'away') };
    },
  },
  {
    deed: 'puts a folder of theirs in its place, with a file of the same name and size in it',
    of: aFolder,
    code: 'DESTINATION_EXISTS',
    async carryOut() {
      await move(join(copy, 'all'), join(folder, 'away/all'));
      const path = await writeRandom(join(copy, 'all/a.bin'), 10 * pieceBytes - 100);
      return {
        taken: join(folder, 'away'),
        own: [path, join(folder, 'mine/a.bin')],
        undo: () => move(join(copy, 'all'), join(folder, 'mine')),
      };
    },
  },
  {
    deed: 'unmounts the disk lazily',
    of: aFile,
    code: 'DISK_GONE',
    isMount: true,
    async prepare() {
      const disk = await mountSmallDisk(4 * MiB, join(folder, 'disk'));
      const mount = await mountAt(disk.path, copy);
      return async () => {
        await mount.unmount();
        return { undo: () => mountAt(disk.path, copy) };
      };
    },
  },
  {
    deed: 'mounts a disk over the download dir',
    of: aFile,
    code: 'DISK_GONE',
    isMount: true,
    async carryOut() {
      const disk = await mountSmallDisk(4 * MiB, join(folder, 'disk'));
      const mount = await mountAt(disk.path, copy);
      return { undo: () => mount.unmount() };
    },
  },
];

async function begin(of: SwarmOptions) {
  const swarm = await startGrowingSwarm(folder, of);
  swarm.offer(firstQuarter);
  const helper = await startDownloader(folder, `torrent:${swarm.torrentFile}`);
  await helper.line(`1:${of.name}:25`);
  return { swarm, helper };
}

/** Nothing failed, and no percent was said twice. */
function expectPeace(helper: HelperProcess, code: string): void {
  expect(helper.stderr.filter((line) => /: failed: |INTERNAL|ENGINE_CRASH/.test(line))).toEqual([]);
  const percents = helper.percents(1);
  expect(percents).toEqual([...new Set(percents)].sort((one, other) => one - other));
  expect(warningsOf(helper, code)).toHaveLength(1);
}

async function tellStory({ of, code, prepare, carryOut }: Way): Promise<void> {
  const carryItOut = (await prepare?.()) ?? carryOut;
  const { swarm, helper } = await begin(of);
  const { taken, own, undo } = (await carryItOut?.()) ?? {};
  const ownHash = own && (await hashOf(own[0]));
  swarm.offerAll();
  await warned(helper, code);
  const takenTree = taken && (await readTree(taken));
  if (undo) {
    await delay(refusedMs);
    expect(helper.percents(1)).not.toContain(100);
    if (own) expect(await hashOf(own[0])).toBe(ownHash);
    await undo();
  }
  await helper.line(`1:${of.name}:100`);
  expect(await isWhole(swarm.torrent, join(copy, of.name))).toBe(true);
  if (own) expect(await hashOf(own[1])).toBe(ownHash);
  if (taken) expect(await readTree(taken)).toEqual(takenTree);
  expectPeace(helper, code);
  helper.write('quit:');
  expect(await helper.exit()).toBe(0);
}

const titled = (each: readonly Way[]) => each.map((way) => [way.deed, way] as const);

describe('a download, in the middle of which its user', () => {
  it.each(titled(ways.filter(({ isMount }) => !isMount)))(
    '%s, says 100 only of what lies at its path',
    (_, way) => tellStory(way),
  );

  it.skipIf(!mayMount).each(titled(ways.filter(({ isMount }) => isMount)))(
    '%s, says 100 only of what lies at its path (where the test may mount)',
    (_, way) => tellStory(way),
  );
});

describe('a download that nobody serves for a while', () => {
  it('notices when its progress is recorded that its file was moved away', async () => {
    const { swarm, helper } = await begin(aFile);
    const taken = join(folder, 'away/x.bin');
    await move(join(copy, 'x.bin'), taken);
    await warned(helper, 'DISK_GONE');
    expect(helper.percents(1).at(-1)).toBe(25);
    const { mtimeMs } = await stat(taken);
    swarm.offerAll();
    await helper.line('1:x.bin:100');
    expect(await isWhole(swarm.torrent, join(copy, 'x.bin'))).toBe(true);
    expect((await stat(taken)).mtimeMs).toBe(mtimeMs);
    expectPeace(helper, 'DISK_GONE');
  });
});
