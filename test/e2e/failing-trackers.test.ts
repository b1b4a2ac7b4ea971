// Trackers that are down, come back with nothing remembered, or misbehave: jobs wait for them, and lose nothing.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';
import { announceAnswer } from '../support/trackers/announce-answer.js';
import { startFakeTracker } from '../support/trackers/story-trackers.js';
import { serve } from '../support/web/web-server.js';

let folder: string;

beforeEach(async () => {
  folder = await scratchFolder();
});

async function startIn(name: string, ...args: readonly string[]): Promise<HelperProcess> {
  const cwd = join(folder, name);
  await mkdir(cwd, { recursive: true });
  return start(args, { cwd });
}

function startTracker(port: number): HelperProcess {
  return start(['tracker', '--port', `${port}`], { cwd: folder });
}

describe('a tracker that is killed', () => {
  it('is waited for by a seed and a leecher, which find each other when it is back', async () => {
    const port = await freePort();
    const first = startTracker(port);
    const url = await first.line(/^http:/);
    await writeRandom(join(folder, 'seed/x.bin'), MiB);
    const seed = await startIn('seed', '--tracker', url);
    seed.write('file:x.bin');
    const { torrentFile } = await seed.published(1);
    seed.write('pause:1');
    first.kill('SIGKILL');
    await first.exit();

    seed.write('resume:1');
    await seed.diagnostic(/job 1 .*warning: TRACKER_UNREACHABLE: .* it will be tried again$/);
    const leecher = await startIn('leecher', '--tracker', url);
    leecher.write(`torrent:${torrentFile}`);
    await leecher.diagnostic(/job 1 .*warning: TRACKER_UNREACHABLE/);
    await startTracker(port).line(url);
    await leecher.line('1:x.bin:100');
    expect(await hashOf(join(folder, 'leecher/x.bin'))).toBe(
      await hashOf(join(folder, 'seed/x.bin')),
    );
    // Once a job, however often it was tried.
    expect(leecher.stderr.filter((line) => line.includes('TRACKER_UNREACHABLE'))).toHaveLength(1);
  });

  it('may take as long as it likes to come back: a publication waits', async () => {
    const port = await freePort();
    await writeRandom(join(folder, 'seed/x.bin'), 1000);
    const seed = await startIn('seed', '--tracker', `http://127.0.0.1:${port}/announce`);
    seed.write('file:x.bin');
    await seed.diagnostic(/TRACKER_UNREACHABLE/);
    expect(seed.percents(1)).toEqual([-1]);
    startTracker(port);
    await seed.line('1:x.bin:100');
  });
});

