import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { renameExclusively } from '../../../src/files/rename-exclusively.js';
import { useScratchFolder } from '../../support/disks/scratch-folder.js';

const at = useScratchFolder();
const noLink = async () => {
  throw Object.assign(new Error('operation not permitted'), { code: 'EPERM' });
};

describe.each([
  ['with hard links', undefined],
  ['without hard links', noLink],
])('a new name, on a file system %s,', (_, makeLink) => {
  it('is given where it is free', async () => {
    await writeFile(at('from'), 'ours');
    expect(await renameExclusively(at('from'), at('to'), makeLink)).toBe(true);
    expect(await readFile(at('to'), 'utf8')).toBe('ours');
  });

  it('is not taken from a file, a folder or a link', async () => {
    await writeFile(at('from'), 'ours');
    await writeFile(at('file'), 'theirs');
    await mkdir(at('folder'));
    await symlink('nowhere', at('link'));
    for (const name of ['file', 'folder', 'link']) {
      expect(await renameExclusively(at('from'), at(name), makeLink)).toBe(false);
    }
    expect(await readFile(at('file'), 'utf8')).toBe('theirs');
    expect((await readdir(at())).sort()).toEqual(['file', 'folder', 'from', 'link']);
  });

  it('leaves nothing behind where there is nothing to name', async () => {
    await expect(renameExclusively(at('none'), at('to'), makeLink)).rejects.toMatchObject({
      code: 'ENOENT',
    });
    expect(await readdir(at())).toEqual([]);
  });
});
