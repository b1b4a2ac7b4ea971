// --stop-with: a helper that ends with another process, where its stdin tells nothing of that one's end.
import { spawn, spawnSync } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import {
  command,
  type HelperProcess,
  root,
  start,
  watch,
} from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { withoutProxies } from '../support/processes/without-proxies.js';
import { type FakeTracker, startFakeTracker } from '../support/trackers/story-trackers.js';
import { before } from '../support/waiting.js';

/** A second until it is seen, and 5 s for the stop; the rest is for a busy machine. */
const endMs = 8_000;
const hasNpx = spawnSync('npx', ['--version']).status === 0;

let folder: string;
let tracker: FakeTracker;

beforeEach(async () => {
  folder = await scratchFolder();
  await writeRandom(join(folder, 'x.bin'), 1000);
  tracker = await startFakeTracker();
});

const seeding = (...args: readonly string[]) => [
  ...args,
  ...['--on-eof', 'seed', '--tracker', tracker.announceUrl, 'file:x.bin'],
];

/** A program that starts a command whose stdin tells nothing, and whose output is its own. */
function startParent(words: readonly string[], env?: NodeJS.ProcessEnv): HelperProcess {
  const program = `
    const { spawn } = require('node:child_process');
    const [program, ...args] = process.argv.slice(1);
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    console.error('the child is ' + child.pid);
    setInterval(() => {}, 1000);
  `;
  const options = { cwd: folder, env: withoutProxies(env) };
  return watch(spawn(process.execPath, ['-e', program, ...words], options));
}

/** Its output closes when the helper, which has it open, too, has ended. */
async function outputClosed({ child }: HelperProcess): Promise<void> {
  const closed = new Promise((resolve) => child.once('close', resolve));
  await before(endMs, closed, () => 'the helper goes on');
}

describe.skipIf(process.platform === 'win32')('a helper that is to stop with', () => {
  it('a process stops gracefully when that one ends', async () => {
    const other = spawn('sleep', ['600']);
    onTestFinished(() => void other.kill('SIGKILL'));
    const helper = start(seeding('--stop-with', `${other.pid}`), { cwd: folder, stdin: 'ignore' });
    await helper.line('1:x.bin:100');
    other.kill('SIGKILL');
    expect(await helper.exit(endMs)).toBe(0);
    await helper.diagnostic(`bittorrent-helper: process ${other.pid} has ended, so this one stops`);
    expect(tracker.announces.map(({ event }) => event)).toEqual(['started', 'stopped']);
  });

  it('a process ends as ever when it is told to before', async () => {
    const helper = start(seeding('--stop-with', `${process.pid}`), { cwd: folder });
    await helper.line('1:x.bin:100');
    helper.write('quit:');
    expect(await helper.exit(endMs)).toBe(0);
    expect(helper.stderr.filter((line) => line.includes('has ended'))).toEqual([]);
  });

  it('its parent stops gracefully when that one dies', async () => {
    const words = [process.execPath, command, ...seeding('--stop-with', 'parent')];
    const parent = startParent(words);
    await parent.line('1:x.bin:100');
    parent.kill('SIGKILL');
    await outputClosed(parent);
    expect(tracker.announces.at(-1)?.event).toBe('stopped');
  });

  it('a process is one without jobs, too: a tracker', async () => {
    const other = spawn('sleep', ['600']);
    onTestFinished(() => void other.kill('SIGKILL'));
    const args = ['tracker', '--port', `${await freePort()}`, '--stop-with', `${other.pid}`];
    const helper = start(args, { cwd: folder, stdin: 'ignore' });
    await helper.line(/^http/);
    other.kill('SIGKILL');
    expect(await helper.exit(endMs)).toBe(0);
  });
});

describe.skipIf(!hasNpx)(
  `a helper that npx runs${hasNpx ? '' : ' (npx is not installed)'}, to stop with its parent`,
  () => {
    /** As npm links it in a project. */
    async function startByNpx(): Promise<HelperProcess> {
      await mkdir(join(folder, 'node_modules/.bin'), { recursive: true });
      await symlink(
        join(root, 'bin/launch.cjs'),
        join(folder, 'node_modules/.bin/bittorrent-helper'),
      );
      const words = ['npx', '--offline', 'bittorrent-helper', ...seeding('--stop-with', 'parent')];
      const parent = startParent(words);
      await parent.line('1:x.bin:100');
      return parent;
    }

    it('stops when the program dies that ran npx', async () => {
      const parent = await startByNpx();
      parent.kill('SIGKILL');
      await outputClosed(parent);
      expect(tracker.announces.at(-1)?.event).toBe('stopped');
    });

    it('stops when npx is told to end, which ends the shell between them alone', async () => {
      const parent = await startByNpx();
      const line = await parent.diagnostic(/^the child is \d+$/);
      process.kill(Number(line.slice('the child is '.length)), 'SIGTERM');
      await tracker.heard('stopped');
      parent.kill('SIGKILL');
      await outputClosed(parent);
    });
  },
);
