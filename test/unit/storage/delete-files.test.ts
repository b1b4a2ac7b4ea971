import {
  appendFile,
  link,
  lstat,
  mkdir,
  readdir,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DeleteRequest, deleteFiles } from '../../../src/storage/delete-files.js';
import { linksOnDisk } from '../../support/disks/links-on-disk.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { stampsOnDisk } from '../../support/disks/stamps-on-disk.js';
import { layOut, layOutLinks } from '../../support/torrents/sample-on-disk.js';
import { scratchTorrent } from '../../support/torrents/scratch-torrent.js';

const torrent = scratchTorrent(100, [
  { path: 'a', lengthBytes: 130 },
  { path: 'sub/b', lengthBytes: 70 },
  { path: 'sub/deep/empty', lengthBytes: 0 },
  { path: 'sub/deep/c', lengthBytes: 250 },
]);
const { metainfo } = torrent;

async function downloaded(paths?: readonly string[]) {
  const root = await scratchFolder();
  const contentPath = join(root, 'content');
  await layOut(torrent, contentPath, paths);
  return { metainfo, root, contentPath };
}

type Place = Omit<DeleteRequest, 'owned'>;

/** As if all that lies there were the job's. */
async function deleteAll(place: Place) {
  const owned = await stampsOnDisk(place.metainfo, place.contentPath);
  return deleteFiles({ ...place, owned });
}

