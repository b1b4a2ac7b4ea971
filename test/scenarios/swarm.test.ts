// A swarm on one machine: many helpers fetch from one, and from each other.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { until } from './deadline.js';
import { type HelperProcess, start } from './helper-process.js';
import { freePort, hashOf, MiB, scratchFolder, writeRandom } from './scratch.js';

it('of twelve helpers gets the same file from a thirteenth', async () => {
  const folder = await scratchFolder();
  const startIn = async (name: string, ...args: string[]): Promise<HelperProcess> => {
    await mkdir(join(folder, name), { recursive: true });
    return start(['--no-dht', ...args], { cwd: join(folder, name) });
  };
  await writeRandom(join(folder, 'source/x.bin'), 24 * MiB + 3);
  const seeder = await startIn('source', '--tracker-port', `${await freePort()}`);
  seeder.write('file:x.bin');
  const { torrentFile } = await seeder.published(1);
  const names = Array.from({ length: 12 }, (_, nth) => `helper ${nth}`);
  const leechers = await Promise.all(names.map((name) => startIn(name)));
  for (const leecher of leechers) leecher.write(`torrent:${torrentFile}`);
  await until(
    () => leechers.every(({ stdout }) => stdout.includes('1:x.bin:100')),
    'complete in all of them',
    75_000,
  );
  const wanted = await hashOf(join(folder, 'source/x.bin'));
  for (const name of names) expect(await hashOf(join(folder, name, 'x.bin'))).toBe(wanted);
}, 90_000);
