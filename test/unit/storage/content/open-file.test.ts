// Where the system cannot go on from an open folder, a link may take a folder's place just after it was looked at.

import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import type * as os from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { openDownloaded } from '../../../../src/storage/content/open-file.js';
import { closeFile } from '../../../../src/storage/disk/file-io.js';
import { FolderPool } from '../../../../src/storage/folders/folder-pool.js';
import type { FolderPath } from '../../../../src/storage/folders/folder-walk.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import { scratchTorrent } from '../../../support/torrents/scratch-torrent.js';

vi.mock('node:os', async (importOriginal) => ({
  ...(await importOriginal<typeof os>()),
  platform: () => 'freebsd',
}));

/** Does something right after the look. */
class InterruptedPool extends FolderPool {
  constructor(readonly interrupt: () => Promise<void>) {
    super();
  }

  override use<T>(owner: object, folder: FolderPath, task: (path: string) => Promise<T>) {
    return super.use(owner, folder, async (path) => {
      await this.interrupt();
      return task(path);
    });
  }
}

it('finds out that it opened another file, and neither reads nor writes it', async () => {
  const [contentPath, outside] = [await scratchFolder(), await scratchFolder()];
  const [file] = scratchTorrent(16, [{ path: 'a/x', lengthBytes: 16 }]).metainfo.files;
  if (file === undefined) throw new Error('no file');
  await mkdir(join(contentPath, 'a'));
  await writeFile(join(contentPath, 'a/x'), 'ours');
  await writeFile(join(outside, 'x'), 'not ours');
  const open = (interrupt: () => Promise<void>) =>
    openDownloaded(
      { contentPath, file, folders: new InterruptedPool(interrupt), owner: {} },
      'write',
    );

  await closeFile((await open(async () => {})).descriptor);
  const swapped = open(async () => {
    await rename(join(contentPath, 'a'), join(contentPath, 'b'));
    await symlink(outside, join(contentPath, 'a'));
  });
  await expect(swapped).rejects.toMatchObject({
    code: 'DESTINATION_EXISTS',
    message: expect.stringContaining(`${join(contentPath, 'a')} is a symbolic link`),
  });
  expect(await readFile(join(outside, 'x'), 'utf8')).toBe('not ours');
  expect(await readdir(outside)).toEqual(['x']);
});
