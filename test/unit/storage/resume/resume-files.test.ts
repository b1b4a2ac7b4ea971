import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pruneResumeData } from '../../../../src/storage/resume/resume-files.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';

const dayMs = 24 * 60 * 60 * 1_000;

describe('pruning', () => {
  it('forgets what nobody touched for a year, and what a cut-off write left, and nothing else', async () => {
    const stateDir = await scratchFolder();
    const folder = join(stateDir, 'resume');
    await mkdir(join(folder, `${'e'.repeat(40)}-${'0'.repeat(16)}.json`), { recursive: true });
    const name = (letter: string, end: string) => `${letter.repeat(40)}-${'0'.repeat(16)}.${end}`;
    const put = async (file: string, ageDays: number) => {
      const at = new Date(Date.now() - ageDays * dayMs);
      await writeFile(join(folder, file), '');
      await utimes(join(folder, file), at, at);
    };
    await put(name('a', 'json'), 366);
    await put(name('a', 'journal'), 366);
    await put(name('b', 'json'), 364);
    await put(name('a', 'journal.tmp'), 2);
    await put('.bittorrent-helper-old.tmp', 2);
    await put('.bittorrent-helper-new.tmp', 0);
    await put('letter.tmp', 999);
    await put('letter.json', 999);
    await pruneResumeData(stateDir);
    expect((await readdir(folder)).sort()).toEqual([
      '.bittorrent-helper-new.tmp',
      name('b', 'json'),
      name('e', 'json'),
      'letter.json',
      'letter.tmp',
    ]);
  });

  it('looks at five hundred at a time, and at the others another time', async () => {
    const stateDir = await scratchFolder();
    const folder = join(stateDir, 'resume');
    await mkdir(folder);
    const nameOf = (nth: number) => `${String(nth).padStart(40, '0')}-${'0'.repeat(16)}.json`;
    await Promise.all(
      Array.from({ length: 600 }, (_, nth) => writeFile(join(folder, nameOf(nth)), '')),
    );
    const inTwoYears = Date.now() + 730 * dayMs;
    await pruneResumeData(stateDir, inTwoYears);
    expect(await readdir(folder)).toHaveLength(100);
    await pruneResumeData(stateDir, inTwoYears);
    expect(await readdir(folder)).toEqual([]);
  });

  it('of nothing is nothing', async () => {
    await expect(pruneResumeData(join(await scratchFolder(), 'none'))).resolves.toBeUndefined();
  });
});
