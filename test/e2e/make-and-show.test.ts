// The commands that end by themselves: what is made is what would be published, and what is shown is what was made.
import { once } from 'node:events';
import { mkdir, readdir, readFile, readlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { start } from '../support/helper/helper-process.js';
import { publish } from '../support/helper/publish.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';
import { bencode } from '../support/torrents/bencode.mjs';
import { infoOf } from '../support/torrents/handmade-torrent.js';
import { listenOn } from '../support/web/listen-on.js';
import { serve } from '../support/web/web-server.js';

let cwd: string;

beforeEach(async () => {
  cwd = await scratchFolder();
  await writeRandom(join(cwd, 'a b.bin'), 200_000);
});

/** What a process has open. */
async function filesOf(id: number | undefined): Promise<readonly string[]> {
  const folder = `/proc/${id}/fd`;
  const descriptors = await readdir(folder);
  return Promise.all(descriptors.map((each) => readlink(join(folder, each)).catch(() => '')));
}

/** Runs the command to its end. */
async function run(...args: string[]) {
  const command = start(args, { cwd, stdin: 'ignore' });
  const exitCode = await command.exit();
  return { exitCode, stdout: command.stdout, stderr: command.stderr };
}

describe('make', () => {
  it('writes the .torrent that a helper publishes, and its path', async () => {
    const port = `${await freePort()}`;
    const { exitCode, stdout, stderr } = await run('make', '--tracker-port', port, 'a b.bin');
    expect(exitCode).toBe(0);
    expect(stdout).toEqual([join(cwd, 'a b.bin.torrent')]);
    expect(stderr).toHaveLength(1);
    const [, infoHash] =
      /made: .*\.torrent ([0-9a-f]{40}) magnet:.*only this/.exec(stderr[0] ?? '') ?? [];
    const made = await readFile(join(cwd, 'a b.bin.torrent'));

    const helper = start(['--tracker-port', port, 'file:a b.bin'], { cwd });
    expect(await helper.published(1)).toMatchObject({ torrentFile: stdout[0], infoHash });
    expect(await readFile(join(cwd, 'a b.bin.torrent'))).toEqual(made);
  });

  it('says the same as JSON, for each path, and starts nothing', async () => {
    await mkdir(join(cwd, 'folder'));
    await writeFile(join(cwd, 'folder/c'), 'c');
    const options = ['--torrent-dir', 'made', '--no-tracker', '--public', '--json', '--quiet'];
    const { exitCode, stdout, stderr } = await run('make', ...options, 'a b.bin', 'folder');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: [] });
    const made = stdout.map((line) => JSON.parse(line));
    expect(made).toMatchObject([
      { name: 'a b.bin', lengthBytes: 200_000, isFolder: false, private: false, announce: [] },
      {
        name: 'folder',
        fileCount: 1,
        isFolder: true,
        torrentFile: join(cwd, 'made/folder.torrent'),
      },
    ]);
    expect((await readdir(cwd)).toSorted()).toEqual(['a b.bin', 'folder', 'made']);
  });

  it('goes on with the next path where one fails, and exits with 3', async () => {
    const { exitCode, stdout, stderr } = await run('make', '--quiet', 'nothing', 'a b.bin');
    expect(exitCode).toBe(3);
    expect(stdout).toEqual([join(cwd, 'a b.bin.torrent')]);
    expect(stderr).toEqual([
      expect.stringMatching(/^bittorrent-helper: CONTENT_NOT_FOUND: .*nothing/),
    ]);
  });

  it('announces to the trackers that are given', async () => {
    const trackers = ['udp://one.example:1', 'http://two.example/announce'];
    const args = trackers.flatMap((url) => ['--tracker', url]);
    const { stdout } = await run('make', '--json', ...args, 'a b.bin');
    expect(JSON.parse(stdout[0] ?? '').announce).toEqual(trackers.map((url) => [url]));
  });
});

