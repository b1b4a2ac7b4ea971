// Strangers who begin what they do not end, so that what has come of it has to be kept: it is, but not without end. Without
// namespaces nobody has another address, and the tests are skipped.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseMetainfo } from '../../src/metainfo/parse/parse-metainfo.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { startAttacker, startHelperOn } from '../support/helper/helper-on-machine.js';
import { command, watch } from '../support/helper/helper-process.js';
import { peakBytes } from '../support/helper/process-figures.js';
import { namespaces, useNetwork } from '../support/network/namespaces.js';
import { withoutProxies } from '../support/processes/without-proxies.js';
import { MiB } from '../support/sizes.js';
import { infoOf, torrentOf } from '../support/torrents/handmade-torrent.js';
import { until } from '../support/waiting.js';

const crowd = Array.from({ length: 12 }, (_, nth) => `10.82.1.${100 + nth}`);
const network = useNetwork([
  { ends: ['ours', 'strangers'], addresses: ['10.82.1.1', '10.82.1.2'], aliases: crowd },
  { ends: ['ours', 'honest'], addresses: ['10.82.2.1', '10.82.2.2'] },
]);
/** What Node has not given back yet, on a machine that others use too. */
const slackBytes = 64 * MiB;

/** Each of those who hold back has some seconds. */
const patienceMs = 25_000;

/** A helper that looks for a torrent that an honest one seeds as soon as it comes. */
async function searching() {
  const folder = await scratchFolder();
  const content = randomBytes(MiB);
  const announce = 'http://10.82.2.2:6969/announce';
  const torrent = torrentOf(infoOf('x.bin', content, { private: 0 }), announce);
  const { infoHash } = parseMetainfo(torrent, 'x.torrent');
  await writeFile(join(folder, 'x.torrent'), torrent);
  await mkdir(join(folder, 'honest'));
  await writeFile(join(folder, 'honest/x.bin'), content);
  const honest = network.machine('honest');
  const [program = '', ...rest] = [...honest.prefix, process.execPath, command, 'tracker'];
  const args = [...rest, '--host', honest.address, '--port', '6969'];
  const tracker = watch(spawn(program, args, { cwd: folder, env: withoutProxies() }));
  await tracker.line(announce);

  const start = (name: 'ours' | 'honest', job: string) => {
    const dirs = ['--state-dir', `${name}-state`, '--download-dir', name];
    const args = ['--no-dht', '--listen', '0.0.0.0', ...dirs, job];
    return startHelperOn(network.machine(name), args, folder);
  };
  const helper = start(
    'ours',
    `magnet:?xt=urn:btih:${infoHash}&tr=${encodeURIComponent(announce)}`,
  );
  const orders = { host: '10.82.1.1', port: await helper.peerPort(), infoHash };
  return {
    helper,
    strangers: (name: string, more: object) =>
      startAttacker(network.machine('strangers'), name, { ...orders, ...more }),
    comes: () => start('honest', 'torrent:x.torrent'),
  };
}

describe.skipIf(!namespaces.isMet)(
  namespaces.isMet ? 'a helper that looks for metadata' : `skipped: ${namespaces.otherwise}`,
  () => {
    test('keeps that of two peers at a time, and finds an honest one behind those who hold back', async () => {
      const { helper, strangers, comes } = await searching();
      const before = await peakBytes(helper);
      const withholding = strangers('withhold-metadata', { addresses: crowd.slice(0, 4) });
      await withholding.line('dialled');
      const withheld = () => withholding.stdout.filter((line) => line === 'withheld').length;
      await until(() => withheld() >= 2, 'two that hold back');
      comes();
      await until(() => helper.stdout.some((line) => line.endsWith(':100')), 'found', patienceMs);
      const kept = (await peakBytes(helper)) - before;
      expect(kept / MiB).toBeLessThan((2 * 32 * MiB + slackBytes) / MiB);
    });

    test('keeps no bitfields, which nobody needs yet', async () => {
      const { helper, strangers, comes } = await searching();
      const before = await peakBytes(helper);
      const half = { addresses: crowd, peers: 8, bitfieldBytes: MiB };
      await strangers('say-half', half).line('said');
      comes();
      await until(() => helper.stdout.some((line) => line.endsWith(':100')), 'found', patienceMs);
      const kept = (await peakBytes(helper)) - before;
      expect(kept / MiB).toBeLessThan(slackBytes / MiB);
    });
  },
);
