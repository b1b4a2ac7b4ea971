// Content that was moved, on one disk or to another, is not read again by the next helper: what was known of it goes along.
// The kernel counts what a process reads.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { hasOtherDisk, otherDisk } from '../support/disks/small-disk.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { publish } from '../support/helper/publish.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';

/** More than a helper reads for itself, its own code included. */
const lengthBytes = 96 * MiB;

const disks = [
  ['one disk', scratchFolder],
  ...(hasOtherDisk ? ([['two disks', () => otherDisk(256 * MiB)]] as const) : []),
] as const;

let folder: string;
let content: string;

beforeEach(async () => {
  folder = await scratchFolder();
  content = await writeRandom(join(folder, 'source/x.bin'), lengthBytes);
});

/** The next one of the same session remembers what this one did. */
async function startHelper(...args: readonly string[]): Promise<HelperProcess> {
  const dirs = ['--download-dir', join(folder, 'copy'), '--state-dir', join(folder, 'state')];
  const port = ['--tracker-port', `${await freePort()}`, '--session', 'moved'];
  return start(['--no-dht', ...dirs, ...port, ...args], { cwd: folder });
}

async function bytesRead({ child }: HelperProcess): Promise<number> {
  const io = await readFile(`/proc/${child.pid}/io`, 'utf8');
  return Number(/^rchar: (\d+)$/m.exec(io)?.[1]);
}

async function quit(helper: HelperProcess): Promise<void> {
  helper.write('quit:');
  expect(await helper.exit()).toBe(0);
}

/** Of a helper that brings the job back. */
async function expectUnread(line: string): Promise<void> {
  const helper = await startHelper();
  await helper.line(line);
  expect(await bytesRead(helper)).toBeLessThan(lengthBytes / 2);
  await quit(helper);
}

describe.skipIf(process.platform !== 'linux')('the next helper', () => {
  it.each(disks)('reads nothing of what it published, and moved on %s', async (_, folderThere) => {
    const to = await folderThere();
    const helper = await startHelper('file:source/x.bin');
    await helper.line('1:source/x.bin:100');
    helper.write(`move:1:${to}`);
    await helper.diagnostic(/: job 1 \(.*\): moved: /);
    await quit(helper);
    await expectUnread('1:source/x.bin:100');
  });

  it.each(disks)(
    'reads nothing of what went where complete downloads go, on %s',
    async (_, folderThere) => {
      const wanted = await hashOf(content);
      const to = await folderThere();
      const { torrentFile } = await publish(join(folder, 'source'), 'x.bin');
      const helper = await startHelper('--move-completed', to, `torrent:${torrentFile}`);
      await helper.diagnostic(/: job 1 \(.*\): moved: /);
      await quit(helper);
      expect(await hashOf(join(to, 'x.bin'))).toBe(wanted);
      await expectUnread('1:x.bin:100');
    },
  );
});
