import { expect, it, vi } from 'vitest';
import { scanContent } from '../../../src/metainfo/create/content/scan-content.js';
import { hashPieces } from '../../../src/metainfo/create/hash-pieces.js';
import { makeMetainfo } from '../../../src/metainfo/create/make-metainfo.js';
import { writeTorrentFile } from '../../../src/metainfo/create/write-torrent-file.js';
import { readTorrentFile } from '../../../src/sources/read-torrent-file.js';
import { createDisk } from '../../../src/storage/content/disk.js';
import { openTorrentStorage } from '../../../src/storage/content/torrent-storage.js';
import { writeFiles } from '../../support/disks/content-files.js';
import { useScratchFolder } from '../../support/disks/scratch-folder.js';

/** What the system answers to whoever opens something, as if it were so. */
const { refusal } = vi.hoisted(() => ({ refusal: { code: '' } }));
const refused = () => Object.assign(new Error('no'), { code: refusal.code });

vi.mock(import('node:fs/promises'), async (original) => {
  const fs = await original();
  const refuse = <T extends object>(call: T): T =>
    new Proxy(call, {
      apply: (target, self, args) =>
        refusal.code === '' ? Reflect.apply(Object(target), self, args) : Promise.reject(refused()),
    });
  return { ...fs, open: refuse(fs.open), readdir: refuse(fs.readdir) };
});
vi.mock(import('../../../src/storage/disk/file-io.js'), async (original) => {
  const io = await original();
  return {
    ...io,
    openFile: (...args) => (refusal.code === '' ? io.openFile(...args) : Promise.reject(refused())),
  };
});

const at = useScratchFolder();
const never = new AbortController().signal;

it.each(['EMFILE', 'ENFILE'])(
  '%s is FILES_EXHAUSTED, which may pass, to whoever reads or writes',
  async (code) => {
    refusal.code = '';
    await writeFiles(at(), { 'data/a': 'content', 'data/b': 'more' });
    const content = await scanContent(at('data'), never);
    const request = { path: at('data'), isPrivate: false, announce: [] };
    const { metainfo } = await makeMetainfo(request, never);
    const dir = at('torrents');
    const path = await writeTorrentFile({ metainfo, announce: [], dir });
    const storage = openTorrentStorage({
      metainfo,
      contentPath: at('data'),
      role: 'seed',
      disk: createDisk(),
    });
    refusal.code = code;
    const attempts = [
      () => scanContent(at('data'), never),
      () => hashPieces(content.files, 16_384, never),
      () => writeTorrentFile({ metainfo, announce: [], dir: at('elsewhere') }),
      () => writeTorrentFile({ metainfo, announce: [['http://a/']], dir }),
      () => readTorrentFile(path, never),
      () => storage.readInto(0, new Uint8Array(1)),
    ];
    for (const attempt of attempts) {
      await expect(attempt()).rejects.toMatchObject({
        code: 'FILES_EXHAUSTED',
        isTransient: true,
        message: expect.stringMatching(
          new RegExp(`^/.* cannot be (read|written): too many files are open \\(${code}\\); raise`),
        ),
      });
    }
    refusal.code = '';
    await storage.close();
  },
);
