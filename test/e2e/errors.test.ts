// Every error a user can run into: one line on stdout, one sentence on stderr, and the exit code.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';
import type { Bencodable } from '../support/torrents/bencode.mjs';
import { infoOf, torrentOf } from '../support/torrents/handmade-torrent.js';
import { announceAnswer } from '../support/trackers/announce-answer.js';
import { until } from '../support/waiting.js';
import { serve } from '../support/web/web-server.js';

const deadTracker = 'http://127.0.0.1:1/announce';
const content = Buffer.alloc(50_000, 'content');

let folder: string;

beforeEach(async () => {
  folder = await scratchFolder();
  await mkdir(join(folder, 'copy'));
  await mkdir(join(folder, 'torrents'));
});

async function startHelper(args: readonly string[] = []): Promise<HelperProcess> {
  const port = await freePort();
  return start(['--no-dht', '--tracker-port', `${port}`, '--torrent-dir', '../torrents', ...args], {
    cwd: join(folder, 'copy'),
  });
}

async function writeTorrent(info: Bencodable): Promise<void> {
  await writeFile(join(folder, 'torrents/bad.torrent'), torrentOf(info, deadTracker));
}

/** The helper fails at `instruction` with `code`, says so in one sentence, and has 3 as its exit code. */
async function failsAt(
  instruction: string,
  code: string,
  { shown = instruction.replace(/^(file|torrent):/, ''), args = [] as readonly string[] } = {},
): Promise<string> {
  const helper = await startHelper(args);
  helper.write(instruction);
  helper.closeInput();
  expect(await helper.exit(25_000)).toBe(3);
  expect(helper.stdout.at(-1)).toBe(`1:${shown}:-2`);
  const [failure = '', ...others] = helper.stderr.filter((line) => line.includes(': failed: '));
  expect(others).toEqual([]);
  const beginning = `bittorrent-helper: job 1 (${shown}): failed: ${code}: `;
  expect(failure.slice(0, beginning.length)).toBe(beginning);
  expect(failure.length).toBeGreaterThan(beginning.length + 10);
  // A sentence for people, not what a library threw.
  expect(failure).not.toMatch(/\bbug\b|undefined|\[object|Error\b.*\bat\b/);
  return failure;
}

describe('a file: job', () => {
  it('fails if there is nothing at the path', async () => {
    expect(await failsAt('file:no/where', 'CONTENT_NOT_FOUND')).toContain('no/where');
  });

  it('fails if the file is empty', async () => {
    await writeFile(join(folder, 'copy/empty'), '');
    await failsAt('file:empty', 'CONTENT_EMPTY');
  });

  it('fails if its .torrent cannot be written', async () => {
    await writeRandom(join(folder, 'copy/x.bin'), 1000);
    const helper = await startHelper();
    await helper.diagnostic(/: ready: /);
    await rm(join(folder, 'torrents'), { recursive: true });
    await writeFile(join(folder, 'torrents'), 'in the way');
    helper.write('file:x.bin');
    await helper.line('1:x.bin:-2');
    const said = /: job 1 \(x\.bin\): failed: TORRENT_UNWRITABLE: /;
    expect(await helper.diagnostic(said)).toContain(join(folder, 'torrents'));
  });
});

describe('a torrent: job', () => {
  it('fails if there is no such .torrent', async () => {
    const failure = await failsAt('torrent:nowhere.torrent', 'TORRENT_NOT_FOUND');
    expect(failure).toContain(join(folder, 'torrents/nowhere.torrent'));
  });

  it('fails if the path is a folder', async () => {
    await mkdir(join(folder, 'torrents/folder'));
    await failsAt('torrent:folder', 'TORRENT_UNREADABLE');
  });

  it.each([
    ['of another kind', 'torrent:ftp://127.0.0.1/x.torrent'],
    ['that is no URL', 'torrent:http://'],
    ['that is a magnet link without an info hash', 'magnet:?dn=x'],
    ['that is a magnet link with a short info hash', 'torrent:magnet:?xt=urn:btih:abc'],
  ])('fails at a source %s', async (_, instruction) => {
    await failsAt(instruction, 'SOURCE_INVALID');
  });

  it('fails at a magnet link for BitTorrent v2 alone', async () => {
    await failsAt(`magnet:?xt=urn:btmh:1220${'0'.repeat(64)}`, 'METAINFO_UNSUPPORTED');
  });

  it('fails if nobody has made progress for as long as --give-up says', async () => {
    await writeTorrent(infoOf('lonely', content));
    const options = { shown: 'lonely', args: ['--give-up', '1'] };
    await failsAt('torrent:bad.torrent', 'STALLED', options);
  });

  it('fails if nobody has the metadata for as long as --give-up says', async () => {
    await failsAt(`torrent:${'a'.repeat(40)}`, 'STALLED', { args: ['--give-up', '1'] });
  });
});

describe('a web server', () => {
  it('that has no such torrent makes the job fail with its status', async () => {
    const url = await serve((_, response) => response.writeHead(404).end('not here'));
    expect(await failsAt(`torrent:${url}/x`, 'HTTP_STATUS')).toMatch(/404/);
  });

  it('that answers with a web page makes the job fail', async () => {
    const url = await serve((_, response) => response.end('<!doctype html><p>Log in'));
    expect(await failsAt(`torrent:${url}/x`, 'METAINFO_INVALID')).toContain(url);
  });

  it('that answers with nothing makes the job fail', async () => {
    const url = await serve((_, response) => response.end());
    await failsAt(`torrent:${url}/x`, 'METAINFO_INVALID');
  });

  it('that sends too much makes the job fail', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 33 * MiB }).write('d');
    });
    await failsAt(`torrent:${url}/x`, 'TOO_LARGE');
  });

  it('that redirects round in a circle makes the job fail', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: '/x' }).end());
    await failsAt(`torrent:${url}/x`, 'HTTP_REDIRECTS');
  });

  it('that is not there is asked again for a while, then makes the job fail', async () => {
    const url = 'http://127.0.0.1:1/x.torrent';
    expect(await failsAt(`torrent:${url}`, 'HTTP_UNREACHABLE')).toMatch(/ECONNREFUSED/);
  });

  it('that recovers is asked again', async () => {
    let requests = 0;
    const torrent = torrentOf(infoOf('late', content), deadTracker);
    const url = await serve((_, response) => {
      requests += 1;
      if (requests === 1) response.writeHead(503).end();
      else response.end(torrent);
    });
    const helper = await startHelper();
    helper.write(`torrent:${url}/x`);
    await helper.line('1:late:0');
    expect(requests).toBe(2);
  });
});

