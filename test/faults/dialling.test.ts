// Whom trackers name as peers: nobody, one victim at a thousand ports, this machine itself. A download that has one good
// peer completes all the same, and nobody is dialled who is not to be.
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dialLimits } from '../../src/limits.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { startAttacker, startHelperOn } from '../support/helper/helper-on-machine.js';
import type { HelperProcess } from '../support/helper/helper-process.js';
import { runOn } from '../support/network/machine.js';
import { namespaces, useNetwork } from '../support/network/namespaces.js';
import { infoOf, torrentOf } from '../support/torrents/handmade-torrent.js';
import { until } from '../support/waiting.js';

const [ourAddress, trackerAddress, victimAddress] = ['10.79.1.1', '10.79.1.2', '10.79.1.3'];
/** As many as hold all connections where each address may have some. */
const crowd = Array.from({ length: 10 }, (_, nth) => `10.79.1.${nth + 10}`);
const network = useNetwork([
  {
    ends: ['ours', 'elsewhere'],
    addresses: [ourAddress, trackerAddress],
    aliases: [victimAddress, ...crowd],
  },
]);
const firstPort = 20_000;
const options = (name: string) => [
  ...['--no-dht', '--listen', '0.0.0.0', '--no-tracker', '--public'],
  ...['--download-dir', name, '--state-dir', `${name}-state`],
];

/** Names `peers` as those of a torrent that is said to be called `name`. Gives back its .torrent file. */
async function torrentNaming(
  folder: string,
  name: string,
  content: Uint8Array,
  peers: readonly string[],
): Promise<{ readonly file: string; readonly tracker: HelperProcess }> {
  const tracker = startAttacker(network.machine('elsewhere'), 'naming-tracker', {
    host: trackerAddress,
    peers,
  });
  const announce = await tracker.line(/^http:/);
  const file = join(folder, `${name}-${peers.length}.torrent`);
  await writeFile(file, torrentOf(infoOf(name, content), announce));
  return { file, tracker };
}

/** A helper elsewhere that has `good.bin`, and knows no tracker. */
async function goodPeer(): Promise<{
  readonly folder: string;
  readonly content: Uint8Array;
  readonly address: string;
}> {
  const folder = await scratchFolder();
  const content = randomBytes(100_000);
  await mkdir(join(folder, 'seeder'));
  await writeFile(join(folder, 'seeder/good.bin'), content);
  await writeFile(
    join(folder, 'seeded.torrent'),
    torrentOf(infoOf('good.bin', content), 'http://127.0.0.1:9/announce'),
  );
  const args = [...options('seeder'), 'torrent:seeded.torrent'];
  const seeder = startHelperOn(network.machine('elsewhere'), args, folder);
  await seeder.line('1:good.bin:100');
  return { folder, content, address: `${trackerAddress}:${await seeder.peerPort()}` };
}

