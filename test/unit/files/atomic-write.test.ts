import { link, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { clearAbandoned, createFile, replaceFile } from '../../../src/files/atomic-write.js';
import { writeFiles } from '../../support/disks/content-files.js';
import { useScratchFolder } from '../../support/disks/scratch-folder.js';

const at = useScratchFolder();
const bytes = Buffer.from('ours');

/** A link(2) as file systems without hard links have it. */
async function noLink(): Promise<void> {
  throw Object.assign(new Error('operation not permitted'), { code: 'EPERM' });
}

describe.each([
  ['with hard links', link],
  ['without hard links', noLink],
])('createFile, on a file system %s,', (_, makeLink) => {
  it('puts the bytes there and leaves nothing else', async () => {
    expect(await createFile(at('file'), bytes, makeLink)).toBe(true);
    expect(await readFile(at('file'), 'utf8')).toBe('ours');
    expect(await readdir(at())).toEqual(['file']);
  });

  it('leaves alone whatever lies there', async () => {
    await writeFiles(at(), { file: 'theirs' });
    await mkdir(at('folder'));
    await symlink('nowhere', at('dangling'));
    for (const name of ['file', 'folder', 'dangling']) {
      expect(await createFile(at(name), bytes, makeLink)).toBe(false);
    }
    expect(await readFile(at('file'), 'utf8')).toBe('theirs');
    expect((await readdir(at())).sort()).toEqual(['dangling', 'file', 'folder']);
  });

  it('lets one of many win', async () => {
    const wins = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        createFile(at('file'), Buffer.from(`${index}`), makeLink),
      ),
    );
    expect(wins.filter((won) => won)).toHaveLength(1);
    expect(await readFile(at('file'), 'utf8')).toBe(`${wins.indexOf(true)}`);
    expect(await readdir(at())).toEqual(['file']);
  });
});

describe('createFile', () => {
  it('leaves nothing behind when linking fails', async () => {
    const failing = () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    await expect(createFile(at('file'), bytes, failing)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await readdir(at())).toEqual([]);
  });

  it('rejects where there is no folder', async () => {
    await expect(createFile(at('no', 'file'), bytes)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('replaceFile', () => {
  it('takes the place of the file and leaves nothing else', async () => {
    await writeFiles(at(), { file: 'old' });
    await replaceFile(at('file'), bytes);
    expect(await readFile(at('file'), 'utf8')).toBe('ours');
    expect(await readdir(at())).toEqual(['file']);
  });

  it('leaves nothing behind when it fails', async () => {
    await mkdir(at('file'));
    await writeFile(at('file', 'inside'), 'x');
    await expect(replaceFile(at('file'), bytes)).rejects.toThrow();
    expect(await readdir(at())).toEqual(['file']);
  });
});

describe('clearAbandoned', () => {
  it('clears away what a writer that died left long ago, and nothing else', async () => {
    const [old, fresh] = ['.bittorrent-helper-old.tmp', '.bittorrent-helper-fresh.tmp'];
    await writeFiles(at(), { [old]: 'half', [fresh]: 'half', file: 'ours' });
    const longAgo = new Date(Date.now() - 3_600_000);
    for (const name of [old, 'file']) await utimes(at(name), longAgo, longAgo);
    await clearAbandoned(at());
    expect((await readdir(at())).sort()).toEqual([fresh, 'file']);
  });

  it('does nothing where there is no folder', async () => {
    await clearAbandoned(at('no'));
    expect(await readdir(at())).toEqual([]);
  });
});
