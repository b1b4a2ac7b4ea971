// With libtorrent.

import { basename, dirname, join } from 'node:path';
import { describe, expect } from 'vitest';
import { differences, writeRandom } from '../support/disks/content-files.js';
import { loopback } from '../support/network/machine.js';
import { MiB } from '../support/sizes.js';
import { libtorrentClient } from './clients/libtorrent.js';
import { describeTransfers } from './story/describe-transfers.js';
import { seederAnnounced, startHelper, startTrackerAlone } from './story/helper.js';
import { makeTorrent } from './story/make-torrent.js';
import { storyWith } from './story/story.js';

describeTransfers(libtorrentClient, () => ({ ours: loopback, theirs: loopback }));

describe('libtorrent, with pieces of 256 MiB', () => {
  const test = storyWith(...libtorrentClient.needs);

  test('seeds a file to the helper, which has no memory for its piece, and gets it from it', async ({
    story,
  }) => {
    const source = await writeRandom(story.path('source', 'long.bin'), 20 * MiB);
    const announceUrl = await startTrackerAlone(story, loopback);
    const { torrentFile: torrent, infoHash } = await makeTorrent(
      ...([story, source, [announceUrl], 'private', 256 * MiB] as const),
    );
    const theirs = { torrent, machine: loopback };
    await libtorrentClient.seed(story, { ...theirs, folder: dirname(source) });
    await seederAnnounced(story, { announceUrl, infoHash }, loopback);
    const helper = await startHelper(story, { machine: loopback });
    helper.tell(`torrent:${torrent}`);
    await helper.done(1);
    expect(await differences(source, story.path('helper', basename(source)))).toEqual([]);
    const folder = await story.newFolder('theirs');
    await libtorrentClient.download(story, { ...theirs, folder });
    expect(await differences(source, join(folder, basename(source)))).toEqual([]);
  });
});
