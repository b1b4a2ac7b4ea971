import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, symlink, truncate, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { openHashCache } from '../../../../src/metainfo/create/hash-cache.js';
import { type MakeRequest, makeMetainfo } from '../../../../src/metainfo/create/make-metainfo.js';
import { writeTorrentFile } from '../../../../src/metainfo/create/write-torrent-file.js';
import { writeFiles } from '../../../support/disks/content-files.js';
import { useScratchFolder } from '../../../support/disks/scratch-folder.js';

const at = useScratchFolder();
const never = new AbortController().signal;
const KiB = 1024;
/** None that would be chosen for so little content. */
const otherLength = 256 * KiB;

async function make(request: Partial<MakeRequest> = {}) {
  const { metainfo } = await makeMetainfo(
    { path: at('data'), isPrivate: true, announce: [], torrentDir: at('torrents'), ...request },
    never,
  );
  return metainfo;
}

/** As a job does. */
async function publish(request: Partial<MakeRequest> = {}) {
  const metainfo = await make(request);
  const path = await writeTorrentFile({ metainfo, announce: [], dir: at('torrents') });
  return { metainfo, path };
}

const torrents = async () => (await readdir(at('torrents'))).sort();

beforeEach(async () => {
  await writeFiles(at('data'), { a: 'content', 'b/c': 'more', empty: '' });
});

describe('content of which there is a .torrent file already', () => {
  it('keeps its info hash, whatever piece length would be chosen now', async () => {
    const { metainfo, path } = await publish({ pieceLengthBytes: otherLength });
    const bytes = await readFile(path);
    expect(await publish()).toEqual({ metainfo, path });
    expect(await torrents()).toEqual(['data.torrent']);
    expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
  });

  it('keeps the info hash of a single file, too', async () => {
    const path = at('data/a');
    const { metainfo } = await publish({ path, pieceLengthBytes: otherLength });
    expect(await make({ path })).toEqual(metainfo);
  });

  it('gets the piece length that is asked for all the same', async () => {
    await publish({ pieceLengthBytes: otherLength });
    const { pieceLengthBytes } = await make({ pieceLengthBytes: 64 * KiB });
    expect(pieceLengthBytes).toBe(64 * KiB);
  });

  it('is another torrent once a byte of it has changed, and each is found again', async () => {
    const first = await publish({ pieceLengthBytes: otherLength });
    await writeFile(at('data/a'), 'CONTENT');
    const second = await publish();
    expect(second.metainfo.infoHash).not.toBe(first.metainfo.infoHash);
    expect(second.path).toBe(at('torrents/data (2).torrent'));
    expect(await publish()).toEqual(second);
    await writeFile(at('data/a'), 'content');
    expect(await publish()).toEqual(first);
    expect(await torrents()).toEqual(['data (2).torrent', 'data.torrent']);
  });

  it('is taken as it was latest, of several torrents', async () => {
    await publish({ pieceLengthBytes: otherLength });
    await writeFile(at('data/a'), 'CONTENT');
    const latest = await publish({ pieceLengthBytes: 64 * KiB });
    expect(await publish()).toEqual(latest);
  });

  it.each<[string, () => Promise<unknown>, Partial<MakeRequest>?]>([
    ['is longer', () => writeFile(at('data/a'), 'content, and more')],
    ['has a file more', () => writeFile(at('data/d'), '')],
    ['has a file of another name', () => rename(at('data/a'), at('data/A'))],
    ['is to have another privacy', async () => {}, { isPrivate: false }],
  ])('gets what it would without it when it %s', async (_, change, request) => {
    await publish({ pieceLengthBytes: otherLength });
    await change();
    const alone = await make({ ...request, torrentDir: undefined });
    expect(alone.pieceLengthBytes).not.toBe(otherLength);
    expect(await make(request)).toEqual(alone);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['no torrent', () => writeFile(at('torrents/data.torrent'), 'a text')],
    ['nothing at all', () => writeFile(at('torrents/data.torrent'), '')],
    ['a folder', () => mkdir(at('torrents/data.torrent'))],
    ['a FIFO', async () => execFileSync('mkfifo', [at('torrents/data.torrent')])],
    ['a link', () => symlink('/dev/zero', at('torrents/data.torrent'))],
    [
      'too large',
      async () => {
        await writeFile(at('torrents/data.torrent'), '');
        await truncate(at('torrents/data.torrent'), 2 ** 36);
      },
    ],
  ])('is found behind what is %s, and that does no harm', async (_, put) => {
    await mkdir(at('torrents'));
    await put();
    const alone = await make({ torrentDir: undefined });
    expect(await make()).toEqual(alone);
    const { metainfo, path } = await publish({ pieceLengthBytes: otherLength });
    expect(path).toBe(at('torrents/data (2).torrent'));
    expect(await publish()).toEqual({ metainfo, path });
  });

  it('is not looked for in a folder that is not there', async () => {
    expect(await make()).toEqual(await make({ torrentDir: undefined }));
  });

  it('is taken from the hash cache first', async () => {
    await publish({ pieceLengthBytes: otherLength });
    const hashCache = openHashCache(at('state'));
    const cached = await make({ pieceLengthBytes: 64 * KiB, hashCache });
    expect(await make({ hashCache })).toEqual(cached);
  });
});
