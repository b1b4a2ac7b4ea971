// What may lie on a disk beyond what others of its kind take: on macOS too a disk can tell upper case from lower.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { makeMetainfo } from '../../../../src/metainfo/create/make-metainfo.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';

vi.mock(import('node:os'), async (original) => ({
  ...(await original()),
  platform: () => 'darwin',
}));

it('are refused before anything is published under other names than it has', async () => {
  const path = await scratchFolder();
  const request = { path, isPrivate: true, announce: [] };
  await writeFile(join(path, 'readme'), 'a');
  const { metainfo } = await makeMetainfo(request, new AbortController().signal);
  expect(metainfo.files).toHaveLength(1);
  await writeFile(join(path, 'README'), 'b');
  await expect(makeMetainfo(request, new AbortController().signal)).rejects.toMatchObject({
    code: 'CONTENT_UNSUPPORTED',
    message: expect.stringContaining("'readme'"),
  });
});
