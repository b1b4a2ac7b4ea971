// Strangers who dial the peer port and the tracker's and hold what they get, each in a machine of its own, while an honest
// peer comes. Without namespaces nobody has another address, and the tests are skipped.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { incomingLimits } from '../../src/limits.js';
import { writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { readyIn } from '../support/helper/helper-lines.js';
import { command, type HelperProcess, watch } from '../support/helper/helper-process.js';
import type { Machine } from '../support/network/machine.js';
import { namespaces, useNetwork } from '../support/network/namespaces.js';
import { startProcess } from '../support/processes/running-process.js';
import { withoutProxies } from '../support/processes/without-proxies.js';
import { before } from '../support/waiting.js';

const crowd = Array.from({ length: 40 }, (_, nth) => `10.78.1.${100 + nth}`);
const network = useNetwork([
  { ends: ['ours', 'strangers'], addresses: ['10.78.1.1', '10.78.1.2'], aliases: crowd },
  { ends: ['ours', 'honest'], addresses: ['10.78.2.1', '10.78.2.2'] },
]);
const holder = join(import.meta.dirname, '../support/attackers/hold-connections.mjs');
const exchanger = join(import.meta.dirname, '../support/attackers/exchange-keys.mjs');
const asker = join(import.meta.dirname, '../support/peers/ask-for-block.mjs');
const patienceMs = 15_000;
const [ours, theirs] = ['10.78.1.1', '10.78.2.2'];

interface Target {
  readonly helper: HelperProcess;
  readonly folder: string;
  readonly infoHash: string;
  readonly peerPort: number;
  readonly trackerPort: number;
}

/** A helper of machine `name` that seeds a file; `openFiles`: how many it may have open. */
async function seeding(name: 'ours' | 'honest', openFiles = 1_024): Promise<Target> {
  const folder = await scratchFolder();
  const machine = network.machine(name);
  await writeRandom(join(folder, name), 100_000);
  const program = [process.execPath, command, '--no-dht', '--host', machine.address];
  const dirs = ['--listen', '0.0.0.0', '--state-dir', join(folder, 'state')];
  const limited = ['sh', '-c', `ulimit -n ${openFiles}; exec "$@"`, 'sh'];
  const [first = '', ...rest] = [
    ...machine.prefix,
    ...limited,
    ...program,
    ...dirs,
    `file:${name}`,
  ];
  const helper = watch(spawn(first, rest, { cwd: folder, env: withoutProxies() }));
  const { infoHash } = await helper.published(1);
  const { peerPort = 0, announceUrl = '' } = readyIn(await helper.diagnostic(/: ready: /)) ?? {};
  return { helper, folder, infoHash, peerPort, trackerPort: Number(new URL(announceUrl).port) };
}

/** Starts a program, ended with the test. Resolves with what it says first. */
function says(machine: Machine, ...args: readonly (string | number)[]): Promise<string> {
  const first = new Promise<string>((resolve) => {
    const program = [...machine.prefix, process.execPath, ...args.map(String)];
    const running = startProcess(program, { cwd: import.meta.dirname, onStdout: resolve });
    onTestFinished(() => running.stop());
  });
  return before(patienceMs, first, () => `${args.join(' ')} said nothing`);
}

describe.skipIf(!namespaces.isMet)(
  namespaces.isMet ? 'a helper that strangers dial' : `skipped: ${namespaces.otherwise}`,
  () => {
    const hold = (
      { peerPort, infoHash }: Target,
      count: number,
      addresses: readonly string[],
      id = 'stranger',
    ) =>
      says(
        network.machine('strangers'),
        ...[holder, ours, peerPort, count, infoHash, id, ...addresses],
      );
    const ask = ({ peerPort, infoHash }: Target, id = 'honest') =>
      says(network.machine('honest'), asker, '10.78.2.1', peerPort, infoHash, id, theirs);

    test('gives one address eight places in a torrent, and others theirs', async () => {
      const target = await seeding('ours');
      expect(await hold(target, 100, ['10.78.1.2'])).toBe('settled 8');
      expect(await ask(target)).toBe('block');
    });

    test('has a place for a newcomer when a few addresses hold all there are', async () => {
      const target = await seeding('ours');
      expect(await hold(target, 8, crowd.slice(0, 13))).toBe('settled 100');
      expect(await ask(target)).toBe('block');
    });

    test('serves a peer whose id a stranger has copied and shown first', async () => {
      const target = await seeding('ours');
      expect(await hold(target, 1, ['10.78.1.2'], 'honest')).toBe('settled 1');
      expect(await ask(target)).toBe('block');
    });

    test('exchanges keys with one address some dozens of times, and serves it still', async () => {
      const target = await seeding('ours');
      const address = '10.78.1.2';
      const strangers = network.machine('strangers');
      const answered = await says(strangers, exchanger, ours, target.peerPort, 60, address);
      const count = Number(answered.split(' ')[1]);
      expect(count).toBeGreaterThanOrEqual(incomingLimits.keyExchangesAtOnce);
      // However long it took: 60 in one go are more than may be.
      expect(count).toBeLessThan(60);
      const { peerPort, infoHash } = target;
      const said = await says(strangers, asker, ours, peerPort, infoHash, 'neighbour', address);
      expect(said).toBe('block');
    });

    test('publishes and downloads with 256 open files while strangers hold what they can', async () => {
      const target = await seeding('ours', 256);
      const source = await seeding('honest');
      const { helper, folder, trackerPort } = target;
      await hold(target, 8, crowd);
      const silent = [holder, ours, trackerPort, 10, '-', '-'];
      await says(network.machine('strangers'), ...silent, ...crowd);
      await writeRandom(join(folder, 'second'), 3_000_000);
      const { torrentFile } = await source.helper.published(1);
      helper.write('file:second', `torrent:${torrentFile}`);
      await helper.line(/^2:.*:100$/);
      await helper.line(/^3:.*:100$/);
      expect(helper.stderr.filter((line) => line.includes('FILES_EXHAUSTED'))).toEqual([]);
    });
  },
);
