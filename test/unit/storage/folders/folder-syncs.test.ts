import { expect, it, vi } from 'vitest';
import { FilePool } from '../../../../src/storage/disk/file-pool.js';
import { FolderSyncs } from '../../../../src/storage/folders/folder-syncs.js';
import { useScratchFolder } from '../../../support/disks/scratch-folder.js';

const at = useScratchFolder();

it('confirms a folder once for all who ask in a turn, and anew for who asks while it does', async () => {
  const handles = new FilePool(4);
  const syncs = new FolderSyncs(handles);
  const used = vi.spyOn(handles, 'use');
  let later: Promise<void> | undefined;
  used.mockImplementationOnce(async (file, task) => {
    later = syncs.sync(at());
    return handles.use(file, task);
  });
  await Promise.all(Array.from({ length: 50 }, () => syncs.sync(at())));
  await later;
  // Twice through the first, which the second was asked in the middle of.
  expect(used).toHaveBeenCalledTimes(2 + 1);
  await vi.waitUntil(() => handles.openFiles === 0);
});

it('tells all who wait of a folder that is gone, and looks anew for who asks later', async () => {
  const syncs = new FolderSyncs(new FilePool(4));
  const gone = at('gone');
  const told = await Promise.allSettled([syncs.sync(gone), syncs.sync(gone), syncs.sync(at())]);
  expect(told.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  await expect(syncs.sync(gone)).rejects.toMatchObject({ code: 'DISK_GONE' });
});
