// libtorrent (libtorrent-rasterbar), through its Python bindings.
import { join } from 'node:path';
import type { Story } from '../story/story.js';
import type { StoryProgram } from '../story/story-program.js';
import { libtorrent, python } from './installed.js';
import type { OtherClient, Transfer } from './other-client.js';

const script = join(import.meta.dirname, '../../support/clients/libtorrent-peer.py');

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
): StoryProgram {
  const orders = { torrent, folder, address: machine.address, encryption };
  const command = [python, script, JSON.stringify(orders)];
  return story.start('libtorrent', [...machine.prefix, ...command]);
}

async function said(story: Story, client: StoryProgram, line: string): Promise<void> {
  await story.until(`libtorrent says ${line}`, () => client.lines.find((each) => each === line));
}
