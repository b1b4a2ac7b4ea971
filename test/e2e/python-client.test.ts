// The Python client: its own tests, under the Pythons that are here, and its examples.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { command, root, watch } from '../support/helper/helper-process.js';
import { withoutProxies } from '../support/processes/without-proxies.js';
import { MiB } from '../support/sizes.js';

const tests = join(root, 'clients/python/tests');
const scripted = join(root, 'test/support/clients/scripted-helper.mjs');

const isNewEnough = 'import sys; sys.exit(sys.version_info < (3, 9))';
const isThere = (python: string) => spawnSync(python, ['-c', isNewEnough]).status === 0;
/** Whatever `python3` is, and the oldest that is promised. */
const pythons = ['python3', 'python3.9'].filter(isThere);
const hasPython = pythons.includes('python3');

const environment = withoutProxies({
  BITTORRENT_HELPER: `${process.execPath} ${command}`,
  SCRIPTED_HELPER: `${process.execPath} ${scripted}`,
  // Whatever is found out when an object goes away, such as a coroutine that nobody waited for, fails.
  PYTHONWARNINGS: 'error',
  PYTHONDONTWRITEBYTECODE: '1',
});

/** Rejects with what it says, if one fails. */
async function runTests(python: string, name: string): Promise<string> {
  const args = ['-X', 'faulthandler', join(tests, name)];
  const { stderr } = await promisify(execFile)(python, args, {
    env: environment,
    timeout: 120_000,
  });
  return stderr;
}

describe.skipIf(!hasPython)(
  `the Python client${hasPython ? '' : ' (python3 is not installed)'}`,
  { timeout: 130_000 },
  () => {
    it.each(pythons)('does what it should with a scripted helper, under %s', async (python) => {
      expect(await runTests(python, 'test_bittorrent_helper.py')).toMatch(/^OK$/m);
    });

    it('has five hundred jobs of a real helper, which is killed', async () => {
      expect(await runTests('python3', 'test_with_helper.py')).toMatch(/^OK$/m);
    });

    it('publishes and downloads in its examples, with progress', async () => {
      const folder = await scratchFolder();
      const file = await writeRandom(join(folder, 'a b: c.iso'), 2 * MiB);
      const example = (name: string, ...args: string[]) =>
        watch(
          spawn('python3', [join(root, 'examples', name), ...args], {
            cwd: folder,
            env: environment,
          }),
        );
      const publisher = example('publish_client.py', file);
      const magnet = await publisher.line(/^magnet:/);
      const copy = join(folder, 'copy');
      const downloader = example('download_client.py', magnet, '--to', copy);
      expect(await downloader.exit()).toBe(0);
      expect(downloader.stdout.at(-2)).toMatch(/^a b: c\.iso: 100 %, [\d.]+ MiB\/s, \d peers, /);
      expect(downloader.stdout.at(-1)).toBe(`downloaded: ${join(copy, 'a b: c.iso')}`);
      expect(await hashOf(join(copy, 'a b: c.iso'))).toBe(await hashOf(file));
      publisher.kill('SIGINT');
      expect(await publisher.exit()).toBe(0);

      const failing = example('download_client.py', join(folder, 'nothing.torrent'));
      expect(await failing.exit()).toBe(1);
      expect(failing.stdout.at(-1)).toMatch(/nothing\.torrent: TORRENT_NOT_FOUND: /);
    });
  },
);
