// transmission-daemon, told what to do by transmission-remote. It dials no peer on 127.0.0.1.
import { writeFile } from 'node:fs/promises';
import { runOn } from '../../support/network/machine.js';
import { twoMachines } from '../../support/network/two-machines.js';
import { freePort } from '../../support/processes/free-port.js';
import type { Story } from '../story/story.js';
import { transmission, transmissionRemote } from './installed.js';
import type { OtherClient, Transfer } from './other-client.js';

/** What its settings call them: tolerated, preferred (which it comes with), required. */
const encryptionLevels = { plaintext: 0, 'as it comes': 1, 'encrypted only': 2 } as const;

export const transmissionClient: OtherClient = {
  program: transmission,
  needs: [transmission, transmissionRemote, twoMachines],
  encryptions: ['as it comes', 'plaintext', 'encrypted only'],

  async download(story, transfer) {
    await hasEverything(story, await start(story, transfer));
  },

  async seed(story, transfer) {
    await hasEverything(story, await start(story, transfer));
  },
};

type Ask = (...options: readonly string[]) => Promise<string>;

/** Starts it with the one torrent, which it calls 1. Resolves with the way to ask it. */
async function start(story: Story, transfer: Transfer): Promise<Ask> {
  const { torrent, folder, machine } = transfer;
  const home = await story.newFolder('transmission');
  const rpcPort = await freePort();
  await writeFile(`${home}/settings.json`, JSON.stringify(await settings(transfer, rpcPort)));
  story.start('transmission', [
    ...machine.prefix,
    ...['transmission-daemon', '--foreground', '--config-dir', home],
  ]);
  const ask: Ask = (...options) =>
    runOn(machine, ['transmission-remote', `127.0.0.1:${rpcPort}`, ...options]);
  await story.until('transmission takes the torrent', () =>
    ask('--add', torrent, '--download-dir', folder).catch(() => undefined),
  );
  return ask;
}

async function hasEverything(story: Story, ask: Ask): Promise<void> {
  await story.until('transmission has everything', async () => {
    const info = await ask('--torrent', '1', '--info');
    const isComplete = info.includes('Percent Done: 100%') && /State: (Seeding|Idle)/.test(info);
    return isComplete || undefined;
  });
}

/** Trackers and peers alone; what was verified is in its file at once. */
async function settings(
  { folder, machine, encryption = 'as it comes' }: Transfer,
  rpcPort: number,
) {
  return {
    'bind-address-ipv4': machine.address,
    'bind-address-ipv6': '::1',
    'cache-size-mb': 0,
    'dht-enabled': false,
    'download-dir': folder,
    encryption: encryptionLevels[encryption],
    'lpd-enabled': false,
    'peer-port': await freePort(),
    'pex-enabled': false,
    'port-forwarding-enabled': false,
    'rpc-bind-address': '127.0.0.1',
    'rpc-port': rpcPort,
    'utp-enabled': false,
  };
}
