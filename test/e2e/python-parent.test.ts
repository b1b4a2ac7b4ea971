// The example programs, run as they are: a parent in Python, and a user of the library.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { command, dist, root, watch } from '../support/helper/helper-process.js';
import { withoutProxies } from '../support/processes/without-proxies.js';
import { MiB } from '../support/sizes.js';

const hasPython = spawnSync('python3', ['--version']).status === 0;
const example = (name: string) => join(root, 'examples', name);

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await scratchFolder();
  file = await writeRandom(join(folder, 'a b: c.iso'), MiB);
});

function python(name: string, ...args: string[]) {
  return watch(
    spawn('python3', [example(name), ...args], {
      cwd: folder,
      env: withoutProxies({ BITTORRENT_HELPER: `${process.execPath} ${command}` }),
    }),
  );
}

describe.skipIf(!hasPython)(
  `a parent in Python${hasPython ? '' : ' (python3 is not installed)'}`,
  () => {
    it('publishes a file, and another one downloads it', async () => {
      const publisher = python('publish.py', file);
      expect(await publisher.line(/^published: /)).toBe(`published: ${file}`);
      const magnet = await publisher.diagnostic(/^magnet:/);

      const copy = join(folder, 'copy');
      const downloader = python('download.py', magnet, copy);
      expect(await downloader.exit()).toBe(0);
      expect(downloader.stdout).toContain('a b: c.iso: 100 %');
      expect(await hashOf(join(copy, 'a b: c.iso'))).toBe(await hashOf(file));

      publisher.kill('SIGINT');
      expect(await publisher.exit()).toBe(0);
    });

    it('is told what failed', async () => {
      const publisher = python('publish.py', join(folder, 'nothing'));
      expect(await publisher.exit()).toBe(1);
      expect(publisher.stdout).toEqual([`failed: ${join(folder, 'nothing')}`]);
      await publisher.diagnostic(/CONTENT_NOT_FOUND/);

      const downloader = python('download.py', join(folder, 'nothing.torrent'));
      expect(await downloader.exit()).toBe(3);
      expect(downloader.stdout).toEqual([`${join(folder, 'nothing.torrent')}: failed`]);
      await downloader.diagnostic(/TORRENT_NOT_FOUND/);
    });
  },
);

describe('a user of the library', () => {
  it('publishes and downloads without a process', async () => {
    // As it would find the package in its node_modules.
    const home = join(folder, 'node_modules/bittorrent-helper');
    await mkdir(home, { recursive: true });
    await copyFile(join(root, 'package.json'), join(home, 'package.json'));
    execFileSync('ln', ['-s', dist, join(home, 'dist')]);
    await copyFile(example('publish.mjs'), join(folder, 'publish.mjs'));

    const user = watch(spawn(process.execPath, ['publish.mjs', file, 'copy'], { cwd: folder }));
    expect(await user.exit()).toBe(0);
    expect(user.stdout[0]).toMatch(/^published: magnet:/);
    expect(user.stdout.at(-2)).toBe('a b: c.iso: seeding 100');
    expect(user.stdout.at(-1)).toMatch(/^downloaded: \S.*a b: c\.iso, \d+ bytes$/);
    expect(await hashOf(join(folder, 'copy/a b: c.iso'))).toBe(await hashOf(file));
  });
});
