// A process that has no file descriptor left, as its limit has it: whatever opens a file says so, and that it may pass.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { makeMetainfo } from '../../src/metainfo/create/make-metainfo.js';
import { writeTorrentFile } from '../../src/metainfo/create/write-torrent-file.js';
import { writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { bundleProgram } from '../support/processes/bundle-program.js';

const run = promisify(execFile);

test.skipIf(process.platform === 'win32')(
  'scanning, hashing, reading and writing .torrent files fail with FILES_EXHAUSTED',
  async () => {
    const folder = await scratchFolder();
    await writeRandom(join(folder, 'data/a'), 100_000);
    await writeFile(join(folder, 'data/b'), 'b');
    for (const name of ['empty', 'torrents']) await mkdir(join(folder, name));
    const request = { path: join(folder, 'data/a'), isPrivate: false, announce: [] };
    const { metainfo } = await makeMetainfo(request, new AbortController().signal);
    await writeTorrentFile({ metainfo, announce: [], dir: join(folder, 'torrents') });
    const source = join(import.meta.dirname, '../support/processes/exhausted-program.ts');
    const program = await bundleProgram(source, folder);

    const limited = 'ulimit -n 64; exec "$@"';
    const command = [process.execPath, program, folder];
    const { stdout } = await run('sh', ['-c', limited, 'sh', ...command]);
    const failed = (step: string, path: string, task = 'read') =>
      expect.stringContaining(
        `${step}: FILES_EXHAUSTED true: ${join(folder, path)} cannot be ${task}: too many files are open (EMFILE)`,
      );
    expect(stdout.trim().split('\n')).toEqual([
      failed('scanning a folder', 'data'),
      failed('hashing in the thread pool', 'data/a'),
      failed('hashing in a thread', 'data/a'),
      failed('hashing in a thread that cannot begin', 'data/a'),
      failed('looking for the torrent in its place', 'torrents/a.torrent'),
      failed('writing a new .torrent', 'empty', 'written'),
      failed('writing over a .torrent', 'torrents', 'written'),
      failed('reading a .torrent', 'torrents/a.torrent'),
    ]);
  },
);
