import { mkdir, symlink } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { isNothingAt } from '../../../../src/storage/disk/look-at.js';
import { writeFiles } from '../../../support/disks/content-files.js';
import { useScratchFolder } from '../../../support/disks/scratch-folder.js';

const at = useScratchFolder();

it('is so where all paths are free, and where their folders are missing', async () => {
  expect(await isNothingAt([at('one'), at('other'), at('no-folder/three')])).toBe(true);
});

it('is not so where a file lies at one of them, a folder, or a link that leads nowhere', async () => {
  await writeFiles(at(), { file: 'bytes' });
  await mkdir(at('folder'));
  await symlink('nowhere', at('dangling'));
  for (const name of ['file', 'folder', 'dangling']) {
    expect(await isNothingAt([at('free'), at(name)])).toBe(false);
  }
});

it('is not so where a file stands for a folder on the way: whoever goes on is told', async () => {
  await writeFiles(at(), { file: 'bytes' });
  expect(await isNothingAt([at('file/below')])).toBe(false);
});

it('is told of many at once as of one', async () => {
  await writeFiles(at(), { file: 'bytes' });
  const asked = Array.from({ length: 200 }, (_, nth) =>
    isNothingAt([at(`free-${nth}`), at(nth % 2 === 0 ? 'free' : 'file')]),
  );
  const answers = await Promise.all([...asked, isNothingAt([at('file/below')])]);
  expect(answers).toEqual([...asked.map((_, nth) => nth % 2 === 0), false]);
});