const portsOf = (address: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${address}:${firstPort + index}`);

const title = namespaces.isMet
  ? 'peers that trackers name'
  : `peers that trackers name (skipped: ${namespaces.otherwise})`;

describe.skipIf(!namespaces.isMet)(title, () => {
  it('leave room for those of other torrents where they answer to nobody', async () => {
    const { folder, content, address } = await goodPeer();
    const ours = network.machine('ours');
    // The other end knows no way on, and says nothing.
    await runOn(ours, ['ip', 'route', 'replace', '10.79.2.0/24', 'via', trackerAddress]);
    const dead = Array.from({ length: 200 }, (_, index) => `10.79.2.${index + 1}:6881`);
    const first = await torrentNaming(folder, 'dead.bin', randomBytes(20_000), dead);
    const second = await torrentNaming(folder, 'good.bin', content, [address]);
    const helper = startHelperOn(ours, [...options('copy'), `torrent:${first.file}`], folder);
    await first.tracker.line('announced');
    await helper.line('1:dead.bin:0');
    helper.write(`torrent:${second.file}`);
    await helper.line('2:good.bin:100');
  });

  it('leave a connection for another torrent where they hold as many as there are', async () => {
    const { folder, content, address } = await goodPeer();
    const { connections, connectionsPerAddress } = dialLimits;
    const ports = connectionsPerAddress / 4;
    const orders = { host: '0.0.0.0', firstPort, ports };
    const named = crowd.flatMap((host) => portsOf(host, ports));
    const idle = startAttacker(network.machine('elsewhere'), 'idle-peers', orders);
    await idle.line('listening');
    const torrents = await Promise.all(
      [1, 2, 3, 4].map((index) =>
        torrentNaming(folder, `${index}.bin`, randomBytes(20_000), named),
      ),
    );
    const files = torrents.map(({ file }) => `torrent:${file}`);
    const helper = startHelperOn(network.machine('ours'), [...options('copy'), ...files], folder);
    await until(() => idle.stdout.length > connections, 'all connections made');
    const { file } = await torrentNaming(folder, 'good.bin', content, [address]);
    helper.write(`torrent:${file}`);
    await helper.line('5:good.bin:100');
  });

  it('are dialled at a few ports only where nobody listens at any', async () => {
    const { folder, content, address } = await goodPeer();
    const named = [...portsOf(victimAddress, 900), address];
    const { file } = await torrentNaming(folder, 'good.bin', content, named);
    const refusedBefore = await resetsSent();
    const args = [...options('copy'), `torrent:${file}`];
    await startHelperOn(network.machine('ours'), args, folder).line('1:good.bin:100');
    expect((await resetsSent()) - refusedBefore).toBeLessThanOrEqual(10);
  });

  it('are dialled at a few ports only where somebody hangs up at all of them', async () => {
    const { folder, content, address } = await goodPeer();
    const orders = { host: victimAddress, firstPort, ports: 900 };
    const victim = startAttacker(network.machine('elsewhere'), 'counting-victim', orders);
    await victim.line('listening');
    const named = [...portsOf(victimAddress, 900), address];
    const { file } = await torrentNaming(folder, 'good.bin', content, named);
    const args = [...options('copy'), `torrent:${file}`];
    await startHelperOn(network.machine('ours'), args, folder).line('1:good.bin:100');
    const dialled = victim.stdout.slice(1);
    expect(new Set(dialled).size).toBeLessThanOrEqual(5);
    // Plaintext first, and encryption for those who hang up.
    expect(dialled.length).toBeLessThanOrEqual(10);
  });

  it('are not on this machine where the tracker is elsewhere', async () => {
    const { folder, content, address } = await goodPeer();
    const ours = network.machine('ours');
    const orders = { host: '127.0.0.1', firstPort, ports: 1 };
    const service = startAttacker(ours, 'counting-victim', orders);
    await service.line('listening');
    const named = [`127.0.0.1:${firstPort}`, address];
    const { file } = await torrentNaming(folder, 'good.bin', content, named);
    const helper = startHelperOn(ours, [...options('copy'), `torrent:${file}`], folder);
    await helper.line('1:good.bin:100');
    expect(service.stdout).toEqual(['listening']);
  });

  it('are dialled by all of a hundred and twenty torrents in turns, where they are one peer', async () => {
    const folder = await scratchFolder();
    const names = Array.from({ length: 120 }, (_, nth) => `${nth}.bin`);
    for (const name of names) await writeFile(join(folder, name), randomBytes(20_000));
    const files = names.map((name) => `file:${name}`);
    const publisher = startHelperOn(network.machine('elsewhere'), files, folder);
    const isAllThere = ({ stdout }: HelperProcess) =>
      stdout.filter((line) => line.endsWith(':100')).length === names.length;
    await until(() => isAllThere(publisher), 'all published');
    const torrents = names.map((name) => `torrent:${name}.torrent`);
    const args = ['--download-dir', 'copy', '--state-dir', 'copy-state', ...torrents];
    const helper = startHelperOn(network.machine('ours'), args, folder);
    await until(() => isAllThere(helper), 'all downloaded');
  });
});

/** How often somebody elsewhere was told that nobody listens. */
async function resetsSent(): Promise<number> {
  const text = await runOn(network.machine('elsewhere'), ['cat', '/proc/net/snmp']);
  const [names = [], values = []] = text
    .split('\n')
    .filter((line) => line.startsWith('Tcp:'))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf('OutRsts')]);
}
