// The first story: one program publishes a file, another downloads it, by every kind of source there is.
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import type { Publication } from '../support/helper/helper-lines.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';
import { serveRaw } from '../support/web/raw-server.js';
import { serve } from '../support/web/web-server.js';

let folder: string;
let port: number;
let seeder: HelperProcess;
let publication: Publication;

beforeEach(async () => {
  folder = await scratchFolder();
  port = await freePort();
  await writeRandom(join(folder, 'source/a b.bin'), 2 * MiB + 17);
  seeder = start(['--tracker-port', `${port}`], { cwd: join(folder, 'source') });
  seeder.write('file:a b.bin');
  publication = await seeder.published(1);
});

describe('a published file', () => {
  it('has exactly two lines: -1 and 100', async () => {
    seeder.write('quit:');
    expect(await seeder.exit()).toBe(0);
    expect(seeder.stdout).toEqual(['1:a b.bin:-1', '1:a b.bin:100']);
  });

  it('has a private .torrent beside it, announced at this helper’s tracker', async () => {
    expect(publication.torrentFile).toBe(join(folder, 'source/a b.bin.torrent'));
    const torrent = await readFile(publication.torrentFile, 'latin1');
    const url = `http://127.0.0.1:${port}/announce`;
    expect(torrent).toContain(`8:announce${url.length}:${url}`);
    expect(torrent).toContain('7:privatei1e');
  });

  it('lists the UDP tracker in a second tier', async () => {
    const torrent = await readFile(publication.torrentFile, 'latin1');
    const [http, udp] = ['http', 'udp'].map((scheme) => `${scheme}://127.0.0.1:${port}/announce`);
    expect(torrent).toContain(`13:announce-listll${http?.length}:${http}el${udp?.length}:${udp}ee`);
  });
});

describe('a second helper', () => {
  async function downloads(source: string, args: readonly string[] = []) {
    const cwd = join(folder, 'copy');
    await mkdir(cwd);
    const leecher = start(['--no-dht', '--tracker-port', `${await freePort()}`, ...args], { cwd });
    leecher.write(source);
    await leecher.line('1:a b.bin:100');
    leecher.write('quit:');
    expect(await leecher.exit()).toBe(0);

    const percents = leecher.percents(1);
    expect(percents.slice(0, 2)).toEqual([-1, 0]);
    expect(percents).toEqual([...new Set(percents)].sort((one, other) => one - other));
    expect(percents.at(-1)).toBe(100);
    expect(leecher.stdout).toEqual(percents.map((percent) => `1:a b.bin:${percent}`));
    const copy = join(cwd, 'a b.bin');
    expect(await hashOf(copy)).toBe(await hashOf(join(folder, 'source/a b.bin')));
    expect(leecher.stderr).toContain(`bittorrent-helper: job 1 (a b.bin): done: ${copy}`);
  }

  it('downloads it by the path of the .torrent', async () => {
    await downloads(`torrent:${publication.torrentFile}`);
  });

  it('downloads it by a name in its torrent dir', async () => {
    const torrentDir = join(folder, 'torrents');
    await mkdir(torrentDir);
    await copyFile(publication.torrentFile, join(torrentDir, 'one.torrent'));
    await downloads('torrent:one.torrent', ['--torrent-dir', torrentDir]);
  });

  it('downloads it by an http URL', async () => {
    const torrent = await readFile(publication.torrentFile);
    const url = await serve((_, response) => response.end(torrent));
    await downloads(`torrent:${url}/one.torrent?x=1`);
  });

  it('downloads it by a magnet link as a line of its own', async () => {
    await downloads(publication.magnet);
  });

  it('downloads it by a magnet link after torrent:', async () => {
    await downloads(`torrent:${publication.magnet}`);
  });

  it('downloads it by an http URL that redirects to a magnet link, which names a peer by its host', async () => {
    const link = `${magnetOf(publication)}&x.pe=localhost:${await seeder.peerPort()}`;
    const server = await serveRaw(() => `HTTP/1.1 302 Found\nLocation: ${link}\n\n`);
    await downloads(`torrent:${server.origin}/one`);
  });

  it('downloads it by a magnet link that has nobody but a web server with its .torrent', async () => {
    const torrent = await readFile(publication.torrentFile);
    const url: string = await serve(({ url: path, headers }, response) => {
      const location = `${magnetOf(publication)}&xs=http://${headers.host}/torrent`;
      if (path === '/torrent') response.end(torrent);
      else response.writeHead(302, { location }).end();
    });
    await downloads(`torrent:${url}/one`);
  });

  it('downloads it by an info hash, if it is told of the tracker', async () => {
    const url = `http://127.0.0.1:${port}/announce`;
    await downloads(`torrent:${publication.infoHash}`, ['--tracker', url]);
  });

  it('goes on fetching by an info hash alone, says nothing, and can be told to forget it', async () => {
    const leecher = start(['--no-dht', '--tracker-port', `${await freePort()}`], { cwd: folder });
    leecher.write(`torrent:${publication.infoHash}`, 'list:', 'remove:1');
    await leecher.diagnostic(/: job 1 \(.*\): removed$/);
    leecher.write('quit:');
    expect(await leecher.exit()).toBe(0);
    expect(leecher.stdout).toEqual([]);
  });
});

/** Without its tracker. */
function magnetOf({ infoHash }: Publication): string {
  return `magnet:?xt=urn:btih:${infoHash}`;
}
