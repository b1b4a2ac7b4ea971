import { mkdir, readdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FolderPool } from '../../../../src/storage/folders/folder-pool.js';
import {
  canHoldFolders,
  makeFolder,
  withinFolder,
} from '../../../../src/storage/folders/folder-walk.js';
import { openIn } from '../../../support/disks/open-files.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';

let root: string;
let outside: string;

beforeEach(async () => {
  root = join(await scratchFolder(), 'root');
  outside = await scratchFolder();
  await mkdir(join(root, 'a/b'), { recursive: true });
});

const isOnLinux = process.platform === 'linux';

it('can go on from open folders on Linux', () => {
  expect(canHoldFolders).toBe(isOnLinux);
});

describe('a task within a folder', () => {
  it('reaches what lies there', async () => {
    await withinFolder({ root, names: ['a', 'b'] }, (path) => writeFile(join(path, 'x'), ''));
    expect(await readdir(join(root, 'a/b'))).toEqual(['x']);
  });

  it.runIf(isOnLinux)('is not led astray by a link that takes the folder’s place', async () => {
    await withinFolder({ root, names: ['a', 'b'] }, async (path) => {
      await rename(join(root, 'a'), join(root, 'moved'));
      await symlink(outside, join(root, 'a'));
      await writeFile(join(path, 'x'), '');
    });
    expect(await readdir(join(root, 'moved/b'))).toEqual(['x']);
    expect(await readdir(outside)).toEqual([]);
  });

  it('is refused where a link or a file is on the way, or nothing', async () => {
    await mkdir(join(outside, 'b'));
    await rm(join(root, 'a'), { recursive: true });
    const task = () =>
      withinFolder({ root, names: ['a', 'b'] }, (path) => writeFile(join(path, 'x'), ''));
    await expect(task()).rejects.toMatchObject({ code: 'ENOENT' });
    await symlink(outside, join(root, 'a'));
    await expect(task()).rejects.toMatchObject({
      code: 'DESTINATION_EXISTS',
      message: expect.stringContaining(`${join(root, 'a')} is a symbolic link`),
    });
    await unlink(join(root, 'a'));
    await writeFile(join(root, 'a'), '');
    await expect(task()).rejects.toMatchObject({
      code: 'DESTINATION_EXISTS',
      message: expect.stringContaining(`${join(root, 'a')} is a file`),
    });
    expect(await readdir(join(outside, 'b'))).toEqual([]);
  });

  it('may begin at a root that is a link, as its user chose it', async () => {
    await symlink(root, join(outside, 'link'));
    const folder = { root: join(outside, 'link'), names: ['a'] };
    await withinFolder(folder, (path) => writeFile(join(path, 'x'), ''));
    expect(await readdir(join(root, 'a'))).toEqual(['b', 'x']);
  });

  it.runIf(isOnLinux)('leaves nothing open', async () => {
    await expect(withinFolder({ root, names: ['a', 'c'] }, async () => {})).rejects.toThrow();
    await withinFolder({ root, names: ['a', 'b'] }, async () => {});
    expect(await openIn(root)).toEqual([]);
  });
});

describe('making a folder', () => {
  it('makes what is missing, and tells where names were made', async () => {
    const made: string[] = [];
    const folder = { root: join(root, 'new'), names: ['c', 'd'] };
    await Promise.all([1, 2].map(() => makeFolder(folder, (path) => made.push(path))));
    expect([...new Set(made)]).toEqual([root, join(root, 'new'), join(root, 'new/c')]);
    expect(await readdir(join(root, 'new/c'))).toEqual(['d']);
  });

  it('makes nothing behind a link', async () => {
    await symlink(outside, join(root, 'a/link'));
    const made = makeFolder({ root, names: ['a', 'link', 'c', 'd'] }, () => {});
    await expect(made).rejects.toMatchObject({ code: 'DESTINATION_EXISTS' });
    expect(await readdir(outside)).toEqual([]);
  });
});

describe.runIf(isOnLinux)('folders that are kept open', () => {
  it('are opened once, stay the ones they were, and are closed with their owner', async () => {
    const pool = new FolderPool();
    const owner = {};
    const write = (name: string) =>
      pool.use(owner, { root, names: ['a', 'b'] }, (path) => writeFile(join(path, name), ''));
    await Promise.all(['x', 'y'].map(write));
    expect(await openIn(root)).toEqual([join(root, 'a/b')]);
    await rename(join(root, 'a'), join(root, 'moved'));
    await symlink(outside, join(root, 'a'));
    await write('z');
    expect(await readdir(join(root, 'moved/b'))).toEqual(['x', 'y', 'z']);
    await pool.closeOwned(owner);
    expect(await openIn(root)).toEqual([]);
    await expect(write('x')).rejects.toMatchObject({ code: 'DESTINATION_EXISTS' });
  });

  it('are never more than so many', async () => {
    const pool = new FolderPool();
    const names = Array.from({ length: 100 }, (_, nth) => `${nth}`);
    for (const name of names) await mkdir(join(root, name));
    const used = names.map((name) => pool.use({}, { root, names: [name] }, async () => {}));
    await Promise.all(used);
    expect((await openIn(root)).length).toBeLessThanOrEqual(32);
  });
});
