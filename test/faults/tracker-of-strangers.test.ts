// A tracker that a stranger wants to fill, to starve, or to let tell lies: what is published is found nevertheless.
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { command, type HelperProcess, root, watch } from '../support/helper/helper-process.js';
import { namespaces, useNetwork } from '../support/network/namespaces.js';
import { freePort } from '../support/processes/free-port.js';
import { withoutProxies } from '../support/processes/without-proxies.js';

const ours = '10.78.1.1';
const honest = '10.78.1.2';
const stranger = '10.78.1.3';

const network = useNetwork([
  { ends: ['ours', 'theirs'], addresses: [ours, honest], aliases: [stranger] },
]);
type Side = 'ours' | 'theirs';

let folder: string;
beforeEach(async () => {
  folder = await scratchFolder();
});

function startOn(
  side: Side,
  program: string,
  args: readonly string[],
  cwd = folder,
): HelperProcess {
  const [first = '', ...rest] = [...network.machine(side).prefix, process.execPath, program];
  return watch(spawn(first, [...rest, ...args], { cwd, stdio: 'pipe', env: withoutProxies() }));
}

/** A helper in a folder of its own. */
async function startHelper(side: Side, name: string, ...args: string[]): Promise<HelperProcess> {
  const cwd = join(folder, name);
  await mkdir(cwd, { recursive: true });
  await writeRandom(join(cwd, `${name}.bin`), 100_000);
  const own = ['--host', network.machine(side).address, '--state-dir', join(cwd, 'state')];
  return startOn(side, command, [...own, ...args], cwd);
}

async function startTrackerAlone(): Promise<{ readonly url: string; readonly port: string }> {
  const port = `${await freePort()}`;
  const tracker = startOn('ours', command, ['tracker', '--host', ours, '--port', port]);
  return { url: await tracker.line(/^http:/), port };
}

function attack(side: Side, program: string, ...args: readonly string[]): HelperProcess {
  return startOn(side, join(root, 'test/support/attackers', program), args);
}

/** The host and port of the tracker that the helper announces to. */
async function trackerOf(helper: HelperProcess): Promise<readonly [host: string, port: string]> {
  const line = await helper.diagnostic(/: ready: .*tracker http:/);
  const { hostname, port } = new URL(/http:\S+?(?=[;,]|\s|$)/.exec(line)?.[0] ?? '');
  return [hostname, port];
}

const title = namespaces.isMet ? '' : ` (skipped: ${namespaces.otherwise})`;

describe.skipIf(!namespaces.isMet)(`a tracker among strangers${title}`, () => {
  it('who announces 2,100 ports hides no seeder from a leecher elsewhere', async () => {
    const seeder = await startHelper('ours', 'seed');
    seeder.write('file:seed.bin');
    const { torrentFile, infoHash } = await seeder.published(1);
    const [host, port] = await trackerOf(seeder);
    const flood = attack('theirs', 'announce-many.mjs', stranger, host, port, '2100', infoHash);
    await flood.line('2100 taken, 0 refused');
    const leecher = await startHelper('theirs', 'leech');
    leecher.write(`torrent:${torrentFile}`);
    await leecher.line('1:seed.bin:100');
  });

  it('who announces 100,000 torrents that there are not leaves room for those that there are', async () => {
    const tracker = await startTrackerAlone();
    const here = await startHelper('ours', 'here');
    const [host, port] = await trackerOf(here);
    const floods = [
      attack('ours', 'announce-many.mjs', ours, host, port, '101000'),
      attack('theirs', 'announce-many.mjs', stranger, ours, tracker.port, '101000'),
    ];
    await Promise.all(floods.map((flood) => flood.exit(60_000)));
    here.write('file:here.bin');
    await here.line('1:here.bin:100');
    const there = await startHelper('theirs', 'there', '--tracker', tracker.url);
    there.write('file:there.bin');
    await there.line('1:there.bin:100');
  }, 90_000);

  it('who holds 1,500 idle connections keeps nobody from announcing over others', async () => {
    const { url, port } = await startTrackerAlone();
    const idle = attack('theirs', 'idle-connections.mjs', stranger, ours, port, '1500');
    await idle.line('ready');
    const seeder = await startHelper('ours', 'seed', '--tracker', url);
    seeder.write('file:seed.bin');
    await seeder.line('1:seed.bin:100');
    const { torrentFile } = await seeder.published(1);
    const leecher = await startHelper('theirs', 'leech');
    leecher.write(`torrent:${torrentFile}`);
    await leecher.line('1:seed.bin:100');
    expect(idle.child.exitCode).toBeNull();
  });
});
