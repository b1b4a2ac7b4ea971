// A relocation whose process is killed at any moment, or may not do what it has to: all of the content lies in one folder.
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRoot, nobody } from '../support/disks/ordinary-user.js';
import { isWhole, relocateAll } from '../support/disks/relocated-content.js';
import {
  buildRelocator,
  readJournal,
  startRelocation,
} from '../support/disks/relocation-process.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { hasOtherDisk, otherDisk } from '../support/disks/small-disk.js';
import { layOut, layOutLinks } from '../support/torrents/sample-on-disk.js';
import { scratchTorrent } from '../support/torrents/scratch-torrent.js';

/** For each kind and disk. */
const rounds = 8;
const folderTorrent = scratchTorrent(
  16_384,
  Array.from({ length: 24 }, (_, nth) => ({
    path: `${nth % 4}/${nth}`,
    lengthBytes: nth % 7 === 0 ? 0 : 1 + nth * 1999,
  })),
  { l: '1/1', '2/link': '3/3', 'only/link': '0/4' },
);
const fileTorrent = scratchTorrent(65_536, [{ path: '', lengthBytes: 1_500_000 }]);

let program = '';
let programFolder = '';
beforeAll(async () => {
  programFolder = await mkdtemp(join(tmpdir(), 'mover-'));
  program = await buildRelocator(programFolder);
});
afterAll(() => rm(programFolder, { recursive: true, force: true }));

async function begin(torrent: typeof folderTorrent, disk: () => Promise<string>) {
  const folder = await scratchFolder();
  const contentPath = join(folder, 'content/scratch');
  await layOut(torrent, contentPath);
  await layOutLinks(torrent, contentPath);
  if (torrent.metainfo.isFolder) await writeFile(join(contentPath, 'mine'), 'mine');
  const relocation = { torrent, contentPath, dir: await disk(), journal: join(folder, 'journal') };
  return { relocation, started: await startRelocation(program, relocation) };
}

/** How long a relocation takes that nobody kills. */
async function measure(torrent: typeof folderTorrent, disk: () => Promise<string>) {
  const { started } = await begin(torrent, disk);
  await started.begun;
  const from = performance.now();
  expect(await started.gone).toContain('ended');
  return performance.now() - from;
}

const disks = [
  ['the same disk', scratchFolder],
  ...(hasOtherDisk ? ([['another disk', otherDisk]] as const) : []),
] as const;

describe.each(disks)('a relocation to %s that is killed at any moment', (_name, disk) => {
  it.each([
    ['a folder', folderTorrent],
    ['a file', fileTorrent],
  ])(
    'leaves %s complete at one place, and a second attempt completes it',
    async (_kind, torrent) => {
      const takesMs = await measure(torrent, disk);
      for (let round = 0; round < rounds; round++) {
        const { relocation, started } = await begin(torrent, disk);
        await started.begun;
        // From the first moment to the last, wherever that falls this time.
        await delay((takesMs * round) / (rounds - 2));
        started.process.kill('SIGKILL');
        await started.gone;

        const to = join(relocation.dir, 'scratch');
        const known = readJournal(relocation.journal) ?? relocation.contentPath;
        expect(await isWhole(torrent, known)).toBe(true);
        await relocateAll(torrent, known, relocation.dir);
        expect(await isWhole(torrent, to)).toBe(true);
        expect(await readdir(relocation.dir)).toEqual(['scratch']);
        if (torrent.metainfo.isFolder) {
          expect(await readdir(relocation.contentPath)).toEqual(['mine']);
          expect(await readFile(join(relocation.contentPath, 'mine'), 'utf8')).toBe('mine');
        } else {
          expect(await readdir(dirname(relocation.contentPath))).toEqual([]);
        }
      }
    },
  );
});

describe.skipIf(process.platform === 'win32')('a user without the right', () => {
  const uid = isRoot ? nobody : undefined;

  it.each(['to write to the target', 'to delete at the source'])(
    '%s relocates nothing',
    async (right) => {
      const folder = await scratchFolder();
      const contentPath = join(folder, 'scratch');
      await layOut(folderTorrent, contentPath);
      await layOutLinks(folderTorrent, contentPath);
      const dir = join(folder, 'dir');
      await mkdir(dir);
      const paths = [
        folder,
        dir,
        contentPath,
        ...['0', '1', '2', '3', 'only'].map((name) => join(contentPath, name)),
      ];
      for (const path of paths) await chmod(path, 0o777);
      const locked = right === 'to write to the target' ? dir : join(contentPath, '2');
      await chmod(locked, isRoot ? 0o755 : 0o555);
      const relocation = {
        torrent: folderTorrent,
        contentPath,
        dir,
        journal: join(folder, 'journal'),
      };
      const { gone } = await startRelocation(program, relocation, uid);
      expect(await gone).toMatch(/DISK_DENIED: .*move it again/);
      expect(await gone).toContain(locked);
      await chmod(locked, 0o777);
      expect(await readdir(dir)).toEqual([]);
      expect(await isWhole(folderTorrent, contentPath)).toBe(true);
    },
  );
});
