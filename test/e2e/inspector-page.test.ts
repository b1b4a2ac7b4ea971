// What the inspector's page shows of a helper, in a real browser that reaches nothing but this machine.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasChromium, needsChromium, startChromium } from '../support/browser/chromium.js';
import { longestFrameOfScrolling } from '../support/browser/in-page.mjs';
import { type InspectorPage, openInspectorPage } from '../support/browser/inspector-page.js';
import { writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { start } from '../support/helper/helper-process.js';
import { writeLongRecording } from '../support/machines/long-recording.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';

let folder: string;
let browser: Browser;

const urlIn = (line: string) => /http:\S+/.exec(line)?.[0] ?? '';

async function startInspected(args: readonly string[] = [], env: Record<string, string> = {}) {
  const cwd = join(folder, 'inspected');
  await mkdir(cwd);
  const port = ['--tracker-port', `${await freePort()}`];
  const helper = start(['--inspect', '--no-dht', ...port, ...args], { cwd, env });
  return { helper, url: urlIn(await helper.diagnostic(/: inspector: /)) };
}

async function startInspecting(file: string, ...args: readonly string[]) {
  const inspecting = start(['inspect', file, ...args], { cwd: folder });
  return { inspecting, url: urlIn(await inspecting.line(/http:/)) };
}

// A browser takes its time where others are at work, too.
const patience = { timeout: 120_000 };

describe.skipIf(!hasChromium)(needsChromium('the page of the inspector'), patience, () => {
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    folder = await scratchFolder();
  });

  it('shows a download from its first state to seeding, and a job that fails; and both again, of a recording', async () => {
    await writeRandom(join(folder, 'a.bin'), 3 * MiB);
    const seeder = start(['--tracker-port', `${await freePort()}`, 'file:a.bin'], { cwd: folder });
    const { torrentFile } = await seeder.published(1);
    const recording = join(folder, 'life.jsonl');
    const { helper, url } = await startInspected(['--inspect-record', recording]);
    const expectLives = async (inspector: InspectorPage) => {
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
    };

    const inspector = await openInspectorPage(browser, url);
    helper.write(`torrent:${torrentFile}`, 'torrent:nothing.torrent');
    await expectLives(inspector);
    helper.kill('SIGKILL');
    await helper.exit();
    const { url: ofRecording } = await startInspecting(recording, '--port', new URL(url).port);
    await expectLives(await openInspectorPage(browser, ofRecording));
    // Where the helper was, the other is now.
    await inspector.page.getByText('ended: another has this address now').waitFor();
  });

  it('is led by its keys wherever the focus is, but where they mean something else', async () => {
    const { helper, url } = await startInspected();
    await writeRandom(join(folder, 'inspected/mine.bin'), MiB);
    const inspector = await openInspectorPage(browser, url);
    const { page } = inspector;
    const press = (key: string) => page.keyboard.press(key);
    helper.write('file:mine.bin');
    await inspector.shows('job-1', 'seeding');
    // From here on the tree has the focus.
    await inspector.select('job-1');
    await press('Shift+ArrowLeft');
    await page.getByLabel('details').getByText('active.joined.joining').first().waitFor();
    await press('Space');
    await page.getByLabel('details').getByText('active.joined.seeding').first().waitFor();
    await press('f');
    const follow = page.getByRole('button', { name: 'follow', exact: true, pressed: true });
    await follow.waitFor();
    await press('0');
    await page.getByRole('button', { name: 'all', exact: true, pressed: true }).waitFor();

    await page.getByLabel('filter the actors').fill('');
    await press('f');
    expect(await page.getByLabel('filter the actors').inputValue()).toBe('f');
    expect(await follow.count()).toBe(0);
    expect(inspector.faults).toEqual([]);
  });

  it('shows an engine that died, and is started again', async () => {
    const order = join(folder, 'fault');
    const preload = join(import.meta.dirname, '../support/engine/engine-fault.mjs');
    const env = { NODE_OPTIONS: `--require=${preload}`, ENGINE_FAULT: order };
    const { helper, url } = await startInspected([], env);
    await writeRandom(join(folder, 'inspected/mine.bin'), MiB);
    const inspector = await openInspectorPage(browser, url);
    helper.write('file:mine.bin');
    await inspector.shows('job-1', 'seeding');
    await inspector.select('engine');
    await writeFile(order, 'throw');
    helper.kill('SIGUSR2');
    await helper.diagnostic(/INTERNAL: the engine stopped/);
    // It may be told to wait again, as long as its port is not to be had.
    await expect
      .poll(async () => (await inspector.statesSoFar()).slice(0, 4), patience)
      .toEqual(['alive.starting', 'alive.running', 'waiting', 'alive.starting']);
    await inspector.shows('engine', 'running');
    await inspector.select('job-1');
    await expect
      .poll(() => inspector.statesSoFar(), patience)
      .toContain('active.joined.joining.recovering');
    expect(inspector.faults).toEqual([]);
  });

  it('draws every chart so that no text lies on another, whole and from near', async () => {
    const { helper, url } = await startInspected();
    await writeRandom(join(folder, 'inspected/mine.bin'), MiB);
    const inspector = await openInspectorPage(browser, url);
    helper.write('file:mine.bin');
    await inspector.shows('job-1', 'seeding');
    for (const name of ['job-1', 'engine', 'supervisor', 'monitor', 'instruction-parser']) {
      await inspector.select(name);
      const { count, pairs } = await inspector.overlaps();
      expect(count, name).toBeGreaterThan(3);
      expect(pairs, name).toEqual([]);
    }
    const heat = inspector.page.getByLabel('heat');
    await heat.selectOption('this run');
    await inspector.page.getByRole('tab', { name: 'swarm' }).click();
    await inspector.page.getByRole('tab', { name: 'chart' }).click();
    await inspector.select('job-1');
    expect(await heat.inputValue()).toBe('run');
  });

  it('shows ten thousand jobs, and draws no more of them than are to be seen', async () => {
    const file = join(folder, 'many.jsonl');
    await writeLongRecording(file, 10_000);
    const { url } = await startInspecting(file);
    const inspector = await openInspectorPage(browser, url);
    await inspector.shows('job-1', 'seeding');
    const tree = await inspector.page.getByRole('tree').elementHandle();
    const { mostLines } = await inspector.page.evaluate(longestFrameOfScrolling, tree);
    expect(mostLines).toBeLessThan(100);
    await inspector.page.getByRole('tree').press('End');
    await inspector.page.getByText('job-10000', { exact: true }).first().waitFor();
    // What is found is to be seen, wherever the list was.
    await inspector.page.getByLabel('filter the actors').fill('file-77');
    await inspector.select('job-77');
    await inspector.page.getByLabel('details').getByText('file-77.bin').first().waitFor();
    expect(inspector.faults).toEqual([]);
  });

  it('stays readable when the helper has ended, and says that it has', async () => {
    const { helper, url } = await startInspected();
    const inspector = await openInspectorPage(browser, url);
    await inspector.shows('supervisor', 'open');
    helper.write('quit:');
    expect(await helper.exit()).toBe(0);
    await inspector.page.getByText('ended').first().waitFor();
    await inspector.shows('supervisor', 'stopped');
    // There is nothing left to wait for.
    expect(await inspector.page.getByText('pause', { exact: true }).count()).toBe(0);
    await inspector.page.getByRole('button', { name: 'to the end' }).waitFor();
  });
});
