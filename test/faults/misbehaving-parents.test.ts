// A parent that writes without end, does not read, stands still, or is gone: the helper keeps its memory, its first and
// last lines, and its word on exit codes.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { command, type HelperProcess, start, watch } from '../support/helper/helper-process.js';
import { peakBytes } from '../support/helper/process-figures.js';
import { publish } from '../support/helper/publish.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';
import { infoOf, torrentOf } from '../support/torrents/handmade-torrent.js';
import { before, until } from '../support/waiting.js';
import { rounds } from './random-moments.js';

/** Several times what a helper at rest has, and far less than what is thrown at it would take. */
const mostBytes = 400 * MiB;
/** Floods are a tenth as high where nobody asks for more. */
const flood = Math.ceil(rounds / 10);
const patienceMs = 30_000 + flood * 15_000;

let folder: string;

beforeEach(async () => {
  folder = await scratchFolder();
  await writeRandom(join(folder, 'x.bin'), MiB);
});

async function argsOf(more: readonly string[] = []): Promise<string[]> {
  const port = `${await freePort()}`;
  return ['--no-dht', '--tracker-port', port, '--state-dir', 'state', ...more];
}

async function startHelper(
  args: readonly string[] = [],
  unread?: 'stdout' | 'stderr',
): Promise<HelperProcess> {
  return start(await argsOf(args), { cwd: folder, ...(unread && { unread }) });
}

/** Everything that was thrown at it has been digested, and it does what it is told. */
async function expectAtWork(helper: HelperProcess, id: number): Promise<void> {
  helper.write('file:x.bin');
  await until(() => helper.percents(id).includes(100), 'published', patienceMs);
  expect(helper.percents(id)).toEqual([-1, 100]);
  if (platform() === 'linux') expect(await peakBytes(helper)).toBeLessThan(mostBytes);
}

async function expectEnd(helper: HelperProcess, exitCode: number): Promise<void> {
  helper.write('quit:');
  expect(await helper.exit(6_000)).toBe(exitCode);
}

/** Of jobs that there is nothing for. */
const missing = (count: number) => 'file:nowhere\n'.repeat(count);

describe('a parent that writes', { timeout: 2 * patienceMs }, () => {
  it('a line of 64 MiB is not understood, and the next is', async () => {
    const helper = await startHelper();
    const chunk = Buffer.alloc(MiB, 'x');
    for (let mebibyte = 0; mebibyte < 64; mebibyte += 1) helper.writeRaw(chunk);
    helper.writeRaw('\n');
    await expectAtWork(helper, 1);
    expect(helper.stderr.filter((line) => line.includes('not understood: xxx'))).toHaveLength(1);
    await expectEnd(helper, 0);
  });

  it('an instruction of 64 MiB has it fail under its id', async () => {
    const helper = await startHelper();
    helper.writeRaw('file:');
    const chunk = Buffer.alloc(MiB, 'x');
    for (let mebibyte = 0; mebibyte < 64; mebibyte += 1) helper.writeRaw(chunk);
    helper.writeRaw('\n');
    await expectAtWork(helper, 2);
    expect(helper.percents(1)).toEqual([-2]);
    await expectEnd(helper, 3);
  });

  it('bytes at random, of any kind, harms nothing', async () => {
    const helper = await startHelper();
    helper.writeRaw(
      Buffer.concat([Buffer.alloc(MiB), Buffer.from('\n\xff\xfe\0\xc0\n', 'latin1')]),
    );
    // A job that begins by chance would take an id.
    helper.writeRaw(Buffer.from(randomBytes(4 * MiB).map((byte) => byte | 0x80)));
    helper.writeRaw('\n');
    await expectAtWork(helper, 1);
    await expectEnd(helper, 0);
  });

  it(`${(flood * 100_000).toLocaleString('en')} lines in one go has each of them looked at`, async () => {
    const helper = await startHelper([], 'stderr');
    helper.writeRaw('pause:1\nwhat?\n'.repeat(flood * 50_000));
    await expectAtWork(helper, 1);
    await expectEnd(helper, 0);
  });

  it(`pause and resume ${flood}00 times gets the file all the same`, async () => {
    const { torrentFile } = await publish(folder, 'x.bin', ['--up', '512K']);
    const helper = await startHelper(['--download-dir', 'copy']);
    helper.write(`torrent:${torrentFile}`);
    await helper.line(/^1:x\.bin:\d+$/);
    helper.writeRaw('pause:1\nresume:1\n'.repeat(flood * 100));
    await until(() => helper.percents(1).includes(100), 'complete', patienceMs);
    const percents = helper.percents(1);
    expect(percents).toEqual([...new Set(percents)].sort((one, other) => one - other));
    await expectEnd(helper, 0);
  });

  it(`${(flood * 10_000).toLocaleString('en')} jobs in one go has each of them begin in its turn`, async () => {
    const count = flood * 10_000;
    const helper = await startHelper(['--max-active', '1'], 'stderr');
    helper.writeRaw(missing(count));
    await expectAtWork(helper, count + 1);
    expect(helper.stdout.slice(0, count)).toEqual(
      Array.from({ length: count }, (_, index) => `${index + 1}:nowhere:-2`),
    );
    await expectEnd(helper, 3);
  });
});

