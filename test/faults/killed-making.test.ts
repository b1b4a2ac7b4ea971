// A helper that is killed at a random moment while it makes a torrent: there is no .torrent then, or a whole one, and the
// next helper makes the same.
import { mkdir, readdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { parseMetainfo } from '../../src/metainfo/parse/parse-metainfo.js';
import { writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';
import { randomMoments, rounds } from './random-moments.js';

const atOnce = 2;

/** Has begun to publish folder/content, with what it writes in `dir`. */
async function beginMaking(folder: string, dir: string): Promise<HelperProcess> {
  const dirs = ['--torrent-dir', join(dir, 'torrents'), '--state-dir', join(dir, 'state')];
  const args = [...dirs, '--no-dht', '--tracker-port', `${await freePort()}`];
  const helper = start(args, { cwd: folder });
  await helper.diagnostic(/: ready: /);
  helper.write('file:content');
  return helper;
}

it('a making that is killed at random moments leaves a whole .torrent or none, and the next one is the same', {
  timeout: 30_000 + rounds * 3_000,
}, async (context) => {
  const random = await randomMoments(context);
  const folder = await scratchFolder();
  for (const name of ['a.bin', 'b.bin', 'c.bin']) {
    await writeRandom(join(folder, 'content', name), 3 * MiB);
  }
  const figures = { kills: 0, beforeTheFile: 0, whileItWasWritten: 0, after: 0 };

  const undisturbed = await beginMaking(folder, join(folder, 'undisturbed'));
  const startedMs = performance.now();
  const { infoHash } = await undisturbed.published(1);
  /** What it took the last time; a busy machine has its ups and downs. */
  let takesMs = performance.now() - startedMs;
  undisturbed.kill('SIGKILL');

  const killOnce = async (dir: string) => {
    await mkdir(join(dir, 'torrents'), { recursive: true });
    const killed = await beginMaking(folder, dir);
    await delay(random.between(0, takesMs));
    killed.kill('SIGKILL');
    await killed.exit();

    const left = await readdir(join(dir, 'torrents'));
    const finished = left.filter((name) => name.endsWith('.torrent'));
    for (const name of finished) {
      const bytes = await readFile(join(dir, 'torrents', name));
      expect(parseMetainfo(bytes, name).infoHash).toBe(infoHash);
    }
    const unfinished = left.filter((name) => !name.endsWith('.torrent'));
    // Nobody can tell a fresh one from that of a helper at work.
    const longAgo = new Date(Date.now() - 3_600_000);
    for (const name of unfinished) await utimes(join(dir, 'torrents', name), longAgo, longAgo);
    figures.kills += 1;
    if (unfinished.length > 0) figures.whileItWasWritten += 1;
    else if (finished.length > 0) figures.after += 1;
    else figures.beforeTheFile += 1;

    const next = await beginMaking(folder, dir);
    const nextMs = performance.now();
    expect(await next.published(1)).toMatchObject({ infoHash });
    if (left.length === 0) takesMs = performance.now() - nextMs;
    await next.line('1:content:100');
    expect(next.stdout).toEqual(['1:content:-1', '1:content:100']);
    expect(await readdir(join(dir, 'torrents'))).toEqual(['content.torrent']);
    next.kill('SIGKILL');
    await next.exit();
  };
  const killInTurn = async (first: number) => {
    for (let round = first; round < rounds; round += atOnce) {
      await killOnce(join(folder, `round-${round}`));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, first) => killInTurn(first)));
  await context.annotate(JSON.stringify(figures));
  expect(figures.kills).toBe(rounds);
});