describe('make, cut short', () => {
  it('makes everything, though nobody reads of it', async () => {
    await writeFile(join(cwd, 'c'), 'c');
    const command = start(['make', 'a b.bin', 'c'], { cwd, stdin: 'ignore' });
    command.child.stdout?.destroy();
    expect(await command.exit()).toBe(0);
    expect((await readdir(cwd)).toSorted()).toEqual([
      ...['a b.bin', 'a b.bin.torrent', 'c', 'c.torrent'],
    ]);
  });

  it.skipIf(process.platform !== 'linux')(
    'ends while it reads, with nothing written, when it is told to',
    async () => {
      await writeFile(join(cwd, 'large'), '');
      await truncate(join(cwd, 'large'), 64 * 1024 * MiB);
      const command = start(['make', 'large', 'a b.bin'], { cwd, stdin: 'ignore' });
      await expect.poll(() => filesOf(command.child.pid)).toContain(join(cwd, 'large'));
      command.kill('SIGINT');
      expect(await command.exit()).toBe(4);
      expect(command.stdout).toEqual([]);
      expect((await readdir(cwd)).toSorted()).toEqual(['a b.bin', 'large']);
    },
  );
});

describe('show', () => {
  it('shows a file that was made', async () => {
    await run('make', 'a b.bin');
    const { exitCode, stdout, stderr } = await run('show', 'a b.bin.torrent');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: [] });
    expect(stdout).toContainEqual(expect.stringMatching(/^trackers +http:\/\/127\.0\.0\.1:6969\//));
    expect(stdout.at(-1)).toBe('  200000  a b.bin');
  });

  it('shows what is at a URL', async () => {
    const torrent = bencode({ comment: 'by HTTP', info: infoOf('x', Buffer.from('x')) });
    const url = await serve((_, response) => response.end(torrent));
    const { stdout } = await run('show', '--json', `${url}/x.torrent`);
    expect(JSON.parse(stdout[0] ?? '')).toMatchObject({ name: 'x', comment: 'by HTTP' });
  });

  it('asks the swarm of a magnet link for the metadata, and for no content', async () => {
    const { magnet, infoHash } = await publish(cwd, 'a b.bin');
    const { exitCode, stdout, stderr } = await run('show', '--no-dht', '--json', magnet);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: [] });
    expect(JSON.parse(stdout[0] ?? '')).toMatchObject({
      infoHash,
      name: 'a b.bin',
      createdBy: null,
    });
    expect((await readdir(cwd)).toSorted()).toEqual(['a b.bin', 'a b.bin.torrent']);
  });

  it.each([
    [['nothing.torrent'], 3, /TORRENT_NOT_FOUND/],
    [['ftp://example.org/a'], 3, /SOURCE_INVALID/],
    [['0123456789abcdef0123456789abcdef01234567', '--no-dht', '--give-up', '0.5'], 3, /STALLED/],
    [['a', '--give-up', '0'], 2, /--give-up 0: expected/],
  ])('says what is wrong: %j', async (args, code, message) => {
    const { exitCode, stdout, stderr } = await run('show', ...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: [] });
    expect(stderr).toEqual([expect.stringMatching(message)]);
  });

  it('ends at once when it is told to, and says that it is not done', async () => {
    const server = createServer();
    const port = await listenOn(server);
    const asked = once(server, 'connection');
    const command = start(['show', '--no-dht', `http://127.0.0.1:${port}/a`], { cwd });
    await asked;
    command.kill('SIGINT');
    expect(await command.exit()).toBe(4);
    expect(command.stdout).toEqual([]);
  });

  it('writes no more once nobody reads, and waits for no reader when it is told to end', async () => {
    const names = Array.from({ length: 50_000 }, (_, index) => ({ length: 1, path: [`${index}`] }));
    const { length: _, ...info } = infoOf('many', Buffer.alloc(50_000));
    await writeFile(join(cwd, 'many.torrent'), bencode({ info: { ...info, files: names } }));

    const cut = start(['show', 'many.torrent'], { cwd });
    await cut.line(/ many\/10$/);
    cut.child.stdout?.destroy();
    expect(await cut.exit()).toBe(0);
    expect(cut.stderr).toEqual([]);

    const stalled = start(['show', 'many.torrent'], { cwd, unread: 'stdout' });
    if (stalled.child.stdout) await once(stalled.child.stdout, 'readable');
    stalled.kill('SIGINT');
    await once(stalled.child, 'exit');
    expect(stalled.child.exitCode).toBe(4);
  });
});
