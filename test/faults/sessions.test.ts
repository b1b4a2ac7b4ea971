// What a session saves: jobs come back with their ids and as they were, whatever ended the helper before.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { readBytes } from '../support/helper/process-figures.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';
import { infoOf, torrentOf } from '../support/torrents/handmade-torrent.js';
import { until } from '../support/waiting.js';

/** Nothing listens there: port 1 is nobody's. */
const deadTracker = 'http://127.0.0.1:1/announce';

let folder: string;

beforeEach(async () => {
  folder = await scratchFolder();
  await mkdir(join(folder, 'copy'));
});

/** A helper of the one session of these stories. */
async function startAgain(
  instructions: readonly string[] = [],
  trackerPort?: number | 'as it was',
): Promise<HelperProcess> {
  const dirs = ['--download-dir', 'copy', '--state-dir', 'state', '--session', 'story'];
  const port = ['--tracker-port', `${trackerPort ?? (await freePort())}`];
  return start(
    ['--no-dht', ...dirs, ...(trackerPort === 'as it was' ? [] : port), ...instructions],
    { cwd: folder },
  );
}

/** A torrent that nobody seeds. */
async function writeLonely(name: string): Promise<void> {
  const info = infoOf(name, Buffer.alloc(100_000, name));
  await writeFile(join(folder, `${name}.torrent`), torrentOf(info, deadTracker));
}

async function stop(helper: HelperProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  helper.kill(signal);
  await helper.exit();
}

const damaged = (helper: HelperProcess) =>
  helper.stderr.filter((line) => line.includes(': SESSION_DAMAGED: '));

describe.each(['SIGTERM', 'SIGKILL'] as const)('after %s, a session', (signal) => {
  it('brings its jobs back with their ids and states, before all that is new', async () => {
    await writeRandom(join(folder, 'a.bin'), MiB);
    await writeRandom(join(folder, 'b.bin'), MiB);
    for (const name of ['paused', 'removed', 'going']) await writeLonely(name);
    const first = await startAgain();
    first.write('file:a.bin', 'torrent:paused.torrent', 'file:nowhere', 'torrent:removed.torrent');
    first.write('torrent:going.torrent');
    for (const line of ['1:a.bin:100', '2:paused:0', '3:nowhere:-2', '4:removed:0', '5:going:0']) {
      await first.line(line);
    }
    first.write('remove:4', 'pause:2', 'file:nowhere');
    await first.line('6:nowhere:-2');
    // Nothing tells a parent that a job is paused, or that a failed one is forgotten.
    const jobs = join(folder, 'state/sessions/story');
    await until(async () => {
      const names = (await readdir(jobs)).filter((name) => /^job-.*\.json$/.test(name));
      const paused = await readFile(join(jobs, 'job-2.json'), 'utf8');
      return names.length === 3 && paused.includes('"isPaused": true');
    }, 'saved');
    await stop(first, signal);

    const second = await startAgain(['file:b.bin']);
    await second.line('1:a.bin:100');
    await second.line('5:going:0');
    await second.line('7:b.bin:100');
    await second.diagnostic('bittorrent-helper: restored 3 jobs; the next is 7');
    expect(second.percents(2)).toEqual([-1]);
    for (const id of [3, 4, 6]) expect(second.percents(id)).toEqual([]);
    const ids = second.stdout.map((line) => Number.parseInt(line, 10));
    expect([...new Set(ids)].sort()).toEqual([1, 2, 5, 7]);
    expect(ids.indexOf(7)).toBeGreaterThan(Math.max(...[1, 2, 5].map((id) => ids.indexOf(id))));
    second.write('resume:2');
    await second.line('2:paused:0');
    expect(second.stderr.filter((line) => line.includes('failed'))).toEqual([]);
  });

  it('has its made torrents seeded again without reading their content', async () => {
    const lengthBytes = 128 * MiB;
    await writeRandom(join(folder, 'large.bin'), lengthBytes);
    const first = await startAgain(['file:large.bin']);
    const { infoHash } = await first.published(1);
    await first.line('1:large.bin:100');
    expect(await readBytes(first)).toBeGreaterThan(lengthBytes);
    await stop(first, signal);

    const second = await startAgain();
    expect((await second.published(1)).infoHash).toBe(infoHash);
    await second.line('1:large.bin:100');
    expect(second.stdout).toEqual(['1:large.bin:-1', '1:large.bin:100']);
    expect(await readBytes(second)).toBeLessThan(lengthBytes / 2);
  });

  it('has its tracker where it was, so that an old .torrent still leads there', async () => {
    await writeRandom(join(folder, 'a.bin'), MiB);
    const port = await freePort();
    const first = await startAgain(['file:a.bin'], port);
    const { torrentFile } = await first.published(1);
    await first.line('1:a.bin:100');
    const bytes = await readFile(torrentFile);
    await stop(first, signal);

    const second = await startAgain([], 'as it was');
    const old = join(folder, 'old.torrent');
    await writeFile(old, bytes);
    const leecher = start(
      [
        '--no-dht',
        ...['--tracker-port', `${await freePort()}`],
        ...['--download-dir', 'leecher', '--state-dir', 'leecher-state'],
        `torrent:${old}`,
      ],
      { cwd: folder },
    );
    await leecher.line('1:a.bin:100');
    await second.diagnostic(new RegExp(`: ready: .* tracker http://127\\.0\\.0\\.1:${port}/`));
    expect(await hashOf(join(folder, 'leecher/a.bin'))).toBe(await hashOf(join(folder, 'a.bin')));
  });
});

