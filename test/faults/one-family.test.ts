// A name with addresses of both families, on machines that have one family alone, or both of which one leads nowhere.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { startHelperOn, startTrackerOn } from '../support/helper/helper-on-machine.js';
import { namespaces, useNetwork } from '../support/network/namespaces.js';

const [ipv4, ipv6] = ['10.81.4.2', '2001:db8:81:6::2'];
/** On the wire, but nobody is there. */
const [silentIpv4, silentIpv6] = ['10.81.8.99', '2001:db8:81:8::99'];
const both = [`${ipv4} both.test`, `${ipv6} both.test`];

const network = useNetwork(
  [
    { ends: ['ipv4', 'theirs'], addresses: ['10.81.4.1', ipv4] },
    { ends: ['ipv6', 'theirs'], addresses: ['2001:db8:81:6::1', ipv6] },
    { ends: ['dual', 'theirs'], addresses: ['10.81.8.1', '10.81.8.2'] },
    { ends: ['dual', 'theirs'], addresses: ['2001:db8:81:8::1', '2001:db8:81:8::2'] },
  ],
  {
    ipv4: both,
    ipv6: both,
    dual: [
      ...[`${silentIpv4} ipv6.test`, '2001:db8:81:8::2 ipv6.test'],
      ...['10.81.8.2 ipv4.test', `${silentIpv6} ipv4.test`],
    ],
  },
);

type Machine = 'ipv4' | 'ipv6' | 'dual';
const machines: readonly (readonly [Machine, host: string])[] = [
  ['ipv4', 'both.test'],
  ['ipv6', 'both.test'],
  ['dual', 'ipv6.test'],
  ['dual', 'ipv4.test'],
];

const title = namespaces.isMet
  ? 'a name with addresses of both families'
  : `a name with addresses of both families (skipped: ${namespaces.otherwise})`;

describe.skipIf(!namespaces.isMet)(title, () => {
  it('is a tracker over UDP and a server over HTTP where one family is missing, or leads nowhere', async () => {
    const tracker = startTrackerOn(network.machine('theirs'), ['--host', ipv6, '--listen', '::']);
    const { port } = new URL(await tracker.line(/^http:/));
    const reach = async (name: Machine, host: string) => {
      const folder = await scratchFolder();
      await writeFile(join(folder, 'x.bin'), 'content');
      const options = ['--tracker', `udp://${host}:${port}/announce`, '--state-dir', 'state'];
      const helper = startHelperOn(network.machine(name), [...options, '--no-dht'], folder);
      helper.write('file:x.bin', `torrent:http://${host}:${port}/announce`);
      await helper.line('1:x.bin:100');
      // That is the tracker's own answer.
      await helper.diagnostic(/: job 2 .*: METAINFO_INVALID/);
      return helper.stderr.filter((line) => line.includes('UNREACHABLE'));
    };
    const complaints = await Promise.all(machines.map(([name, host]) => reach(name, host)));
    expect(complaints.flat()).toEqual([]);
  });
});
