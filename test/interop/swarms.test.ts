// Trackers of ours that serve clients of others: over UDP, and all of them in one swarm.
import { basename, dirname, join } from 'node:path';
import { describe, expect } from 'vitest';
import { differences } from '../support/disks/content-files.js';
import { twoMachines, useTwoMachines } from '../support/network/two-machines.js';
import { messageIds } from '../support/peers/wire-messages.js';
import { bundleProgram } from '../support/processes/bundle-program.js';
import { aria2Client } from './clients/aria2.js';
import { libtorrentClient } from './clients/libtorrent.js';
import type { OtherClient } from './clients/other-client.js';
import { transmissionClient } from './clients/transmission.js';
import { writeSampleFile, writeSampleFolder } from './story/content.js';
import { seederAnnounced, startHelper, startTrackerAlone } from './story/helper.js';
import { makeTorrent } from './story/make-torrent.js';
import { storyWith } from './story/story.js';

const machines = useTwoMachines('10.77.2');

/** Ids of messages (BEP 6). */
const [haveAll, haveNone] = [messageIds.haveAll, messageIds.haveNone].map(String);

// aria2 announces over UDP only with its DHT on.
describe.concurrent.each([libtorrentClient, transmissionClient])('over UDP alone', (client) => {
  const { title } = client.program;
  const test = storyWith(...client.needs, twoMachines);

  test(`the embedded tracker leads ${title} to the helper`, async ({ story }) => {
    const { ours, theirs } = machines();
    const source = await writeSampleFile(story);
    const helper = await startHelper(story, { machine: ours });
    const { torrentFile } = await makeTorrent(story, source, [overUdp(helper.announceUrl)]);
    helper.tell(`file:${source}`);
    await helper.published(1);
    const folder = await story.newFolder('theirs');
    await client.download(story, { torrent: torrentFile, folder, machine: theirs });
    expect(await differences(source, join(folder, basename(source)))).toEqual([]);
  });

  test(`the tracker alone leads the helper to ${title}`, async ({ story }) => {
    const { ours, theirs } = machines();
    const source = await writeSampleFile(story);
    const announceUrl = await startTrackerAlone(story, ours);
    const { torrentFile, infoHash } = await makeTorrent(story, source, [overUdp(announceUrl)]);
    const folder = dirname(source);
    await client.seed(story, { torrent: torrentFile, folder, machine: theirs });
    await seederAnnounced(story, { announceUrl, infoHash }, ours);
    const helper = await startHelper(story, { machine: ours });
    helper.tell(`torrent:${torrentFile}`);
    await helper.done(1);
    expect(await differences(source, story.path('helper', basename(source)))).toEqual([]);
  });
});

describe.concurrent('one swarm', () => {
  const clients: readonly OtherClient[] = [aria2Client, libtorrentClient, transmissionClient];
  const test = storyWith(...clients.flatMap(({ needs }) => needs), twoMachines);

  test('of every client and two helpers has its content everywhere', async ({ story }) => {
    const { ours, theirs } = machines();
    const source = await writeSampleFolder(story);
    const seeder = await startHelper(story, { machine: ours });
    seeder.tell(`file:${source}`);
    const { torrentFile } = await seeder.published(1);
    const downloads = clients.map(async (client) => {
      const folder = await story.newFolder(`of ${client.program.name}`);
      await client.download(story, { torrent: torrentFile, folder, machine: theirs });
      return folder;
    });
    const leecher = await startHelper(story, { name: 'leecher', machine: theirs });
    leecher.tell(`torrent:${torrentFile}`);
    await leecher.done(1);
    for (const folder of [...(await Promise.all(downloads)), story.path('leecher')]) {
      expect(await differences(source, join(folder, basename(source)))).toEqual([]);
    }
  });
});

const pairs = [
  [transmissionClient, libtorrentClient],
  [libtorrentClient, aria2Client],
  [aria2Client, transmissionClient],
] as const;

describe.concurrent.each(pairs)('a helper that super-seeds', (one, other) => {
  const titles = `${one.program.title} and ${other.program.title}`;
  const test = storyWith(...one.needs, ...other.needs, twoMachines);

  test(`has ${titles} both get everything`, async ({ story }) => {
    const { ours, theirs } = machines();
    const source = await writeSampleFile(story);
    const seeder = await startHelper(story, { machine: ours, options: ['--up', '4M'] });
    seeder.tell(`file:${source}`);
    const { torrentFile, infoHash } = await seeder.published(1);
    const script = await bundleProgram(
      join(import.meta.dirname, 'silent-peer.ts'),
      await story.newFolder('programs'),
    );
    const silentPeer = async (name: string) => {
      const args = [ours.address, String(seeder.peerPort), infoHash];
      const { lines } = story.start(name, [...theirs.prefix, process.execPath, script, ...args]);
      return story.until(`${name} is told what there is`, () => lines[0]);
    };
    // The first is told of everything; from the second on nobody is, until there are two whole copies.
    const told = [await silentPeer('first silent peer'), await silentPeer('second silent peer')];
    expect(told).toEqual([haveAll, haveNone]);
    const folders = await Promise.all(
      [one, other].map(async (client) => {
        const folder = await story.newFolder(`of ${client.program.name}`);
        await client.download(story, { torrent: torrentFile, folder, machine: theirs });
        return folder;
      }),
    );
    for (const folder of folders) {
      expect(await differences(source, join(folder, basename(source)))).toEqual([]);
    }
  });
});

/** The same tracker: it listens at one port for both. */
function overUdp(announceUrl: string): string {
  return announceUrl.replace(/^http:/, 'udp:');
}
