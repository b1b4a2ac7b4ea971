// The stories that every client takes part in: content goes from the helper to it, and from it to the helper, and
// arrives byte by byte as it was.
import { basename, dirname, join } from 'node:path';
import { describe, expect } from 'vitest';
import { differences } from '../../support/disks/content-files.js';
import type { Machines } from '../../support/network/two-machines.js';
import type { OtherClient } from '../clients/other-client.js';
import { writeSampleFile, writeSampleFolder } from './content.js';
import { seederAnnounced, startHelper, startTrackerAlone } from './helper.js';
import { makeTorrent } from './make-torrent.js';
import { storyWith } from './story.js';

export function describeTransfers(client: OtherClient, machines: () => Machines): void {
  const { title } = client.program;
  const test = storyWith(...client.needs);

  describe.concurrent.each(client.encryptions)(`${title}, %s`, (encryption) => {
    test('downloads a file from the helper, found by its embedded tracker', async ({ story }) => {
      const { ours, theirs } = machines();
      const source = await writeSampleFile(story);
      const helper = await startHelper(story, { machine: ours });
      helper.tell(`file:${source}`);
      const { torrentFile } = await helper.published(1);
      const folder = await story.newFolder('theirs');
      await client.download(story, { torrent: torrentFile, folder, machine: theirs, encryption });
      expect(await differences(source, join(folder, basename(source)))).toEqual([]);
    });

    test('seeds a folder to the helper, found by a tracker alone', async ({ story }) => {
      const { ours, theirs } = machines();
      const source = await writeSampleFolder(story);
      const announceUrl = await startTrackerAlone(story, ours);
      const { torrentFile, infoHash } = await makeTorrent(story, source, [announceUrl]);
      const folder = dirname(source);
      await client.seed(story, { torrent: torrentFile, folder, machine: theirs, encryption });
      await seederAnnounced(story, { announceUrl, infoHash }, ours);
      const helper = await startHelper(story, { machine: ours });
      helper.tell(`torrent:${torrentFile}`);
      await helper.done(1);
      expect(await differences(source, story.path('helper', basename(source)))).toEqual([]);
    });

    test('finds a helper that waits for a file, and seeds it', async ({ story }) => {
      const { ours, theirs } = machines();
      const source = await writeSampleFile(story);
      const announceUrl = await startTrackerAlone(story, ours);
      const { torrentFile } = await makeTorrent(story, source, [announceUrl]);
      const helper = await startHelper(story, { machine: ours });
      helper.tell(`torrent:${torrentFile}`);
      await helper.waits(1);
      const folder = dirname(source);
      await client.seed(story, { torrent: torrentFile, folder, machine: theirs, encryption });
      await helper.done(1);
      expect(await differences(source, story.path('helper', basename(source)))).toEqual([]);
    });
  });

  describe.concurrent(`${title}, by magnet link`, () => {
    test('gets the metadata, and then a folder, from the helper', async ({ story }) => {
      const { ours, theirs } = machines();
      const source = await writeSampleFolder(story);
      const helper = await startHelper(story, { machine: ours });
      helper.tell(`file:${source}`);
      const { magnet } = await helper.published(1);
      const folder = await story.newFolder('theirs');
      await client.download(story, { torrent: magnet, folder, machine: theirs });
      expect(await differences(source, join(folder, basename(source)))).toEqual([]);
    });

    test('gives the metadata, and then a file, to the helper', async ({ story }) => {
      const { ours, theirs } = machines();
      const source = await writeSampleFile(story);
      const announceUrl = await startTrackerAlone(story, ours);
      const { torrentFile, infoHash } = await makeTorrent(story, source, [announceUrl], 'public');
      const folder = dirname(source);
      await client.seed(story, { torrent: torrentFile, folder, machine: theirs });
      await seederAnnounced(story, { announceUrl, infoHash }, ours);
      const helper = await startHelper(story, { machine: ours });
      helper.tell(`magnet:?xt=urn:btih:${infoHash}&tr=${encodeURIComponent(announceUrl)}`);
      await helper.done(1);
      expect(await differences(source, story.path('helper', basename(source)))).toEqual([]);
    });
  });
}
