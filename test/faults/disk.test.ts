// Disks that refuse: full, read only, gone, closed to this user, and too few files to be opened. The job waits and says
// why, goes on by itself when it can, and the others do not notice.
import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashOf, readTree, writeRandom } from '../support/disks/content-files.js';
import { nobody, ordinaryUser } from '../support/disks/ordinary-user.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { mayMount, mountSmallDisk } from '../support/disks/small-disk.js';
import { command, type HelperProcess, start, watch } from '../support/helper/helper-process.js';
import { publish } from '../support/helper/publish.js';
import { freePort } from '../support/processes/free-port.js';
import { withoutProxies } from '../support/processes/without-proxies.js';
import { MiB } from '../support/sizes.js';

/** So long that the helper tries again in vain: after 1 s. The next try comes 2 s later. */
const refusedMs = 1_500;

let folder: string;

beforeEach(async () => {
  folder = await scratchFolder();
  await writeRandom(join(folder, 'source/x.bin'), 4 * MiB);
});

async function argsOf(downloadDir: string, more: readonly string[] = []): Promise<string[]> {
  const port = `${await freePort()}`;
  const dirs = ['--download-dir', downloadDir, '--state-dir', join(folder, 'state')];
  return ['--no-dht', '--tracker-port', port, ...dirs, ...more];
}

const warnings = (helper: HelperProcess, code: string) =>
  helper.stderr.filter((line) => line.includes(`: warning: ${code}: `));

/** Nothing failed, nothing went back, the engine was never started again. */
function expectPeace(helper: HelperProcess): void {
  expect(helper.stderr.filter((line) => /: failed: |INTERNAL|ENGINE_CRASH/.test(line))).toEqual([]);
  const percents = helper.percents(1);
  expect(percents).toEqual([...new Set(percents)].sort((one, other) => one - other));
}

/** What the helper publishes meanwhile. */
async function expectOthersGoOn(helper: HelperProcess): Promise<void> {
  const other = await writeRandom(join(folder, 'other/y.bin'), MiB);
  helper.write(`file:${other}`);
  await helper.line(`2:${other}:100`);
}

async function expectCompletion(helper: HelperProcess, downloadDir: string): Promise<void> {
  await helper.line('1:x.bin:100');
  expect(await hashOf(join(downloadDir, 'x.bin'))).toBe(await hashOf(join(folder, 'source/x.bin')));
  expectPeace(helper);
  helper.write('quit:');
  expect(await helper.exit()).toBe(0);
}

describe.skipIf(!mayMount)('a disk (this system lets the test mount one)', () => {
  it('that fills up pauses its download, until there is room', async () => {
    const disk = await mountSmallDisk(2 * MiB, join(folder, 'disk'));
    const { torrentFile } = await publish(join(folder, 'source'), 'x.bin');
    const helper = start(await argsOf(disk.path, ['--torrent-dir', folder]), { cwd: folder });
    helper.write(`torrent:${torrentFile}`);
    await helper.diagnostic(/: job 1 \(x\.bin\): warning: DISK_FULL: .+/);
    await expectOthersGoOn(helper);
    await delay(refusedMs);
    await disk.resize(16 * MiB);
    await expectCompletion(helper, disk.path);
    expect(warnings(helper, 'DISK_FULL')).toEqual([expect.stringContaining(': job 1 (x.bin): ')]);
    expect(helper.percents(1)).not.toContain(-2);
  });

  it('that can only be read for a while pauses its download for as long', async () => {
    const disk = await mountSmallDisk(16 * MiB, join(folder, 'disk'));
    const { torrentFile } = await publish(join(folder, 'source'), 'x.bin');
    await disk.setWritable(false);
    const helper = start(await argsOf(disk.path, ['--torrent-dir', folder]), { cwd: folder });
    helper.write(`torrent:${torrentFile}`);
    await helper.diagnostic(/: job 1 \(x\.bin\): warning: DISK_READ_ONLY: .+/);
    await expectOthersGoOn(helper);
    await delay(refusedMs);
    await disk.setWritable(true);
    await expectCompletion(helper, disk.path);
    expect(warnings(helper, 'DISK_READ_ONLY')).toHaveLength(1);
  });

  it('that is full where the session lies is told of, and costs no job anything', async () => {
    const disk = await mountSmallDisk(128 * 1024, join(folder, 'state'));
    await writeFile(join(disk.path, 'ballast'), Buffer.alloc(128 * 1024 - 4096 * 2)).catch(
      () => {},
    );
    const { torrentFile } = await publish(join(folder, 'source'), 'x.bin');
    const copy = join(folder, 'copy');
    const args = await argsOf(copy, ['--torrent-dir', folder, '--session', 'full']);
    const helper = start(args, { cwd: folder });
    helper.write(`torrent:${torrentFile}`);
    await helper.diagnostic(/: warning: STATE_UNWRITABLE: .+/);
    await expectOthersGoOn(helper);
    await expectCompletion(helper, copy);
  });
});

describe('a download dir', () => {
  it('that is removed in the middle of a download comes back, with all that belongs there', async () => {
    const { torrentFile } = await publish(join(folder, 'source'), 'x.bin', ['--up', '2M']);
    const copy = join(folder, 'copy');
    const helper = start(await argsOf(copy, ['--torrent-dir', folder]), { cwd: folder });
    helper.write(`torrent:${torrentFile}`);
    await helper.line(/^1:x\.bin:[1-9]\d?$/);
    await rm(copy, { recursive: true });
    await expectCompletion(helper, copy);
  });
});

describe('a helper that may open few files', () => {
  it('downloads folders of many all the same', async () => {
    for (let file = 0; file < 200; file += 1) {
      await writeRandom(join(folder, `source/many/${file}`), 10_000 + file);
    }
    const { torrentFile } = await publish(join(folder, 'source'), 'many');
    const copy = join(folder, 'copy');
    const few = 'ulimit -n 64; exec "$@"';
    const args = await argsOf(copy, ['--torrent-dir', folder]);
    const limited = spawn(
      'bash',
      ['-c', few, 'bash', process.execPath, command, ...args, `torrent:${torrentFile}`],
      { cwd: folder, stdio: 'pipe', env: withoutProxies() },
    );
    const helper = watch(limited);
    await helper.line('1:many:100');
    expect(await readTree(join(copy, 'many'))).toEqual(await readTree(join(folder, 'source/many')));
    expectPeace(helper);
    helper.write('quit:');
    expect(await helper.exit()).toBe(0);
  });
});

const somebody = ordinaryUser(command);

describe.skipIf(somebody.uid === undefined)('a folder (root can be somebody else here)', () => {
  it('that this user may not write to pauses its download, until it may', async () => {
    const { torrentFile } = await publish(join(folder, 'source'), 'x.bin');
    const [copy, state] = [join(folder, 'copy'), join(folder, 'state')];
    await mkdir(copy, { mode: 0o500 });
    await mkdir(state);
    for (const path of [folder, copy, state]) await chown(path, nobody, nobody);
    const args = await argsOf(copy, ['--torrent-dir', folder]);
    const child = spawn(process.execPath, [command, ...args], {
      cwd: folder,
      stdio: 'pipe',
      env: withoutProxies(),
      ...somebody,
    });
    const helper = watch(child);
    helper.write(`torrent:${torrentFile}`);
    await helper.diagnostic(/: job 1 \(x\.bin\): warning: DISK_DENIED: .+/);
    await expectOthersGoOn(helper);
    await delay(refusedMs);
    await chmod(copy, 0o700);
    await expectCompletion(helper, copy);
    expect(warnings(helper, 'DISK_DENIED')).toHaveLength(1);
  });
});
