// Swarms on one machine: many helpers fetch from one, and from each other, so that the one sends little more than a copy.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { MiB } from '../support/sizes.js';
import { startSwarmTracker } from '../support/trackers/story-trackers.js';
import { until } from '../support/waiting.js';

let folder: string;

beforeEach(async () => {
  folder = await scratchFolder();
});

async function startIn(name: string, ...args: readonly string[]): Promise<HelperProcess> {
  await mkdir(join(folder, name), { recursive: true });
  return start(['--no-dht', ...args], { cwd: join(folder, name) });
}

interface SeedOptions {
  readonly lengthBytes: number;
  readonly options?: readonly string[];
}

/** A helper that seeds x.bin to a tracker that counts. */
async function seed({ lengthBytes, options = [] }: SeedOptions) {
  const tracker = await startSwarmTracker();
  await writeRandom(join(folder, 'source/x.bin'), lengthBytes);
  const seeder = await startIn('source', '--tracker', tracker.announceUrl, ...options);
  seeder.write('file:x.bin');
  const { torrentFile } = await seeder.published(1);
  const wanted = await hashOf(join(folder, 'source/x.bin'));
  /** They begin together. Their inputs stay open, so that they stay and seed. */
  const fetchWith = async (names: readonly string[]) => {
    const leechers = await Promise.all(names.map((name) => startIn(name)));
    for (const leecher of leechers) leecher.write(`torrent:${torrentFile}`);
    await until(
      () => leechers.every(({ stdout }) => stdout.includes('1:x.bin:100')),
      'complete in all of them',
      75_000,
    );
    for (const name of names) expect(await hashOf(join(folder, name, 'x.bin'))).toBe(wanted);
  };
  /** Lets the seeder go; resolves with what it has sent, over the content. */
  const copies = async () => {
    seeder.write('quit:');
    expect(await seeder.exit()).toBe(0);
    return tracker.firstUploadedBytes / lengthBytes;
  };
  return { fetchWith, copies };
}

const names = (count: number) => Array.from({ length: count }, (_, nth) => `helper ${nth}`);

describe('a swarm', () => {
  it('of twelve helpers gets few copies of a thirteenth, and goes on without it', async () => {
    const { fetchWith, copies } = await seed({ lengthBytes: 24 * MiB + 3 });
    await fetchWith(names(12));
    const sent = await copies();
    expect(sent).toBeGreaterThanOrEqual(1);
    expect(sent).toBeLessThanOrEqual(4);
    await fetchWith(['late']);
  }, 90_000);

  it('whose seeder is slow shares what it gets of it', async () => {
    const { fetchWith, copies } = await seed({ lengthBytes: 8 * MiB, options: ['--up', '2M'] });
    await fetchWith(names(6));
    // Nearly two if everyone were told of everything.
    expect(await copies()).toBeLessThanOrEqual(1.6);
  }, 90_000);
});
