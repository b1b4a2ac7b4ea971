// What the inspector's page shows of a helper, in a real browser that reaches nothing but this machine.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { hasChromium, needsChromium } from '../support/browser/chromium.js';
import { openInspectorPage } from '../support/browser/inspector-page.js';
import { writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { start } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';

let folder: string;

beforeEach(async () => {
  folder = await scratchFolder();
});

const urlIn = (line: string) => /http:\S+/.exec(line)?.[0] ?? '';

async function startInspected(args: readonly string[] = [], env: Record<string, string> = {}) {
  const cwd = join(folder, 'inspected');
  await mkdir(cwd);
  const port = ['--tracker-port', `${await freePort()}`];
  const helper = start(['--inspect', '--no-dht', ...port, ...args], { cwd, env });
  return { helper, url: urlIn(await helper.diagnostic(/: inspector: /)) };
}

// A browser is slow to begin where others are at work, too.
describe.skipIf(!hasChromium)(
  needsChromium('the page of the inspector'),
  { timeout: 120_000 },
  () => {
    it('shows a download from its first state to seeding, and a job that fails', async () => {
      await writeRandom(join(folder, 'a.bin'), 3 * MiB);
      const seeder = start(['--tracker-port', `${await freePort()}`, 'file:a.bin'], {
        cwd: folder,
      });
      const { torrentFile } = await seeder.published(1);
      const { helper, url } = await startInspected();
      const inspector = await openInspectorPage(url);
      helper.write(`torrent:${torrentFile}`, 'torrent:nothing.torrent');

      await inspector.shows('job-1', 'seeding');
      await inspector.select('job-1');
      expect(await inspector.statesSoFar()).toEqual([
        'active.fetching',
        'active.joined.joining.registering',
        'active.joined.checking',
        'active.joined.downloading',
        'active.joined.seeding',
      ]);
      await inspector.shows('job-2', 'failed');
      await inspector.select('job-2');
      const details = inspector.page.getByLabel('details');
      await details.getByText('TORRENT_NOT_FOUND').first().waitFor();
      expect(inspector.faults).toEqual([]);
    });

    it('shows an engine that died, and is started again', async () => {
      const order = join(folder, 'fault');
      const preload = join(import.meta.dirname, '../support/engine/engine-fault.mjs');
      const env = { NODE_OPTIONS: `--require=${preload}`, ENGINE_FAULT: order };
      const { helper, url } = await startInspected([], env);
      await writeRandom(join(folder, 'inspected/mine.bin'), MiB);
      const inspector = await openInspectorPage(url);
      helper.write('file:mine.bin');
      await inspector.shows('job-1', 'seeding');
      await inspector.select('engine');
      await writeFile(order, 'throw');
      helper.kill('SIGUSR2');
      await inspector.shows('engine', 'waiting');
      await inspector.shows('engine', 'running');

      const states = await inspector.statesSoFar();
      expect(states.slice(0, 4)).toEqual([
        ...['alive.starting', 'alive.running', 'waiting', 'alive.starting'],
      ]);
      expect(states.at(-1)).toBe('alive.running');
      await inspector.select('job-1');
      expect(await inspector.statesSoFar()).toContain('active.joined.joining.recovering');
      expect(inspector.faults).toEqual([]);
      await rm(order, { force: true });
    });

    it('stays readable when the helper has ended, and says that it has', async () => {
      const { helper, url } = await startInspected();
      const inspector = await openInspectorPage(url);
      await inspector.shows('supervisor', 'open');
      helper.write('quit:');
      expect(await helper.exit()).toBe(0);
      await inspector.page.getByText('ended').first().waitFor();
      await inspector.shows('supervisor', 'stopped');
    });
  },
);