describe('metainfo', () => {
  it('that is cut short is invalid', async () => {
    const torrent = torrentOf(infoOf('x', content), deadTracker);
    await writeFile(join(folder, 'torrents/bad.torrent'), torrent.subarray(0, -20));
    await failsAt('torrent:bad.torrent', 'METAINFO_INVALID');
  });

  it('that is empty is invalid', async () => {
    await writeFile(join(folder, 'torrents/bad.torrent'), '');
    await failsAt('torrent:bad.torrent', 'METAINFO_INVALID');
  });

  it('of BitTorrent v2 alone is unsupported', async () => {
    const file = { '': { length: 5, 'pieces root': Buffer.alloc(32, 1) } };
    const info = {
      'file tree': { x: file },
      'meta version': 2,
      name: 'x',
      'piece length': 16384,
    };
    await writeTorrent(info);
    expect(await failsAt('torrent:bad.torrent', 'METAINFO_UNSUPPORTED')).toMatch(/v2/);
  });

  it('whose file has no path is invalid, and nothing is written', async () => {
    await writeTorrent({ ...infoOf('x', content), files: [{ length: content.length, path: [] }] });
    await failsAt('torrent:bad.torrent', 'METAINFO_INVALID');
    expect((await readdir(folder, { recursive: true })).sort()).toEqual([
      'copy',
      'torrents',
      'torrents/bad.torrent',
    ]);
  });
});

describe('a file in the way of a download', () => {
  it('stays as it is', async () => {
    await writeTorrent(infoOf('x.bin', content));
    await writeFile(join(folder, 'copy/x.bin'), 'somebody else’s');
    const failure = await failsAt('torrent:bad.torrent', 'DESTINATION_EXISTS', { shown: 'x.bin' });
    expect(failure).toContain(join(folder, 'copy/x.bin'));
    expect(await readFile(join(folder, 'copy/x.bin'), 'utf8')).toBe('somebody else’s');
    expect(await readdir(join(folder, 'copy'))).toEqual(['x.bin']);
  });

  it('stays as it is, even if it is as long as what was to come', async () => {
    await writeTorrent(infoOf('x.bin', content));
    const foreign = Buffer.alloc(content.length, 'foreign');
    await writeFile(join(folder, 'copy/x.bin'), foreign);
    await failsAt('torrent:bad.torrent', 'DESTINATION_EXISTS', { shown: 'x.bin' });
    expect(await readFile(join(folder, 'copy/x.bin'))).toEqual(foreign);
  });

  it('may be the content of another job, which is left alone', async () => {
    await writeTorrent(infoOf('x.bin', content));
    const other = torrentOf(infoOf('x.bin', Buffer.alloc(60_000, 'other')), deadTracker);
    await writeFile(join(folder, 'torrents/other.torrent'), other);
    const helper = await startHelper();
    helper.write('torrent:bad.torrent');
    await helper.line('1:x.bin:0');
    helper.write('torrent:other.torrent');
    await helper.line('2:x.bin:-2');
    await helper.diagnostic(/: job 2 \(x\.bin\): failed: DESTINATION_EXISTS: .*x\.bin/);
    expect(helper.percents(1)).toEqual([-1, 0]);
  });

  it('is adopted if it has good pieces', async () => {
    await writeTorrent(infoOf('x.bin', content));
    const half = Buffer.concat([content.subarray(0, 32_768), Buffer.alloc(1000, 'bad')]);
    await writeFile(join(folder, 'copy/x.bin'), half);
    const helper = await startHelper();
    helper.write('torrent:bad.torrent');
    // The first two of four pieces: 32,768 of 50,000 bytes.
    await helper.line('1:x.bin:65');
    expect(helper.percents(1)).toEqual([-1, 65]);
  });

  it('is complete at once if it is the content itself', async () => {
    await writeTorrent(infoOf('x.bin', content));
    await writeFile(join(folder, 'copy/x.bin'), content);
    const helper = await startHelper();
    helper.write('torrent:bad.torrent');
    helper.closeInput();
    expect(await helper.exit()).toBe(0);
    expect(helper.stdout).toEqual(['1:x.bin:-1', '1:x.bin:100']);
  });
});

