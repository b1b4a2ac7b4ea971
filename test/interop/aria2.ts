// aria2, one process a transfer.

import { freePort } from '../support/scratch.js';
import { aria2 } from './installed.js';
import type { OtherClient, Transfer } from './other-client.js';
import type { RunningProcess } from './running-process.js';
import type { Story } from './story.js';

/** Trackers and peers alone, nothing listening wider than it must, no file of the user's read or written. */
const alone = [
  '--no-conf',
  '--no-netrc',
  '--enable-dht=false',
  '--enable-dht6=false',
  '--disable-ipv6',
  '--bt-enable-lpd=false',
  '--enable-peer-exchange=false',
  '--follow-metalink=false',
  '--file-allocation=none',
  '--show-console-readout=false',
];

const encryptedOnly = [
  '--bt-require-crypto=true',
  '--bt-force-encryption=true',
  '--bt-min-crypto-level=arc4',
];

export const aria2Client: OtherClient = {
  program: aria2,
  needs: [aria2],
  encryptions: ['as it comes', 'encrypted only'],

  async download(story, transfer) {
    const client = await start(story, transfer, ['--seed-time=0']);
    await story.until('aria2 has downloaded', () => (client.exitCode === 0 ? true : undefined));
  },

  async seed(story, transfer) {
    const client = await start(story, transfer, ['--check-integrity=true', '--seed-ratio=0.0']);
    await story.until('aria2 listens', () =>
      client.lines.find((line) => line.includes('listening on TCP port')),
    );
  },
};

async function start(
  story: Story,
  { torrent, folder, encryption, machine }: Transfer,
  options: readonly string[],
): Promise<RunningProcess> {
  const port = await freePort();
  return story.start('aria2', [
    ...machine.prefix,
    'aria2c',
    ...alone,
    `--interface=${machine.address}`,
    `--listen-port=${port}`,
    `--dir=${folder}`,
    ...(encryption === 'encrypted only' ? encryptedOnly : []),
    ...options,
    torrent,
  ]);
}
