import { existsSync } from 'node:fs';
import { stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeDirectory } from '../../../src/files/make-directory.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';

describe('makeDirectory', () => {
  it('makes what is missing, and tells what it made, the topmost first', async () => {
    const dir = await scratchFolder();
    expect(await makeDirectory(join(dir, 'a/b/c'), 0o700)).toEqual([
      ...[join(dir, 'a'), join(dir, 'a/b'), join(dir, 'a/b/c')],
    ]);
    expect(await makeDirectory(join(dir, 'a/b/d'))).toEqual([join(dir, 'a/b/d')]);
    expect(await makeDirectory(join(dir, 'a/b/c/../c'))).toEqual([]);
    expect((await stat(join(dir, 'a/b/c'))).mode & 0o777).toBe(0o700);
  });

  it('takes a link to a folder for one', async () => {
    const dir = await scratchFolder();
    await symlink(dir, join(dir, 'link'));
    expect(await makeDirectory(join(dir, 'link'))).toEqual([]);
    expect(await makeDirectory(join(dir, 'link/a'))).toEqual([join(dir, 'link/a')]);
  });

  it('says why where it cannot', async () => {
    const dir = await scratchFolder();
    await writeFile(join(dir, 'file'), '');
    await expect(makeDirectory(join(dir, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeDirectory(join(dir, 'file/a/b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it.runIf(existsSync('/proc/self'))('comes to an end where nothing can be made', async () => {
    await expect(makeDirectory('/proc/none/of/this')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
