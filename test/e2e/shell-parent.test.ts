// The parent in shell of the examples, as it is: bash, jq, and the JSON dialect.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { command, root, watch } from '../support/helper/helper-process.js';
import { publish } from '../support/helper/publish.js';
import { withoutProxies } from '../support/processes/without-proxies.js';
import { MiB } from '../support/sizes.js';

const missing = ['bash', 'jq'].filter((name) => spawnSync(name, ['--version']).status !== 0);

function download(folder: string, ...sources: string[]) {
  const example = join(root, 'examples/parent.sh');
  const env = withoutProxies({
    BITTORRENT_HELPER: `${process.execPath} ${command} --no-dht --down 600K`,
  });
  const args = sources.flatMap((source) => [source, join(folder, 'copy')]);
  return watch(spawn('bash', [example, ...args], { cwd: folder, env }));
}

describe.skipIf(missing.length > 0)(
  `a parent in shell${missing.length > 0 ? ` (${missing.join(', ')} not installed)` : ''}`,
  () => {
    it('downloads what was published, and says how it goes', async () => {
      const folder = await scratchFolder();
      const file = await writeRandom(join(folder, 'a b.iso'), MiB);
      const { magnet } = await publish(folder, 'a b.iso');
      const parent = download(folder, magnet);
      expect(await parent.exit()).toBe(0);
      const copy = join(folder, 'copy', 'a b.iso');
      expect(parent.stdout).toContain(`a b.iso: ${MiB} bytes`);
      expect(parent.stdout.at(-1)).toBe(`done: ${copy}`);
      expect(parent.stdout.join('\n')).toMatch(/^\d+ %, \d+ KiB\/s, \d+ peers, (\d+|\?) s left$/m);
      expect(await hashOf(copy)).toBe(await hashOf(file));
    });

    it('is told what failed', async () => {
      const folder = await scratchFolder();
      const parent = download(folder, 'nothing.torrent');
      expect(await parent.exit()).toBe(3);
      expect(parent.stdout.at(-1)).toMatch(/^TORRENT_NOT_FOUND: /);
    });

    it('says what it lacks', async () => {
      const parent = download(await scratchFolder());
      expect(await parent.exit()).toBe(1);
      expect(parent.stderr.join('\n')).toMatch(/the source of a torrent is missing$/m);
    });
  },
);