describe('trackers that misbehave', () => {
  it('are passed over for one that does not', async () => {
    await writeRandom(join(folder, 'seed/x.bin'), 1000);
    const good = await startFakeTracker();
    const garbage = await serve((_, response) => response.end('\u0000what?'));
    const refusing = await serve((_, response) => response.end('d14:failure reason7:go awaye'));
    const failing = await serve((_, response) => response.writeHead(503).end());
    const circling = await serve(({ url }, response) =>
      response.writeHead(302, { location: url }).end(),
    );
    const cutting = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('d8:interval', () => response.destroy());
    });
    const bad = [garbage, refusing, failing, circling, cutting];
    const urls = [...bad.map((url) => `${url}/announce`), good.announceUrl];
    const seed = await startIn('seed', ...urls.flatMap((url) => ['--tracker', url]));
    seed.write('file:x.bin');
    await seed.line('1:x.bin:100');
    const warned = seed.stderr.filter((line) => line.includes('TRACKER_UNREACHABLE'));
    expect(warned).toHaveLength(bad.length);
    seed.write('quit:');
    expect(await seed.exit()).toBe(0);
    expect(good.announces.map(({ event }) => event)).toEqual(['started', 'stopped']);
  });

  it('are heard out: what they say stands on stderr once, and what they want to hear again is said', async () => {
    for (const name of ['x.bin', 'y.bin']) await writeRandom(join(folder, 'seed', name), 1000);
    const heard: URLSearchParams[] = [];
    const url = await serve(({ url: path = '' }, response) => {
      heard.push(new URL(path, 'http://tracker').searchParams);
      const words = '15:warning message11:be\x1b careful10:tracker id3:a&b';
      response.end(`d8:completei1.5e8:intervali1800e${words}5:peers0:e<!-- in 0.01 s -->`);
    });
    const seed = await startIn('seed', '--tracker', `${url}/announce`);
    seed.write('file:x.bin');
    await seed.line('1:x.bin:100');
    seed.write('file:y.bin');
    await seed.line('2:y.bin:100');
    seed.write('quit:');
    expect(await seed.exit()).toBe(0);
    const warnings = seed.stderr.filter((line) => line.includes('warning: '));
    expect(warnings.map((line) => line.replace(/^.*?warning: /, ''))).toEqual([
      `TRACKER_WARNING: tracker ${url} says: 'be\\\\x1b careful'`,
    ]);
    const ids = heard.map((query) => `${query.get('event')} ${query.get('trackerid')}`);
    expect(ids).toEqual(['started null', 'started null', 'stopped a&b', 'stopped a&b']);
  });

  it('are told again when they have answered 503 and then well', async () => {
    await writeRandom(join(folder, 'seed/x.bin'), 1000);
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      if (asked <= 2) response.writeHead(503).end();
      else response.end(announceAnswer([]));
    });
    const seed = await startIn('seed', '--tracker', `${url}/announce`);
    seed.write('file:x.bin');
    await seed.line('1:x.bin:100');
    expect(asked).toBe(3);
  });

  it('cannot make a helper dial itself, thousands at once, or announce without end', async () => {
    await writeRandom(join(folder, 'seed/x.bin'), 1000);
    let asked = 0;
    const url = await serve(({ url: path = '' }, response) => {
      asked += 1;
      const port = Number(new URL(path, 'http://tracker').searchParams.get('port'));
      const own = Buffer.from([127, 0, 0, 1, port >> 8, port & 255]);
      const others = Buffer.alloc(6 * 10_000, 127);
      const peers = Buffer.concat([own, others]);
      response.write(`d8:intervali-1e12:min intervali-5e5:peers${peers.length}:`);
      response.end(Buffer.concat([peers, Buffer.from('e')]));
    });
    const helper = await startIn('seed', '--tracker', `${url}/announce`);
    helper.write('file:x.bin', 'list:');
    await helper.line('1:x.bin:100');
    const { torrentFile } = await helper.published(1);
    const other = await startIn('other', '--tracker', `${url}/announce`);
    other.write(`torrent:${torrentFile}`);
    await other.line('1:x.bin:-1');
    await other.line('1:x.bin:0');
    helper.write('quit:');
    other.write('quit:');
    expect([await helper.exit(), await other.exit()]).toEqual([0, 4]);
    expect(asked).toBeLessThanOrEqual(4);
  });
});

it('fifty jobs whose tracker hangs at the end delay the exit no longer than one', async () => {
  const { announceUrl, announces } = await startFakeTracker(['stopped']);
  const jobs = Array.from({ length: 50 }, (_, index) => index + 1);
  for (const job of jobs) await writeRandom(join(folder, `seed/${job}.bin`), 1000);
  const seed = await startIn('seed', '--tracker', announceUrl);
  seed.write(...jobs.map((job) => `file:${job}.bin`));
  for (const job of jobs) await seed.line(`${job}:${job}.bin:100`);
  seed.write('quit:');
  expect(await seed.exit(5_000)).toBe(0);
  expect(announces.filter(({ event }) => event === 'started')).toHaveLength(50);
});

it('fifty jobs say goodbye to a tracker that listens', async () => {
  const { announceUrl, announces } = await startFakeTracker();
  const jobs = Array.from({ length: 50 }, (_, index) => index + 1);
  for (const job of jobs) await writeRandom(join(folder, `seed/${job}.bin`), 1000);
  const seed = await startIn('seed', '--tracker', announceUrl);
  seed.write(...jobs.map((job) => `file:${job}.bin`));
  for (const job of jobs) await seed.line(`${job}:${job}.bin:100`);
  seed.write('quit:');
  expect(await seed.exit(5_000)).toBe(0);
  expect(announces.filter(({ event }) => event === 'stopped')).toHaveLength(50);
});
