// @ts-check
// What a machine is like on which helpers have run before: the code that Node compiled for them lies in the state directory
// that they share. A helper saves it half a second after its start, and again after half a minute, when it has most.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { helperCommand, helperOptions } from './programs/downloaders.mjs';
import { startMeasured } from './programs/processes.mjs';

const timeoutMs = 60_000;
const untilSavedMs = 31_000;
const contentBytes = 8 * 2 ** 20;

/**
 * One helper publishes, another downloads, and both stay until their code has been saved.
 *
 * @param {string} python
 * @param {string} dist
 * @param {string} parent An existing folder.
 */
export async function warmUp(python, dist, parent) {
  const folder = join(parent, `warm-up-${Math.random()}`);
  const start = async (/** @type {string} */ name) => {
    await mkdir(join(folder, name), { recursive: true });
    const options = helperOptions(join(folder, name));
    const helper = startMeasured(python, [...helperCommand(dist), ...options]);
    await helper.heard(/: ready: /, timeoutMs);
    return helper;
  };
  const seeder = await start('seeder');
  const leecher = await start('leecher');
  const content = join(folder, 'content');
  await writeFile(content, Buffer.alloc(contentBytes, 'x'));
  seeder.tell(`file:${content}`);
  const [, torrent = ''] = await seeder.heard(/: published: (.+) [0-9a-f]{40} /, timeoutMs);
  leecher.tell(`torrent:${torrent}`);
  await leecher.heard(/^1:.*:100$/, timeoutMs);
  await setTimeout(untilSavedMs);
  for (const helper of [seeder, leecher]) helper.tell('quit:');
  for (const helper of [seeder, leecher]) await helper.ended(timeoutMs);
}
