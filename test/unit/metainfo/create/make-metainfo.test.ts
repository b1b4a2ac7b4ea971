import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import createTorrent, { type CreateTorrentOptions } from 'create-torrent';
import parseTorrent from 'parse-torrent';
import { describe, expect, it } from 'vitest';
import { makeMetainfo } from '../../../../src/metainfo/create/make-metainfo.js';
import { encodeTorrentFile } from '../../../../src/metainfo/create/write-torrent-file.js';
import type { Metainfo } from '../../../../src/metainfo/metainfo.js';
import { writeFiles } from '../../../support/disks/content-files.js';
import { useScratchFolder } from '../../../support/disks/scratch-folder.js';

const at = useScratchFolder();
const never = new AbortController().signal;
const KiB = 1024;

async function make(path: string, isPrivate = true, pieceLengthBytes?: number): Promise<Metainfo> {
  const { metainfo } = await makeMetainfo(
    { path, isPrivate, announce: [], pieceLengthBytes },
    never,
  );
  return metainfo;
}

function createByOther(path: string, options: CreateTorrentOptions): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    createTorrent(path, { announceList: [], ...options }, (error, torrent) =>
      error ? reject(error) : resolve(torrent),
    );
  });
}

function filled(lengthBytes: number, byte: number): Uint8Array {
  return new Uint8Array(lengthBytes).fill(byte);
}

describe('makeMetainfo', () => {
  it('describes a single file', async () => {
    await writeFiles(at(), { 'model.bin': filled(40 * KiB, 1) });
    const announce = [['http://127.0.0.1:6969/announce']];
    const made = await makeMetainfo({ path: at('model.bin'), isPrivate: true, announce }, never);
    expect(made.contentPath).toBe(at('model.bin'));
    expect(made.metainfo).toMatchObject({
      name: 'model.bin',
      isFolder: false,
      lengthBytes: 40 * KiB,
      pieceLengthBytes: 16 * KiB,
      pieceCount: 3,
      isPrivate: true,
      announce,
      files: [{ path: [], lengthBytes: 40 * KiB, offsetBytes: 0 }],
    });
  });

  it('describes a folder, even one with a single file', async () => {
    await writeFiles(at('data'), { 'sub/only': 'x' });
    const made = await makeMetainfo(
      { path: `${at('data')}/`, isPrivate: false, announce: [] },
      never,
    );
    expect(made.contentPath).toBe(at('data'));
    expect(made.metainfo).toMatchObject({
      name: 'data',
      isFolder: true,
      isPrivate: false,
      files: [{ path: ['sub', 'only'], lengthBytes: 1, offsetBytes: 0 }],
    });
  });

  it('gives the real path of content behind a link, and the name of the link', async () => {
    await writeFiles(at(), { 'real.bin': 'x' });
    await symlink('real.bin', at('link.bin'));
    const made = await makeMetainfo({ path: at('link.bin'), isPrivate: true, announce: [] }, never);
    expect(made.contentPath).toBe(at('real.bin'));
    expect(made.metainfo.name).toBe('link.bin');
  });

  it('makes the same info hash of the same content, and another of another', async () => {
    await writeFiles(at('one/data'), { b: 'xx', a: 'y', 'c/d': '' });
    await writeFiles(at('two/data'), { 'c/d': '', a: 'y', b: 'xx' });
    await utimes(at('two/data/a'), 1, 1);
    const first = await make(at('one/data'));
    const second = await make(at('two/data'));
    expect(Buffer.compare(first.info, second.info)).toBe(0);
    await writeFile(at('two/data/a'), 'z');
    expect((await make(at('two/data'))).infoHash).not.toBe(first.infoHash);
    expect((await make(at('one/data'), false)).infoHash).not.toBe(first.infoHash);
  });

  it.each([
    [true, 16 * KiB],
    [true, 64 * KiB],
    [false, 16 * KiB],
  ])(
    'makes the info hash of create-torrent for a file, private: %s, pieces of %i',
    async (isPrivate, pieceLengthBytes) => {
      await writeFiles(at(), { 'über 1.bin': filled(200 * KiB + 1, 3) });
      const path = at('über 1.bin');
      const other = await createByOther(path, {
        pieceLength: pieceLengthBytes,
        ...(isPrivate && { private: true }),
      });
      const { infoHash } = await make(path, isPrivate, pieceLengthBytes);
      expect(infoHash).toBe((await parseTorrent(other)).infoHash);
    },
  );

  it('makes the info hash of create-torrent for a folder that both list alike', async () => {
    await writeFiles(at('data'), {
      a: filled(20 * KiB, 1),
      b: filled(7, 2),
      'c/d': filled(33 * KiB, 3),
      'c/e/f': filled(1, 4),
      g: filled(16 * KiB, 5),
    });
    const other = await createByOther(at('data'), { pieceLength: 16 * KiB, private: true });
    expect((await make(at('data'), true, 16 * KiB)).infoHash).toBe(
      (await parseTorrent(other)).infoHash,
    );
  });

  it('makes torrents that parse-torrent reads as they are', async () => {
    await writeFiles(at('data'), { 'a/ü': 'xyz', b: 'x' });
    const announce = [['http://127.0.0.1:6969/announce'], ['udp://127.0.0.1:6969']];
    const metainfo = await make(at('data'));
    expect(await parseTorrent(encodeTorrentFile(metainfo, announce))).toMatchObject({
      infoHash: metainfo.infoHash,
      name: 'data',
      private: true,
      length: 4,
      announce: announce.flat(),
      files: [
        { path: 'data/a/ü', length: 3 },
        { path: 'data/b', length: 1 },
      ],
    });
  });

  it('rejects what it cannot publish', async () => {
    await mkdir(at('empty'));
    await expect(make(at('empty'))).rejects.toMatchObject({ code: 'CONTENT_EMPTY' });
    await expect(make(at('gone'))).rejects.toMatchObject({ code: 'CONTENT_NOT_FOUND' });
  });

  it('stops when it is told to', async () => {
    await writeFiles(at(), { file: 'x' });
    const reason = new Error('enough');
    const request = { path: at('file'), isPrivate: true, announce: [] };
    await expect(makeMetainfo(request, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
