import { chmod, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { cannotSyncDirectory, syncDirectory } from '../../../src/files/sync-directory.js';
import { asOrdinaryUser } from '../../support/disks/ordinary-user.js';
import { useScratchFolder } from '../../support/disks/scratch-folder.js';

const at = useScratchFolder();

it('syncs a folder, and goes on where one may not open it to do so', async () => {
  await writeFile(at('a'), '');
  await syncDirectory(at());
  await chmod(at(), 0o300);
  await asOrdinaryUser(() => syncDirectory(at()));
  await chmod(at(), 0o700);
});

it('says so where the disk fails, or nothing is there', async () => {
  await expect(syncDirectory(at('none'))).rejects.toMatchObject({ code: 'ENOENT' });
  const failed = (code: string) => cannotSyncDirectory(Object.assign(new Error(code), { code }));
  expect(['EINVAL', 'EPERM', 'EIO', 'ENOSPC', 'EMFILE'].map(failed)).toEqual([
    ...[true, true, false, false, false],
  ]);
});
