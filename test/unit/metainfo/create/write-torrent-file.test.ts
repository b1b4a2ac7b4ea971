import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, symlink } from 'node:fs/promises';
import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askerWith } from '../../../../src/async/asker.js';
import {
  encodeTorrentFile,
  writeTorrentFile,
} from '../../../../src/metainfo/create/write-torrent-file.js';
import { Bencoded, encodeBencode } from '../../../../src/metainfo/encode-bencode.js';
import type { Metainfo } from '../../../../src/metainfo/metainfo.js';
import { parseInfo, parseMetainfo } from '../../../../src/metainfo/parse/parse-metainfo.js';
import { writeFiles } from '../../../support/disks/content-files.js';
import { asOrdinaryUser } from '../../../support/disks/ordinary-user.js';
import { useScratchFolder } from '../../../support/disks/scratch-folder.js';

const at = useScratchFolder();
const announce = [['http://127.0.0.1:6969/announce'], ['udp://127.0.0.1:6969']];

/** Torrents with different seeds have different info hashes. */
function torrent(name: string, seed = 0): Metainfo {
  const pieces = new Uint8Array(20).fill(seed);
  return parseInfo(encodeBencode({ name, length: 10, 'piece length': 16384, pieces }), [], name);
}

const write = (metainfo: Metainfo, tiers: readonly (readonly string[])[] = announce) =>
  writeTorrentFile({ metainfo, announce: tiers, dir: at() });

async function infoHashIn(path: string): Promise<string> {
  return parseMetainfo(await readFile(path), path).infoHash;
}

describe('encodeTorrentFile', () => {
  const metainfo = torrent('model.bin');
  const encode = (tiers: readonly (readonly string[])[]) =>
    Buffer.from(encodeTorrentFile(metainfo, tiers)).toString('latin1');

  it('holds the info dictionary as it stands, and the tiers', () => {
    const odd = parseInfo(
      Buffer.concat([
        Buffer.from('d12:piece lengthi16384e6:pieces20:'),
        new Uint8Array(20),
        Buffer.from('4:name1:x6:lengthi10e7:unknownlee'),
      ]),
      [],
      'odd',
    );
    const read = parseMetainfo(encodeTorrentFile(odd, announce), 'odd');
    expect(read.infoHash).toBe(odd.infoHash);
    expect(read.announce).toEqual(announce);
  });

  it('writes a list only where there is more than one URL, and no trackers where there are none', () => {
    expect(encode([['http://a/']])).toMatch(/^d8:announce9:http:\/\/a\/10:created by/);
    expect(encode([['http://a/', 'http://b/']])).toContain(
      '13:announce-listll9:http://a/9:http://b/ee',
    );
    expect(encode([])).toMatch(/^d10:created by17:bittorrent-helper4:info/);
  });
});

