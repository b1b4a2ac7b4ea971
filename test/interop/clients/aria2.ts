// aria2, one process a transfer.

import { aria2Options } from '../../support/clients/aria2-options.js';
import { freePort } from '../../support/processes/free-port.js';
import type { Story } from '../story/story.js';
import type { StoryProgram } from '../story/story-program.js';
import { aria2 } from './installed.js';
import type { OtherClient, Transfer } from './other-client.js';

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
): Promise<StoryProgram> {
  const port = await freePort();
  return story.start('aria2', [
    ...machine.prefix,
    'aria2c',
    ...aria2Options(machine.address),
    ...['--enable-peer-exchange=false', '--follow-metalink=false', '--show-console-readout=false'],
    `--listen-port=${port}`,
    `--dir=${folder}`,
    ...(encryption === 'encrypted only' ? encryptedOnly : []),
    ...options,
    torrent,
  ]);
}
