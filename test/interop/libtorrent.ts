// libtorrent (libtorrent-rasterbar), through its Python bindings.
import { join } from 'node:path';
import { libtorrent, python } from './installed.js';
import type { OtherClient, Transfer } from './other-client.js';
import type { RunningProcess } from './running-process.js';
import type { Story } from './story.js';

const script = join(import.meta.dirname, 'libtorrent-peer.py');

export const libtorrentClient: OtherClient = {
  program: libtorrent,
  needs: [libtorrent],
  encryptions: ['as it comes', 'plaintext', 'encrypted only'],

  async download(story, transfer) {
    await said(story, start(story, transfer), 'finished');
  },

  async seed(story, transfer) {
    await said(story, start(story, transfer), 'state seeding');
  },
};

function start(
  story: Story,
  { torrent, folder, machine, encryption = 'as it comes' }: Transfer,
): RunningProcess {
  const orders = { torrent, folder, address: machine.address, encryption };
  const command = [python, script, JSON.stringify(orders)];
  return story.start('libtorrent', [...machine.prefix, ...command]);
}

async function said(story: Story, client: RunningProcess, line: string): Promise<void> {
  await story.until(`libtorrent says ${line}`, () => client.lines.find((each) => each === line));
}