describe('writeTorrentFile', () => {
  it('writes <name>.torrent, makes the folder, and gives the absolute path', async () => {
    const metainfo = torrent('model.bin');
    const dir = relative(process.cwd(), at('new', 'folder'));
    const path = await writeTorrentFile({ metainfo, announce, dir });
    expect(path).toBe(at('new', 'folder', 'model.bin.torrent'));
    expect(Buffer.compare(await readFile(path), encodeTorrentFile(metainfo, announce))).toBe(0);
    expect(await readdir(at('new', 'folder'))).toEqual(['model.bin.torrent']);
  });

  it('leaves the file untouched when the same torrent comes again', async () => {
    const path = await write(torrent('data'));
    const before = await stat(path, { bigint: true });
    expect(await write(torrent('data'))).toBe(path);
    const after = await stat(path, { bigint: true });
    expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
    expect(await readdir(at())).toHaveLength(1);
  });

  it('rewrites the announce URLs of the same torrent in place', async () => {
    const path = await write(torrent('data'));
    expect(await write(torrent('data'), [['http://127.0.0.1:7000/announce']])).toBe(path);
    expect(parseMetainfo(await readFile(path), path).announce).toEqual([
      ['http://127.0.0.1:7000/announce'],
    ]);
    expect(await readdir(at())).toEqual(['data.torrent']);
  });

  it.each([
    ['with words of its own', { comment: 'mine', 'created by': 'bittorrent-helper' }],
    ['with more sources', { 'created by': 'bittorrent-helper', 'url-list': 'http://mine.example' }],
    ['of another program', { 'created by': 'another' }],
  ])('leaves a file of the same torrent alone that is %s', async (_what, fields) => {
    const { info, infoHash } = torrent('data');
    const own = encodeBencode({
      announce: 'http://mine.example',
      ...fields,
      info: new Bencoded(info),
    });
    await writeFiles(at(), { 'data.torrent': own });
    for (const tiers of [
      [['http://127.0.0.1:7000/announce']],
      [['http://127.0.0.1:7001/announce']],
    ]) {
      expect(await write(torrent('data'), tiers)).toBe(at('data (2).torrent'));
    }
    expect(new Uint8Array(await readFile(at('data.torrent')))).toEqual(own);
    expect(await infoHashIn(at('data (2).torrent'))).toBe(infoHash);
  });

  it('numbers other torrents of the same name, and finds each again', async () => {
    const names = ['data.torrent', 'data (2).torrent', 'data (3).torrent'];
    for (const round of [1, 2]) {
      for (const [seed, name] of names.entries()) {
        expect([round, await write(torrent('data', seed))]).toEqual([round, at(name)]);
      }
    }
    expect((await readdir(at())).sort()).toEqual([...names].sort());
    expect(await infoHashIn(at('data (2).torrent'))).toBe(torrent('data', 1).infoHash);
  });

  it('touches nothing that is not its own: no other file, folder, link or FIFO', async () => {
    await writeFiles(at(), {
      'a.torrent': 'a text',
      'b.torrent/inside': 'x',
      target: 'x',
      'e.torrent': '',
    });
    await symlink('nowhere', at('c.torrent'));
    await symlink('target', at('d.torrent'));
    execFileSync('mkfifo', [at('f.torrent')]);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      expect(await write(torrent(name))).toBe(at(`${name} (2).torrent`));
    }
    expect(await readFile(at('a.torrent'), 'utf8')).toBe('a text');
    expect(await readFile(at('target'), 'utf8')).toBe('x');
    expect(await readFile(at('e.torrent'), 'utf8')).toBe('');
    expect(await readdir(at())).not.toContain('nowhere');
  });

  it('leaves alone a file that it may not read', async () => {
    await writeFiles(at(), { 'data.torrent': 'secret' });
    await chmod(at('data.torrent'), 0o000);
    expect(await asOrdinaryUser(() => write(torrent('data')))).toBe(at('data (2).torrent'));
  });

  it('writes one file when the same torrent is written many times at once', async () => {
    const paths = await Promise.all(Array.from({ length: 20 }, () => write(torrent('data'))));
    expect(new Set(paths)).toEqual(new Set([at('data.torrent')]));
    expect(await readdir(at())).toEqual(['data.torrent']);
  });

  it('gives every torrent its file when many of one name are written at once', async () => {
    const torrents = Array.from({ length: 10 }, (_, seed) => torrent('data', seed));
    const paths = await Promise.all(torrents.map((metainfo) => write(metainfo)));
    expect(new Set(paths).size).toBe(10);
    for (const [seed, path] of paths.entries()) {
      expect(await infoHashIn(path)).toBe(torrents[seed]?.infoHash);
    }
    expect(await readdir(at())).toHaveLength(10);
  });

  it('cuts a name that would be too long with its ending, between characters', async () => {
    const long = '日'.repeat(85); // 255 bytes
    expect(await write(torrent(long))).toBe(at(`${'日'.repeat(82)}.torrent`));
    expect(await write(torrent(long, 1))).toBe(at(`${'日'.repeat(81)} (2).torrent`));
    expect(await write(torrent(long, 1))).toBe(at(`${'日'.repeat(81)} (2).torrent`));
    expect(await write(torrent('😀'.repeat(62)))).toBe(at(`${'😀'.repeat(61)}.torrent`));
  });

  it('says where it cannot write', async () => {
    await writeFiles(at(), { file: 'x' });
    await mkdir(at('sealed'));
    await chmod(at('sealed'), 0o555);
    const into = (dir: string) =>
      asOrdinaryUser(() => writeTorrentFile({ metainfo: torrent('data'), announce, dir }));
    for (const dir of [at('file'), at('file', 'below'), at('sealed'), at('sealed', 'below')]) {
      await expect(into(dir)).rejects.toMatchObject({
        code: 'TORRENT_UNWRITABLE',
        message: expect.stringContaining(dir),
      });
    }
  });

  it.runIf(process.platform === 'linux')('says when the folder is not one for files', async () => {
    await expect(
      writeTorrentFile({ metainfo: torrent('data'), announce, dir: '/proc' }),
    ).rejects.toMatchObject({ code: 'TORRENT_UNWRITABLE' });
  });

  it('stops when it is told to, and leaves nothing', async () => {
    const reason = new Error('enough');
    const asker = askerWith(AbortSignal.abort(reason));
    await expect(
      writeTorrentFile({ metainfo: torrent('data'), announce, dir: at(), asker }),
    ).rejects.toBe(reason);
    expect(await readdir(at())).toEqual([]);
  });
});
