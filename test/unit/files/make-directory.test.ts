import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  closeDirectory,
  inFolder,
  makeDirectory,
  makePrivateDirectory,
} from '../../../src/files/make-directory.js';
import { asOrdinaryUser, isRoot } from '../../support/disks/ordinary-user.js';
import { scratchFolder, useScratchFolder } from '../../support/disks/scratch-folder.js';

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

/** A folder of this mode, whatever the umask. */
async function folderOf(path: string, mode: number): Promise<string> {
  await mkdir(path);
  await chmod(path, mode);
  return path;
}

describe('makeDirectory', () => {
  it('makes what is missing, and tells what it made, the topmost first', async () => {
    const dir = await scratchFolder();
    expect(await makeDirectory(join(dir, 'a/b/c'))).toEqual([
      ...[join(dir, 'a'), join(dir, 'a/b'), join(dir, 'a/b/c')],
    ]);
    expect(await makeDirectory(join(dir, 'a/b/d'))).toEqual([join(dir, 'a/b/d')]);
    expect(await makeDirectory(join(dir, 'a/b/c/../c'))).toEqual([]);
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

describe.skipIf(process.platform === 'win32')('a private folder', () => {
  const at = useScratchFolder();

  it.each([0, 0o022, 0o077, 0o277, 0o777])(
    'is 0700, and so are those made above it, under a umask of %i',
    async (umask) => {
      const before = process.umask(umask);
      onTestFinished(() => void process.umask(before));
      await asOrdinaryUser(async () => {
        expect(await makePrivateDirectory(at('a/b/c'))).toEqual([at('a'), at('a/b'), at('a/b/c')]);
      });
      for (const path of ['a', 'a/b', 'a/b/c']) expect(await modeOf(at(path))).toBe(0o700);
    },
  );

  it('leaves those alone that are there', async () => {
    await folderOf(at('open'), 0o755);
    expect(await makePrivateDirectory(at('open'))).toEqual([]);
    expect(await makePrivateDirectory(at('open/a'))).toEqual([at('open/a')]);
    expect(await modeOf(at('open'))).toBe(0o755);
    expect(await modeOf(at('open/a'))).toBe(0o700);
  });

  it.each([0o755, 0o777, 0o500, 0o700])('is closed when it was left at mode %i', async (mode) => {
    await asOrdinaryUser(async () => closeDirectory(await folderOf(at('open'), mode)));
    expect(await modeOf(at('open'))).toBe(0o700);
  });

  it('is no link, no file, and nothing that is not there', async () => {
    await folderOf(at('elsewhere'), 0o755);
    await symlink(at('elsewhere'), at('link'));
    await writeFile(at('file'), '');
    await chmod(at('file'), 0o644);
    for (const name of ['link', 'file', 'missing']) await closeDirectory(at(name));
    expect(await modeOf(at('elsewhere'))).toBe(0o755);
    expect(await modeOf(at('file'))).toBe(0o644);
  });

  it.runIf(isRoot)('of somebody else stays as it is', async () => {
    await folderOf(at('open'), 0o755);
    await asOrdinaryUser(() => closeDirectory(at('open')));
    expect(await modeOf(at('open'))).toBe(0o755);
  });
});

describe('inFolder', () => {
  const at = useScratchFolder();

  it('makes the folder where it is missing alone', async () => {
    let made = 0;
    const write = (name: string) =>
      inFolder(
        () => {
          made += 1;
          return makeDirectory(at('a', 'b'));
        },
        () => writeFile(at('a', 'b', name), ''),
      );
    for (const name of ['1', '2', '3']) await write(name);
    expect(made).toBe(1);
  });

  it('rejects as the task does, for another reason or when the folder is there', async () => {
    const refused = async () => {
      throw Object.assign(new Error('no'), { code: 'EACCES' });
    };
    await expect(inFolder(() => Promise.reject(new Error('made')), refused)).rejects.toThrow('no');
    const missing = () => readFile(at('nothing'));
    await expect(inFolder(async () => {}, missing)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
