// The links of a torrent as a download leaves them on the disk, whatever lies there, or comes in between.
import { lstat, mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HelperError } from '../../../../src/errors.js';
import { createDisk } from '../../../../src/storage/content/disk.js';
import { openTorrentStorage } from '../../../../src/storage/content/torrent-storage.js';
import { makeLinks } from '../../../../src/storage/links/make-links.js';
import { swapFolder } from '../../../support/disks/folder-swapper.js';
import { linksOnDisk } from '../../../support/disks/links-on-disk.js';
import { below, relocateAll } from '../../../support/disks/relocated-content.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import { mayMount, mountSmallDisk } from '../../../support/disks/small-disk.js';
import { layOut } from '../../../support/torrents/sample-on-disk.js';
import type { SampleTorrent } from '../../../support/torrents/sample-torrent.js';
import { scratchTorrent } from '../../../support/torrents/scratch-torrent.js';

/** What the disk says to whoever makes a link, and which folders it was asked to confirm, by the names in them. */
const disk = vi.hoisted(() => ({ refusal: '', confirmed: new Set<string>() }));

vi.mock(import('node:fs/promises'), async (original) => {
  const real = await original();
  const refusing: typeof real.symlink = async (...args) => {
    if (disk.refusal) throw Object.assign(new Error(disk.refusal), { code: disk.refusal });
    return real.symlink(...args);
  };
  return { ...real, symlink: refusing };
});

vi.mock(import('../../../../src/files/sync-directory.js'), async (original) => ({
  ...(await original()),
  syncDirectory: async (path) => {
    disk.confirmed.add((await readdir(path)).sort().join());
  },
}));

afterEach(() => {
  disk.refusal = '';
});

const files = [
  { path: 'd/f', lengthBytes: 130 },
  { path: 'd/deep/g', lengthBytes: 70 },
];
const links = {
  file: 'd/f',
  'd/folder': 'd/deep',
  'd/self': 'd',
  'only/links/up': 'd/f',
  'only/links/along': 'only/links/up',
};
const texts = {
  file: 'd/f',
  'd/folder': 'deep',
  'd/self': '.',
  'only/links/up': '../../d/f',
  'only/links/along': 'up',
};
const torrent = scratchTorrent(100, files, links);

async function newPlace(): Promise<string> {
  return join(await scratchFolder(), 'copy/scratch');
}

/** As a download that gets all its bytes at once. Resolves with what it warned of. */
async function download(of: SampleTorrent, contentPath: string): Promise<readonly HelperError[]> {
  const warnings: HelperError[] = [];
  const storage = openTorrentStorage({
    metainfo: of.metainfo,
    contentPath,
    role: 'download',
    disk: createDisk(),
    onWarning: (error) => warnings.push(error),
  });
  onTestFinished(() => storage.close());
  await storage.write(0, of.content);
  await storage.flush();
  expect(await linksOnDisk(contentPath)).toEqual({});
  await storage.complete();
  return warnings;
}

const without = (...paths: readonly string[]) =>
  Object.fromEntries(Object.entries(texts).filter(([path]) => !paths.includes(path)));

