// Folders, with everything a file system lets lie in one.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { readTree, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';

let folder: string;

beforeEach(async () => {
  folder = await scratchFolder();
  await mkdir(join(folder, 'copy'));
});

async function startIn(name: string): Promise<HelperProcess> {
  return start(['--tracker-port', `${await freePort()}`], { cwd: join(folder, name) });
}

/** Publishes `name` of the folder `source`, downloads it elsewhere, and compares. */
async function goesAcross(name: string, shown = name): Promise<void> {
  const seeder = await startIn('source');
  seeder.write(`file:${name}`);
  const { torrentFile } = await seeder.published(1);
  await seeder.line(`1:${shown}:100`);
  const leecher = await startIn('copy');
  leecher.write(`torrent:${torrentFile}`);
  leecher.closeInput();
  expect(await leecher.exit()).toBe(0);
  expect(leecher.stdout.at(-1)).toBe(`1:${shown}:100`);
  expect(await readTree(join(folder, 'copy', name))).toEqual(
    await readTree(join(folder, 'source', name)),
  );
}

describe('a folder', () => {
  const names = [
    'one.bin',
    'sub/deep/er/two.bin',
    '.hidden',
    '.dot/inside',
    'with space ',
    'co:lon:100',
    'ünïcødé ☃ 日本',
    'back\\slash',
    'new\nline',
    'tab\tand\x1bescape',
    '-dash',
    'CON',
    'a'.repeat(255),
  ];

  it('arrives with its folders, dotfiles, empty files and odd names', async () => {
    for (const [at, name] of names.entries()) {
      await writeRandom(join(folder, 'source/all', name), 20_000 * at + 1);
    }
    await writeFile(join(folder, 'source/all/empty'), '');
    await writeFile(join(folder, 'source/all/sub/empty too'), '');
    await goesAcross('all');
    expect(Object.keys(await readTree(join(folder, 'copy/all')))).toHaveLength(names.length + 2);
  });

  it('may have an odd name itself', async () => {
    await writeRandom(join(folder, 'source/My folder: one', 'a'), MiB);
    await goesAcross('My folder: one');
  });

  it('may have a backslash in its name, which is escaped in what is told', async () => {
    await writeRandom(join(folder, 'source/back\\slash', 'a'), 1000);
    await goesAcross('back\\slash', 'back\\\\slash');
  });

  it('is published though its files may only be read', async () => {
    for (const name of ['a', 'sub/b']) {
      await chmod(await writeRandom(join(folder, 'source/locked', name), 100_000), 0o444);
    }
    await chmod(join(folder, 'source/locked/sub'), 0o555);
    await goesAcross('locked');
  });

  it('has what its links lead to, as regular files', async () => {
    await writeRandom(join(folder, 'outside.bin'), 100_000);
    await writeRandom(join(folder, 'source/linked/inside.bin'), 100_000);
    await symlink(join(folder, 'outside.bin'), join(folder, 'source/linked/link.bin'));
    await goesAcross('linked');
    expect((await lstat(join(folder, 'copy/linked/link.bin'))).isFile()).toBe(true);
  });

  it('may be named by an absolute path and with a slash at its end', async () => {
    const path = join(folder, 'source/all');
    await writeRandom(join(path, 'a'), 1000);
    const seeder = await startIn('copy');
    seeder.write(`file:${path}/`);
    await seeder.line(`1:${path}/:100`);
    const { torrentFile } = await seeder.published(1);
    expect(torrentFile).toBe(join(folder, 'copy/all.torrent'));
  });
});

describe('a folder that cannot be published', () => {
  async function fails(code: string, named: string) {
    const helper = await startIn('source');
    helper.write('file:bad');
    helper.closeInput();
    expect(await helper.exit()).toBe(3);
    expect(helper.stdout).toEqual(['1:bad:-2']);
    const failures = helper.stderr.filter((line) => line.includes(': failed: '));
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(
      new RegExp(`^bittorrent-helper: job 1 \\(bad\\): failed: ${code}: .+`),
    );
    expect(failures[0]).toContain(named);
  }

  beforeEach(() => writeRandom(join(folder, 'source/bad/good'), 1000));

  it('has a FIFO', async () => {
    execFileSync('mkfifo', [join(folder, 'source/bad/pipe')]);
    await fails('CONTENT_UNSUPPORTED', join(folder, 'source/bad/pipe'));
  });

  it('has a socket', async () => {
    const server = createServer().listen(join(folder, 'source/bad/sock'));
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    await fails('CONTENT_UNSUPPORTED', join(folder, 'source/bad/sock'));
  });

  it('has a link that leads nowhere', async () => {
    await symlink('nowhere', join(folder, 'source/bad/dangling'));
    await fails('CONTENT_UNSUPPORTED', join(folder, 'source/bad/dangling'));
  });

  it('has a link that leads round in a circle', async () => {
    await symlink('.', join(folder, 'source/bad/circle'));
    await fails('CONTENT_UNSUPPORTED', join(folder, 'source/bad/circle'));
  });

  it('has a name that is not UTF-8', async () => {
    const path = Buffer.from(`${join(folder, 'source/bad')}/caf\xe9`, 'latin1');
    await writeFile(path, 'x');
    await fails('CONTENT_UNSUPPORTED', 'caf\ufffd');
  });

  it('is a FIFO itself', async () => {
    await mkdir(join(folder, 'fifos'));
    execFileSync('mkfifo', [join(folder, 'fifos/pipe')]);
    const helper = await startIn('fifos');
    helper.write('file:pipe');
    await helper.line('1:pipe:-2');
    await helper.diagnostic(/: failed: CONTENT_UNSUPPORTED: .*pipe/);
  });

  it.each([
    ['nothing', []],
    ['empty files and folders alone', ['empty', 'sub/empty']],
  ])('has %s', async (_, names) => {
    await mkdir(join(folder, 'source/none/sub'), { recursive: true });
    for (const name of names) await writeFile(join(folder, 'source/none', name), '');
    const helper = await startIn('source');
    helper.write('file:none');
    helper.closeInput();
    expect(await helper.exit()).toBe(3);
    expect(helper.stdout).toEqual(['1:none:-2']);
    expect(helper.stderr.join('\n')).toMatch(/: job 1 \(none\): failed: CONTENT_EMPTY: .*none/);
  });
});
