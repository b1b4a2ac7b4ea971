// Strangers who say one thing without end, each kind from an address of its own, while an honest peer downloads: what they
// say costs little, for they are not listened to any faster. Without namespaces nobody has another address, and
// the test is skipped.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { startAttacker, startHelperOn } from '../support/helper/helper-on-machine.js';
import type { HelperProcess } from '../support/helper/helper-process.js';
import { cpuSeconds } from '../support/helper/process-figures.js';
import { namespaces, useNetwork } from '../support/network/namespaces.js';
import { MiB } from '../support/sizes.js';

const kinds = [
  ...['keep-alives', 'haves', 'cancels', 'rejects', 'interested or not', 'chokes and unchokes'],
  ...['have all', 'suggested pieces', 'ports', 'unknown messages', 'unknown extensions'],
  ...['handshakes of extensions', 'requests of metadata'],
];
const addresses = kinds.map((_, nth) => `10.81.1.${100 + nth}`);
const network = useNetwork([
  { ends: ['ours', 'strangers'], addresses: ['10.81.1.1', '10.81.1.2'], aliases: addresses },
  { ends: ['ours', 'honest'], addresses: ['10.81.2.1', '10.81.2.2'] },
]);
const windowMs = 3_000;
/** Buffers of the system take some megabytes at either end, whoever reads. */
const mostTakenBytes = 48 * MiB;

/** What `helper` works while `work` is done, and in any case for some seconds. */
async function cpuSecondsOf(helper: HelperProcess, work: () => Promise<unknown>): Promise<number> {
  const before = await cpuSeconds(helper);
  await Promise.all([work(), delay(windowMs)]);
  return (await cpuSeconds(helper)) - before;
}

describe.skipIf(!namespaces.isMet)(
  namespaces.isMet ? 'a helper that strangers flood' : `skipped: ${namespaces.otherwise}`,
  () => {
    test('listens to each no faster than it should, and serves an honest peer', async () => {
      const folder = await scratchFolder();
      await writeRandom(join(folder, 'x.bin'), 16 * MiB);
      const options = ['--no-dht', '--listen', '0.0.0.0', '--state-dir', 'state'];
      const seeder = startHelperOn(network.machine('ours'), [...options, 'file:x.bin'], folder);
      const { infoHash, torrentFile } = await seeder.published(1);
      const port = await seeder.peerPort();
      const download = async (name: string) => {
        const dirs = ['--download-dir', name, '--state-dir', `${name}-state`];
        const job = `torrent:${torrentFile}`;
        const leecher = startHelperOn(
          network.machine('honest'),
          ['--no-dht', ...dirs, job],
          folder,
        );
        await leecher.line('1:x.bin:100');
        leecher.write('quit:');
        await leecher.exit();
      };

      const quiet = await cpuSecondsOf(seeder, () => download('before'));
      const floods = kinds.map((kind, nth) =>
        startAttacker(network.machine('strangers'), 'flood-peer', {
          ...{ host: '10.81.1.1', port, infoHash, kind },
          localAddress: addresses[nth],
        }),
      );
      for (const flood of floods) await flood.line('flooding');
      const flooded = await cpuSecondsOf(seeder, () => download('meanwhile'));

      const taken = floods.map(({ stdout }) =>
        Math.max(0, ...stdout.map(Number).filter(Number.isFinite)),
      );
      const tooMuch = kinds.filter((_, nth) => (taken[nth] ?? 0) > mostTakenBytes);
      expect(tooMuch, `${taken}`).toEqual([]);
      expect(flooded - quiet, `${quiet} s, then ${flooded} s`).toBeLessThan(windowMs / 2_000);
      expect(seeder.stderr.filter((line) => /ENGINE_CRASH|INTERNAL/.test(line))).toEqual([]);
    });
  },
);