describe('a download with links', () => {
  it('makes them when it is complete, and not before, so that they lead to the same wherever it is moved', async () => {
    const contentPath = await newPlace();
    expect(await download(torrent, contentPath)).toEqual([]);
    const moved = join(await scratchFolder(), 'moved');
    await rename(contentPath, moved);
    expect(await linksOnDisk(moved)).toEqual(texts);
    for (const path of ['file', 'd/self/f', 'only/links/up', 'only/links/along']) {
      expect(await readFile(join(moved, path))).toEqual(Buffer.from(torrent.bytesOf('d/f')));
    }
    expect(await readdir(join(moved, 'd/folder'))).toEqual(['g']);
  });

  it('has every folder in which it made a name confirmed by the disk', async () => {
    const contentPath = await newPlace();
    await layOut(torrent, contentPath);
    disk.confirmed.clear();
    await makeLinks({ links: torrent.metainfo.links, contentPath });
    const expected = ['along,up', 'd,file,only', 'deep,f,folder,self', 'links'];
    expect([...disk.confirmed].sort()).toEqual(expect.arrayContaining(expected));
  });

  it('adopts those that say the same already, and follows none', async () => {
    const contentPath = await newPlace();
    await download(torrent, contentPath);
    const before = await lstat(join(contentPath, 'only/links/up'));
    expect(await makeLinks({ links: torrent.metainfo.links, contentPath })).toBeUndefined();
    expect((await lstat(join(contentPath, 'only/links/up'))).ino).toBe(before.ino);
  });

  it.each([
    ['a file', (path: string) => writeFile(path, 'mine')],
    ['a folder', (path: string) => mkdir(path)],
    ['a link elsewhere', (path: string) => symlink('/etc/hosts', path)],
    ['a link that says the same at length', (path: string) => symlink('./d/f', path)],
    ['a link to nothing', (path: string) => symlink('nothing', path)],
  ])(
    'leaves %s that lies in the place of one, says so once, and makes the others',
    async (_kind, put) => {
      const contentPath = await newPlace();
      await layOut(torrent, contentPath);
      const path = join(contentPath, 'file');
      await put(path);
      const before = await lstat(path);
      await writeFile(join(contentPath, 'd/self'), 'mine');
      const warning = await makeLinks({ links: torrent.metainfo.links, contentPath });
      expect(warning).toMatchObject({
        code: 'LINKS_SKIPPED',
        message: `${path} is not the symbolic link to d/f that the torrent has: something else lies there, and is left; move it away and give the job again; so it is with 1 more`,
      });
      expect(await lstat(path)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
      expect(await linksOnDisk(contentPath)).toMatchObject(without('file', 'd/self'));
    },
  );

  it.each([
    ['a file', (path: string) => writeFile(path, 'mine')],
    ['a link', (path: string, outside: string) => symlink(outside, path)],
  ])('makes none behind %s that lies in the place of its folder', async (_kind, put) => {
    const contentPath = await newPlace();
    await layOut(torrent, contentPath);
    const outside = await scratchFolder();
    await put(join(contentPath, 'only'), outside);
    const warning = await makeLinks({ links: torrent.metainfo.links, contentPath });
    expect(warning?.message).toMatch(/only\/links\/up is not .*something else.*with 1 more$/);
    expect(await below(outside)).toEqual([]);
    expect(await linksOnDisk(contentPath)).toMatchObject(
      without('only/links/up', 'only/links/along'),
    );
  });

  it('is not led astray by a torrent that puts files or links below its own links', async () => {
    const crooked = scratchTorrent(100, [...files, { path: 'l/h', lengthBytes: 50 }], {
      'first/below': 'd/f',
      l: 'd',
      first: 'd',
      second: 'd',
      'second/below': 'd/f',
    });
    const contentPath = await newPlace();
    const [warning, ...more] = await download(crooked, contentPath);
    expect(warning?.message).toMatch(/\/l is not the symbolic link to d .*so it is with 2 more$/);
    expect(more).toEqual([]);
    expect((await lstat(join(contentPath, 'l'))).isDirectory()).toBe(true);
    expect(await linksOnDisk(contentPath)).toEqual({ 'first/below': '../d/f', second: 'd' });
    expect(await below(join(contentPath, 'd'))).toEqual(['deep', 'deep/g', 'f']);
  });

  it('does not write to a file below one that lies there from before', async () => {
    const contentPath = await newPlace();
    await layOut(torrent, contentPath);
    await symlink('d', join(contentPath, 'l'));
    const later = scratchTorrent(100, [...files, { path: 'l/h', lengthBytes: 50 }], { l: 'd' });
    await expect(download(later, contentPath)).rejects.toMatchObject({
      code: 'DESTINATION_EXISTS',
    });
    expect(await below(join(contentPath, 'd'))).toEqual(['deep', 'deep/g', 'f']);
  });

  it('does not make the folder of its content anew for them', async () => {
    const contentPath = await newPlace();
    await mkdir(dirname(contentPath));
    const places = { links: torrent.metainfo.links, contentPath };
    await expect(makeLinks(places)).rejects.toMatchObject({ code: 'DISK_GONE' });
    expect(await readdir(dirname(contentPath))).toEqual([]);
  });
});

describe('a disk that takes no links', () => {
  async function complete(refusal: string): Promise<readonly HelperError[]> {
    disk.refusal = refusal;
    return download(torrent, await newPlace());
  }

  it.each(['EPERM', 'ENOSYS', 'EOPNOTSUPP', 'ENAMETOOLONG'])(
    'and says %s is told of once, and the download is complete',
    async (code) => {
      expect(await complete(code)).toEqual([
        expect.objectContaining({
          code: 'LINKS_SKIPPED',
          message: expect.stringMatching(`\\(${code}\\); so it is with 4 more$`),
        }),
      ]);
    },
  );

  it.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EMFILE', 'FILES_EXHAUSTED'],
  ])('just now, for it says %s, has the download wait for it', async (refusal, code) => {
    await expect(complete(refusal)).rejects.toMatchObject({ code });
  });

  it('takes content that is moved there all the same, and nothing of it stays behind', async () => {
    const contentPath = await newPlace();
    await download(torrent, contentPath);
    disk.refusal = 'EPERM';
    const to = await relocateAll(torrent, contentPath, await scratchFolder());
    expect(await linksOnDisk(to)).toEqual({});
    expect(await readFile(join(to, 'd/f'))).toEqual(Buffer.from(torrent.bytesOf('d/f')));
    expect(await readdir(dirname(contentPath))).toEqual([]);
  });

  it.skipIf(!mayMount)('in one folder costs those of that folder alone', async () => {
    const contentPath = await newPlace();
    await layOut(torrent, contentPath);
    const small = await mountSmallDisk(65_536, join(contentPath, 'only'));
    await small.setWritable(false);
    const warning = await makeLinks({ links: torrent.metainfo.links, contentPath });
    expect(warning?.message).toMatch(/only\/links\/up is not .*\(EROFS\); so it is with 1 more$/);
    expect(await linksOnDisk(contentPath)).toEqual(without('only/links/up', 'only/links/along'));
  });
});

describe.skipIf(process.platform !== 'linux')(
  'a folder swapped for a link and back all the time',
  () => {
    it('has no link made where that link leads', async () => {
      const contentPath = await newPlace();
      await layOut(torrent, contentPath);
      const outside = await scratchFolder();
      const names = Array.from({ length: 300 }, (_, nth) => ({
        path: ['d', `${nth}`],
        target: ['d', 'f'],
      }));
      const swapper = await swapFolder(join(contentPath, 'd'), outside, await newPlace());
      for (let round = 0; round < 10; round++) {
        await makeLinks({ links: names.slice(round * 30, (round + 1) * 30), contentPath }).catch(
          () => {},
        );
      }
      await swapper.stop();
      expect(await readdir(outside)).toEqual([]);
      expect(await makeLinks({ links: names, contentPath })).toBeUndefined();
    });
  },
);