describe('a session', () => {
  it('leaves a torrent to the job that had it, where one that was refused has come back', async () => {
    await writeRandom(join(folder, 'a.bin'), 8 * MiB);
    const first = await startAgain(['file:a.bin']);
    await first.line('1:a.bin:100');
    await stop(first, 'SIGKILL');
    // As a kill leaves it between the refusal and the note of that.
    const jobs = join(folder, 'state/sessions/story');
    const { checksum: _, ...saved } = JSON.parse(await readFile(join(jobs, 'job-1.json'), 'utf8'));
    const instruction = { kind: 'download', given: 'a.bin.torrent' };
    const contentPath = join(folder, 'copy/a.bin');
    const refused = { ...saved, id: 2, instruction, contentPath, doneMs: undefined };
    await writeFile(join(jobs, 'job-2.json'), JSON.stringify(refused));

    const second = await startAgain();
    await second.line('2:a.bin:-2');
    await second.line('1:a.bin:100');
    expect(second.stderr.join('\n')).toMatch(/job 2 \(a\.bin\): failed: DUPLICATE: job 1 holds/);
    second.write('remove:1', 'torrent:a.bin.torrent');
    await second.line('3:a.bin:0');
    await stop(second);
  });

  it('belongs to one helper at a time, and the other says so', async () => {
    const first = await startAgain();
    await first.diagnostic(/: ready: /);
    const second = await startAgain();
    expect(await second.exit()).toBe(2);
    expect(second.stderr).toEqual([expect.stringMatching(/^bittorrent-helper: .*story/)]);
    await stop(first);
    const third = await startAgain();
    await third.diagnostic(/: ready: /);
  });

  it('loses one job by a damaged file, names it, and uses its id no more', async () => {
    for (const name of ['one', 'two', 'three']) await writeLonely(name);
    const first = await startAgain(['one', 'two'].map((name) => `torrent:${name}.torrent`));
    await first.line('1:one:0');
    await first.line('2:two:0');
    await stop(first);

    const jobs = join(folder, 'state/sessions/story');
    await writeFile(join(jobs, 'job-2.json'), '{"version": 1, "id": 2, "instr');
    const second = await startAgain(['torrent:three.torrent']);
    await second.line('1:one:0');
    await second.line('3:three:0');
    await second.diagnostic('bittorrent-helper: restored 1 job; the next is 3');
    expect(damaged(second)).toEqual([expect.stringContaining('job-2.json')]);
    expect(second.percents(2)).toEqual([]);
    await stop(second);

    const third = await startAgain();
    await third.line('3:three:0');
    await third.diagnostic('bittorrent-helper: restored 2 jobs; the next is 4');
    expect(damaged(third)).toEqual([]);
    expect(await readdir(jobs)).toContain('job-2.json.damaged');
  });

  it('shows a paused job in every life, and does not exit as if it were unfinished', async () => {
    await writeRandom(join(folder, 'a.bin'), MiB);
    await writeLonely('lonely');
    const first = await startAgain(['file:a.bin', 'torrent:lonely.torrent']);
    await first.line('1:a.bin:100');
    await first.line('2:lonely:0');
    first.write('pause:1', 'pause:2', 'quit:');
    // It was paused in this life.
    expect(await first.exit()).toBe(4);

    for (let life = 2; life <= 3; life += 1) {
      const again = await startAgain();
      await again.line('1:a.bin:-1');
      await again.line('2:lonely:-1');
      again.write('list:');
      await until(() => again.stdout.length === 4, 'listed');
      expect(again.stdout.slice(2)).toEqual(['1:a.bin:-1', '2:lonely:-1']);
      again.write('quit:');
      expect(await again.exit()).toBe(0);
    }
    const last = await startAgain();
    await last.line('1:a.bin:-1');
    last.write('resume:1');
    await last.line('1:a.bin:100');
    expect(last.percents(1)).toEqual([-1, 100]);
  });

  it('counts on from the highest id, though nothing is left of that job', async () => {
    await writeLonely('one');
    const first = await startAgain(['torrent:one.torrent', 'file:nowhere']);
    await first.line('2:nowhere:-2');
    first.write('remove:1');
    await first.diagnostic(/: job 1 \(.*\): removed$/);
    await stop(first);

    expect(first.stderr).toContain('bittorrent-helper: restored 0 jobs; the next is 1');

    const second = await startAgain(['torrent:one.torrent']);
    await second.diagnostic('bittorrent-helper: restored 0 jobs; the next is 3');
    await second.line('3:one:0');
    expect(second.stdout).toEqual(['3:one:-1', '3:one:0']);
  });
});
