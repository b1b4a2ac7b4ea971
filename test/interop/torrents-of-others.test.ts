// Torrents that others' tools made, and the helper's own in others' hands.
import { readFile, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect } from 'vitest';
import { parseMetainfo } from '../../src/metainfo/parse/parse-metainfo.js';
import { differences } from '../support/disks/content-files.js';
import { linksOnDisk } from '../support/disks/links-on-disk.js';
import { loopback, runOn } from '../support/network/machine.js';
import {
  aria2,
  libtorrent,
  mktorrent,
  type Program,
  python,
  transmissionCreate,
  transmissionShow,
} from './clients/installed.js';
import { libtorrentClient } from './clients/libtorrent.js';
import { writeSampleFile, writeSampleFolder } from './story/content.js';
import { seederAnnounced, startHelper, startTrackerAlone } from './story/helper.js';
import { type Story, storyWith } from './story/story.js';

interface Maker {
  readonly program: Program;
  readonly title: string;
  /** The command that makes `torrentFile` of `content`. */
  command(content: string, announceUrl: string, torrentFile: string): readonly string[];
}

const makers: readonly Maker[] = [
  {
    program: mktorrent,
    title: 'mktorrent',
    command: (content, announceUrl, torrentFile) => [
      ...['mktorrent', '-l', '15', '-a', announceUrl, '-o', torrentFile, content],
    ],
  },
  {
    program: transmissionCreate,
    title: 'transmission-create',
    command: (content, announceUrl, torrentFile) => [
      ...['transmission-create', '-t', announceUrl, '-o', torrentFile, content],
    ],
  },
  libtorrentMaker('v1'),
  libtorrentMaker('hybrid'),
];

function libtorrentMaker(version: 'v1' | 'hybrid' | 'v2' | 'links'): Maker {
  const script = join(import.meta.dirname, '../support/clients/libtorrent-make.py');
  return {
    program: libtorrent,
    title: `libtorrent (${version})`,
    command: (content, announceUrl, torrentFile) => [
      ...[python, script, version, content, announceUrl, torrentFile],
    ],
  };
}

async function make(
  story: Story,
  maker: Maker,
  content: string,
  announceUrl: string,
): Promise<string> {
  const torrentFile = story.path('made by others.torrent');
  await runOn(loopback, maker.command(content, announceUrl, torrentFile));
  return torrentFile;
}

describe.concurrent.each(makers)('a torrent made by $title', (maker) => {
  const test = storyWith(maker.program);

  for (const [kind, write] of Object.entries({
    file: writeSampleFile,
    folder: writeSampleFolder,
  })) {
    test(`of a ${kind} goes from a helper that has its content to another`, async ({ story }) => {
      const source = await write(story);
      const announceUrl = await startTrackerAlone(story);
      const torrentFile = await make(story, maker, source, announceUrl);
      const seeder = await startHelper(story, { name: 'seeder', downloadDir: dirname(source) });
      seeder.tell(`torrent:${torrentFile}`);
      await seeder.done(1);
      const helper = await startHelper(story);
      helper.tell(`torrent:${torrentFile}`);
      await helper.done(1);
      expect(await differences(source, story.path('helper', basename(source)))).toEqual([]);
    });
  }
});

describe.concurrent('BitTorrent v2', () => {
  const test = storyWith(libtorrent);

  test('in a hybrid torrent does not keep libtorrent from seeding to the helper', async ({
    story,
  }) => {
    const source = await writeSampleFolder(story);
    const announceUrl = await startTrackerAlone(story);
    const torrent = await make(story, libtorrentMaker('hybrid'), source, announceUrl);
    const folder = dirname(source);
    await libtorrentClient.seed(story, { torrent, folder, machine: loopback });
    const { infoHash } = parseMetainfo(await readFile(torrent), torrent);
    await seederAnnounced(story, { announceUrl, infoHash });
    const helper = await startHelper(story);
    helper.tell(`torrent:${torrent}`);
    await helper.done(1);
    expect(await differences(source, story.path('helper', basename(source)))).toEqual([]);
  });

  test('in a hybrid torrent does not keep libtorrent from downloading from the helper', async ({
    story,
  }) => {
    const source = await writeSampleFolder(story);
    const announceUrl = await startTrackerAlone(story);
    const torrent = await make(story, libtorrentMaker('hybrid'), source, announceUrl);
    const helper = await startHelper(story, { downloadDir: dirname(source) });
    helper.tell(`torrent:${torrent}`);
    await helper.done(1);
    const folder = await story.newFolder('theirs');
    await libtorrentClient.download(story, { torrent, folder, machine: loopback });
    expect(await differences(source, join(folder, basename(source)))).toEqual([]);
  });

  test('alone is refused as METAINFO_UNSUPPORTED', async ({ story }) => {
    const source = await writeSampleFile(story);
    const maker = libtorrentMaker('v2');
    const torrentFile = await make(story, maker, source, 'http://127.0.0.1:6969/announce');
    const helper = await startHelper(story);
    helper.tell(`torrent:${torrentFile}`);
    expect(await helper.failed(1)).toMatch(/METAINFO_UNSUPPORTED: .*v2 only/);
  });
});

describe.concurrent('symbolic links', () => {
  const test = storyWith(libtorrent);

  test('of a torrent go from libtorrent to the helper, and from there to another libtorrent', async ({
    story,
  }) => {
    const source = await writeSampleFolder(story);
    await symlink('first.bin', join(source, 'file'));
    await symlink('second', join(source, 'folder'));
    await symlink('../third.txt', join(source, 'second', 'up'));
    const links = await linksOnDisk(source);
    const announceUrl = await startTrackerAlone(story);
    const torrent = await make(story, libtorrentMaker('links'), source, announceUrl);
    await libtorrentClient.seed(story, { torrent, folder: dirname(source), machine: loopback });
    const helper = await startHelper(story);
    helper.tell(`torrent:${torrent}`);
    await helper.done(1);
    expect(await linksOnDisk(story.path('helper', basename(source)))).toEqual(links);
    const folder = await story.newFolder('theirs');
    await libtorrentClient.download(story, { torrent, folder, machine: loopback });
    for (const copy of [story.path('helper'), folder]) {
      expect(await linksOnDisk(join(copy, basename(source)))).toEqual(links);
      expect(await differences(source, join(copy, basename(source)))).toEqual([]);
    }
  });
});

describe.concurrent('a torrent that the helper made', () => {
  const readers = [
    {
      program: transmissionShow,
      command: (torrentFile: string) => ['transmission-show', torrentFile],
    },
    {
      program: aria2,
      command: (torrentFile: string) => ['aria2c', '--no-conf', '-S', torrentFile],
    },
  ];
  for (const { program, command } of readers) {
    const test = storyWith(program);
    test(`is read by ${program.name} as it was meant`, async ({ story }) => {
      const helper = await startHelper(story);
      helper.tell(`file:${await writeSampleFolder(story)}`);
      const { torrentFile, infoHash } = await helper.published(1);
      const shown = await runOn(loopback, command(torrentFile));
      for (const part of [infoHash, helper.announceUrl, 'sample folder/second/größer.bin']) {
        expect(shown).toContain(part);
      }
    });
  }
});
