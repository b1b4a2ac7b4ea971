// What was downloaded is seeded on, from where it lies.
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hashOf, readTree, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';

it('a finished download feeds a third helper after the first one has gone', async () => {
  const folder = await scratchFolder();
  const tracker = start(['tracker', '--port', `${await freePort()}`], { cwd: folder });
  const announceUrl = await tracker.line(/^http:/);
  const startIn = async (name: string): Promise<HelperProcess> => {
    const cwd = join(folder, name);
    await mkdir(cwd, { recursive: true });
    return start(['--tracker', announceUrl], { cwd });
  };
  await writeRandom(join(folder, 'first/x.bin'), 2 * MiB);
  const wanted = await hashOf(join(folder, 'first/x.bin'));

  const first = await startIn('first');
  first.write('file:x.bin');
  const { torrentFile } = await first.published(1);
  const second = await startIn('second');
  second.write(`torrent:${torrentFile}`);
  await second.line('1:x.bin:100');
  first.write('quit:');
  expect(await first.exit()).toBe(0);
  const { ino, mtimeMs } = await stat(join(folder, 'second/x.bin'));

  const third = await startIn('third');
  third.write(`torrent:${torrentFile}`);
  await third.line('1:x.bin:100');
  expect(await readTree(join(folder, 'third'))).toEqual({ 'x.bin': wanted });
  expect(await readTree(join(folder, 'second'))).toEqual({ 'x.bin': wanted });
  expect(await stat(join(folder, 'second/x.bin'))).toMatchObject({ ino, mtimeMs });
  expect(second.percents(1).at(-1)).toBe(100);
});