async function below(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

describe('deleting what was downloaded', () => {
  it('deletes files and folders, but not the download directory', async () => {
    const request = await downloaded();
    await deleteAll(request);
    expect(await below(request.root)).toEqual([]);
  });

  it('deletes a single file', async () => {
    const single = scratchTorrent(100, [{ path: '', lengthBytes: 130 }]);
    const root = await scratchFolder();
    await writeFile(join(root, 'x'), single.content);
    await writeFile(join(root, 'y'), 'mine');
    await deleteAll({ metainfo: single.metainfo, root, contentPath: join(root, 'x') });
    expect(await below(root)).toEqual(['y']);
  });

  it('leaves the download directory even if the content lies right in it', async () => {
    const root = await scratchFolder();
    await layOut(torrent, root);
    await deleteAll({ metainfo, root: `${root}/`, contentPath: root });
    expect(await below(root)).toEqual([]);
  });

  it('does not mind what is missing, and may be asked again', async () => {
    const request = await downloaded(['sub/deep/c']);
    await deleteAll(request);
    await deleteAll(request);
    expect(await below(request.root)).toEqual([]);
  });

  it('leaves other files, and the folders they lie in', async () => {
    const request = await downloaded();
    await writeFile(join(request.contentPath, 'sub/mine'), 'mine');
    await deleteAll(request);
    expect(await below(request.root)).toEqual(['content', 'content/sub', 'content/sub/mine']);
  });

  it('leaves what it was not told to delete, and folders and links in place of files', async () => {
    const request = await downloaded(['sub/deep/empty']);
    const owned = await stampsOnDisk(metainfo, request.contentPath);
    await writeFile(join(request.contentPath, 'a'), 'mine');
    await mkdir(join(request.contentPath, 'sub/b/inside'), { recursive: true });
    await symlink('/etc/hosts', join(request.contentPath, 'sub/deep/c'));
    expect(await deleteFiles({ ...request, owned })).toEqual([]);
    expect(await below(request.contentPath)).toEqual([
      'a',
      'sub',
      'sub/b',
      'sub/b/inside',
      'sub/deep',
      'sub/deep/c',
    ]);
  });

  it.each([
    ['was written to', (path: string) => appendFile(path, 'mine')],
    [
      'makes room for another',
      async (path: string) => {
        await writeFile(`${path}.mine`, 'mine');
        await rename(`${path}.mine`, path);
      },
    ],
    [
      'makes room for a link',
      async (path: string) => {
        await rm(path);
        await symlink('/etc/hosts', path);
      },
    ],
    [
      'makes room for a folder',
      async (path: string) => {
        await rm(path);
        await mkdir(path);
      },
    ],
  ])('leaves and tells a file that %s after one had looked', async (_what, change) => {
    const request = await downloaded();
    const owned = await stampsOnDisk(metainfo, request.contentPath);
    await change(join(request.contentPath, 'sub/b'));
    const [, b] = metainfo.files;
    expect(await deleteFiles({ ...request, owned })).toEqual([b]);
    expect(await below(request.root)).toEqual(['content', 'content/sub', 'content/sub/b']);
  });

  it('deletes a file that has further names, two of the torrent’s among them', async () => {
    const request = await downloaded(['a', 'sub/b']);
    const c = join(request.contentPath, 'sub/deep/c');
    await mkdir(dirname(c));
    await link(join(request.contentPath, 'a'), c);
    await link(c, join(request.root, 'mine'));
    await deleteAll(request);
    expect(await below(request.root)).toEqual(['mine']);
  });

  it.each(['content', 'content/sub', 'content/sub/deep'])(
    'does not follow %s when that was swapped for a link after one had looked',
    async (at) => {
      const request = await downloaded();
      const owned = await stampsOnDisk(metainfo, request.contentPath);
      const elsewhere = join(await scratchFolder(), 'elsewhere');
      await rename(join(request.root, at), elsewhere);
      await symlink(elsewhere, join(request.root, at));
      const before = await below(elsewhere);
      await deleteFiles({ ...request, owned });
      expect(await below(elsewhere)).toEqual(before);
    },
  );

  it.each(['content', 'content/sub', 'content/sub/deep'])(
    'does not follow a link at %s',
    async (at) => {
      const elsewhere = await downloaded();
      const root = await scratchFolder();
      const link = join(root, at);
      await mkdir(join(link, '..'), { recursive: true });
      await symlink(join(elsewhere.root, at), link);
      const before = await below(elsewhere.root);
      const owned = await stampsOnDisk(metainfo, elsewhere.contentPath);
      await deleteFiles({ metainfo, root, contentPath: join(root, 'content'), owned });
      expect(await below(elsewhere.root)).toEqual(before);
      expect(await readdir(join(link, '..'))).toHaveLength(1);
    },
  );

  it('never touches padding', async () => {
    const padded = scratchTorrent(100, [
      { path: 'a', lengthBytes: 60 },
      { path: '.pad/40', lengthBytes: 40, isPadding: true },
    ]);
    const root = await scratchFolder();
    await layOut(padded, join(root, 'content'));
    await deleteAll({ metainfo: padded.metainfo, root, contentPath: join(root, 'content') });
    expect(await below(root)).toEqual(['content', 'content/.pad', 'content/.pad/40']);
  });
});

describe('deleting a torrent’s links', () => {
  const linked = scratchTorrent(
    100,
    [
      { path: 'a', lengthBytes: 130 },
      { path: 'sub/b', lengthBytes: 70 },
    ],
    { l: 'a', 'sub/up': 'sub', 'only/here': 'sub/b' },
  );

  async function downloadedWithLinks() {
    const root = await scratchFolder();
    const contentPath = join(root, 'content');
    await layOut(linked, contentPath);
    await layOutLinks(linked, contentPath);
    return { metainfo: linked.metainfo, root, contentPath };
  }

  it('deletes them with the files, and the folders that held nothing else', async () => {
    const request = await downloadedWithLinks();
    await deleteAll(request);
    expect(await below(request.root)).toEqual([]);
  });

  it.each([
    ['leads elsewhere', (path: string) => symlink('/etc/hosts', path)],
    ['says the same at length', (path: string) => symlink('./a', path)],
    ['is a file', (path: string) => writeFile(path, 'mine')],
    ['is a folder', (path: string) => mkdir(path)],
  ])('leaves what %s by now', async (_what, put) => {
    const request = await downloadedWithLinks();
    const path = join(request.contentPath, 'l');
    await rm(path);
    await put(path);
    const before = await lstat(path);
    await deleteAll(request);
    expect(await below(request.root)).toEqual(['content', 'content/l']);
    expect(await lstat(path)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
  });

  it('leaves those of somebody else, where no file is the job’s', async () => {
    const request = await downloadedWithLinks();
    const before = await linksOnDisk(request.root);
    await deleteFiles({ ...request, owned: new Map() });
    expect(await linksOnDisk(request.root)).toEqual(before);
  });

  it('deletes the rest at a later attempt, wherever the others were broken off', async () => {
    const request = await downloadedWithLinks();
    for (let attempt = 1, isThrough = false; !isThrough; attempt++) {
      const owned = await stampsOnDisk(request.metainfo, request.contentPath);
      const { signal } = new AbortController();
      let checks = 0;
      signal.throwIfAborted = () => {
        if (++checks > attempt) throw new Error('enough');
      };
      isThrough = await deleteFiles({ ...request, owned, signal }).then(
        () => true,
        () => false,
      );
    }
    expect(await below(request.root)).toEqual([]);
  });

  it('does not follow a folder that was swapped for a link after one had looked', async () => {
    const request = await downloadedWithLinks();
    const owned = await stampsOnDisk(request.metainfo, request.contentPath);
    const elsewhere = join(await scratchFolder(), 'elsewhere');
    await rename(join(request.contentPath, 'only'), elsewhere);
    await symlink(elsewhere, join(request.contentPath, 'only'));
    await deleteFiles({ ...request, owned });
    expect(await readdir(elsewhere)).toEqual(['here']);
    expect(await linksOnDisk(request.root)).toEqual({ 'content/only': elsewhere });
  });

  it('is not led astray by a torrent that has files below its own links', async () => {
    const crooked = scratchTorrent(
      100,
      [
        { path: 'd/f', lengthBytes: 50 },
        { path: 'l/f', lengthBytes: 50 },
      ],
      { l: 'd' },
    );
    const root = await scratchFolder();
    const contentPath = join(root, 'content');
    await layOut(crooked, contentPath, ['d/f']);
    await symlink('d', join(contentPath, 'l'));
    const [d, l] = crooked.metainfo.files;
    const stamp = d && (await stampsOnDisk(crooked.metainfo, contentPath)).get(d);
    if (!l || !stamp) throw new Error('not laid out');
    await deleteFiles({
      metainfo: crooked.metainfo,
      root,
      contentPath,
      owned: new Map([[l, stamp]]),
    });
    expect(await below(root)).toEqual(['content', 'content/d', 'content/d/f']);
  });
});