describe('a tracker', () => {
  beforeEach(() => writeRandom(join(folder, 'copy/x.bin'), 1000));

  const warnings = (helper: HelperProcess) =>
    helper.stderr.filter((line) => line.includes(': warning: TRACKER_UNREACHABLE: '));

  it('that is not there is told of once, and waited for', async () => {
    const port = await freePort();
    const helper = await startHelper(['--tracker', `http://127.0.0.1:${port}/announce`]);
    helper.write('file:x.bin');
    await helper.diagnostic(/: job 1 \(x\.bin\): warning: TRACKER_UNREACHABLE: .+/);
    expect(helper.stdout).toEqual(['1:x.bin:-1']);

    const tracker = start(['tracker', '--port', `${port}`], { cwd: folder });
    await tracker.line(`http://127.0.0.1:${port}/announce`);
    await helper.line('1:x.bin:100');
    helper.write('quit:');
    expect(await helper.exit()).toBe(0);
    expect(warnings(helper)).toHaveLength(1);
    expect(helper.stdout).toEqual(['1:x.bin:-1', '1:x.bin:100']);
  });

  it('that fails is asked again after a second, then two, and told of once', async () => {
    const askedAtMs: number[] = [];
    const url = await serve((_, response) => {
      askedAtMs.push(performance.now());
      if (askedAtMs.length < 3) response.writeHead(500).end();
      else response.end(announceAnswer([]));
    });
    const helper = await startHelper(['--tracker', `${url}/announce`]);
    helper.write('file:x.bin');
    await helper.line('1:x.bin:100');
    const [first = 0, second = 0, third = 0] = askedAtMs;
    // Up to a quarter less, lest all come back at once.
    expect(second - first).toBeGreaterThan(700);
    expect(third - second).toBeGreaterThan(1_400);
    expect(warnings(helper)).toHaveLength(1);
  });

  it('that refuses the torrent is quoted', async () => {
    const reason = 'not on my list';
    const url = await serve((_, response) =>
      response.end(`d14:failure reason${reason.length}:${reason}e`),
    );
    const helper = await startHelper(['--tracker', `${url}/announce`]);
    helper.write('file:x.bin');
    await helper.diagnostic(/: warning: TRACKER_UNREACHABLE: .*not on my list/);
    await until(() => helper.stdout.length === 1, 'begun');
    helper.write('quit:');
    expect(await helper.exit()).toBe(4);
  });

  it('is not waited for by a download', async () => {
    await writeTorrent(infoOf('lonely', content));
    const helper = await startHelper();
    helper.write('torrent:bad.torrent');
    await helper.line('1:lonely:0');
    await helper.diagnostic(/: job 1 \(lonely\): warning: TRACKER_UNREACHABLE: .+/);
  });
});

describe('--quiet', () => {
  it('shows errors, and nothing else', async () => {
    await writeRandom(join(folder, 'copy/x.bin'), 1000);
    const helper = await startHelper(['--quiet']);
    helper.write('file:x.bin');
    await helper.line('1:x.bin:100');
    helper.write('what?', 'pause:9', 'file:nowhere');
    await helper.line('2:nowhere:-2');
    helper.write('quit:');
    expect(await helper.exit()).toBe(3);
    expect(helper.stderr).toEqual([
      'bittorrent-helper: Message not understood: what?',
      expect.stringMatching(/^bittorrent-helper: .*JOB_UNKNOWN: /),
      expect.stringMatching(/^bittorrent-helper: job 2 \(nowhere\): failed: CONTENT_NOT_FOUND: /),
    ]);
  });
});
