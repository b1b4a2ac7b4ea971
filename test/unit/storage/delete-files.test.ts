import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deleteFiles } from '../../../src/storage/delete-files.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { layOut } from '../../support/torrents/sample-on-disk.js';
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

async function below(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

describe('deleting what was downloaded', () => {
  it('deletes files and folders, but not the download directory', async () => {
    const request = await downloaded();
    await deleteFiles(request);
    expect(await below(request.root)).toEqual([]);
  });

  it('deletes a single file', async () => {
    const single = scratchTorrent(100, [{ path: '', lengthBytes: 130 }]);
    const root = await scratchFolder();
    await writeFile(join(root, 'x'), single.content);
    await writeFile(join(root, 'y'), 'mine');
    await deleteFiles({ metainfo: single.metainfo, root, contentPath: join(root, 'x') });
    expect(await below(root)).toEqual(['y']);
  });

  it('leaves the download directory even if the content lies right in it', async () => {
    const root = await scratchFolder();
    await layOut(torrent, root);
    await deleteFiles({ metainfo, root: `${root}/`, contentPath: root });
    expect(await below(root)).toEqual([]);
  });

  it('does not mind what is missing, and may be asked again', async () => {
    const request = await downloaded(['sub/deep/c']);
    await deleteFiles(request);
    await deleteFiles(request);
    expect(await below(request.root)).toEqual([]);
  });

  it('leaves other files, and the folders they lie in', async () => {
    const request = await downloaded();
    await writeFile(join(request.contentPath, 'sub/mine'), 'mine');
    await deleteFiles(request);
    expect(await below(request.root)).toEqual(['content', 'content/sub', 'content/sub/mine']);
  });

  it('leaves what is not the torrent’s: longer files, folders and links in place of files', async () => {
    const request = await downloaded(['sub/deep/empty']);
    await writeFile(join(request.contentPath, 'a'), new Uint8Array(131));
    await mkdir(join(request.contentPath, 'sub/b/inside'), { recursive: true });
    await symlink('/etc/hosts', join(request.contentPath, 'sub/deep/c'));
    await deleteFiles(request);
    expect(await below(request.contentPath)).toEqual([
      'a',
      'sub',
      'sub/b',
      'sub/b/inside',
      'sub/deep',
      'sub/deep/c',
    ]);
  });

  it.each(['content', 'content/sub', 'content/sub/deep'])(
    'does not follow a link at %s',
    async (at) => {
      const elsewhere = await downloaded();
      const root = await scratchFolder();
      const link = join(root, at);
      await mkdir(join(link, '..'), { recursive: true });
      await symlink(join(elsewhere.root, at), link);
      const before = await below(elsewhere.root);
      await deleteFiles({ metainfo, root, contentPath: join(root, 'content') });
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
    await deleteFiles({ metainfo: padded.metainfo, root, contentPath: join(root, 'content') });
    expect(await below(root)).toEqual(['content', 'content/.pad', 'content/.pad/40']);
  });
});