describe('a parent that reads nothing', { timeout: 2 * patienceMs }, () => {
  it('has all first and last lines of many jobs wait for it', async () => {
    const count = flood * 2_000;
    const helper = await startHelper([], 'stdout');
    helper.writeRaw(missing(count));
    helper.write('file:x.bin');
    const isPublished = () => helper.stderr.some((line) => line.includes(': published: '));
    await until(isPublished, 'published', patienceMs);
    if (platform() === 'linux') expect(await peakBytes(helper)).toBeLessThan(mostBytes);
    helper.readOn();
    await until(() => helper.percents(count + 1).includes(100), 'told', patienceMs);
    const lines = new Set(helper.stdout);
    expect(helper.stdout).toHaveLength(count + 2);
    for (let id = 1; id <= count; id += 1) expect(lines).toContain(`${id}:nowhere:-2`);
    await expectEnd(helper, 3);
  });
});

/** A program that starts the helper with its own stdout, and waits. */
function startParent(args: readonly string[]): HelperProcess {
  const program = `
    const { spawn } = require('node:child_process');
    const args = ${JSON.stringify([command, ...args])};
    const helper = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    console.error('the helper is ' + helper.pid);
    helper.stdout.pipe(process.stdout);
    process.stdin.pipe(helper.stdin);
  `;
  return watch(spawn(process.execPath, ['-e', program], { cwd: folder, stdio: 'pipe' }));
}

async function helperIdOf(parent: HelperProcess): Promise<number> {
  const id = Number((await parent.diagnostic(/^the helper is \d+$/)).split(' ').at(-1));
  onTestFinished(() => {
    if (isRunning(id)) process.kill(id, 'SIGKILL');
  });
  return id;
}

function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}

describe('a parent that', () => {
  it('dies in the middle of a flood of instructions takes the helper with it', async () => {
    const parent = startParent(await argsOf(['--max-active', '1']));
    const id = await helperIdOf(parent);
    parent.writeRaw(missing(50_000));
    await parent.line('1:nowhere:-2');
    parent.kill('SIGKILL');
    await parent.exit();
    await until(() => !isRunning(id), 'gone');
  });

  it('stands still for a while finds every line when it goes on', async () => {
    const parent = startParent(await argsOf());
    await helperIdOf(parent);
    parent.kill('SIGSTOP');
    // Into the pipe, from where it is read later.
    parent.writeRaw(missing(1_000));
    parent.write('file:x.bin');
    await delay(1_000);
    parent.kill('SIGCONT');
    await parent.line('1001:x.bin:100');
    for (let id = 1; id <= 1_000; id += 1) expect(parent.percents(id)).toEqual([-2]);
    parent.write('quit:');
    await parent.diagnostic(/^the helper is/);
    expect(await parent.exit()).toBe(0);
  });
});

describe('a helper that is stopped for longer than its engine may be silent', () => {
  /** The engine is given up after so long without a sign of life. */
  const stoppedMs = 12_000;

  it('goes on as if nothing had been', async () => {
    const { torrentFile } = await publish(folder, 'x.bin', ['--up', '512K']);
    const helper = await startHelper(['--download-dir', 'copy']);
    helper.write(`torrent:${torrentFile}`);
    await helper.line(/^1:x\.bin:\d+$/);
    helper.kill('SIGSTOP');
    await delay(stoppedMs);
    helper.kill('SIGCONT');
    await helper.line('1:x.bin:100');
    const percents = helper.percents(1);
    expect(percents).toEqual([...new Set(percents)].sort((one, other) => one - other));
    expect(helper.stderr.filter((line) => /failed|engine/i.test(line))).toEqual([]);
    await expectEnd(helper, 0);
  });
});

describe('a stdout that is closed in the middle of a flood of lines', () => {
  it('stops the helper gracefully, with the exit code that is due', async () => {
    const info = infoOf('lonely', Buffer.alloc(100_000, 'x'));
    await writeFile(join(folder, 'lonely.torrent'), torrentOf(info, 'http://127.0.0.1:1/announce'));
    await mkdir(join(folder, 'copy'));
    const helper = await startHelper(['--download-dir', 'copy', 'torrent:lonely.torrent']);
    await helper.line('1:lonely:0');
    helper.writeRaw('list:\n'.repeat(100_000));
    helper.child.stdout?.destroy();
    const [code] = await before(6_000, once(helper.child, 'exit'), () => 'still running');
    expect(code).toBe(4);
  });
});
