// .torrent files and info dictionaries of others: refused in one way, or consistent in all that is read from them, with names
// that can stand on the disk.
import { posix, win32 } from 'node:path';
import { HelperError } from '../../../src/errors.js';
import { encodeTorrentFile } from '../../../src/metainfo/create/write-torrent-file.js';
import { encodeBencode } from '../../../src/metainfo/encode-bencode.js';
import { parseMagnetLink, writeMagnetLink } from '../../../src/metainfo/magnet.js';
import type { Metainfo } from '../../../src/metainfo/metainfo.js';
import { parseInfo, parseMetainfo } from '../../../src/metainfo/parse/parse-metainfo.js';
import { haveClashes } from '../../support/torrents/names-on-disk.js';
import { mutateBencode } from '../mutate/mutate-bencode.js';
import { check, pure, type Target } from '../target.js';

const pieces = (count: number) => 'h'.repeat(20 * count);
const file = (length: number, ...path: string[]) => ({ length, path });

const tokens = [
  ...['info', 'announce', 'announce-list', 'name', 'name.utf-8', 'path', 'path.utf-8', 'length'],
  ...['files', 'pieces', 'piece length', 'private', 'meta version', 'file tree', 'attr', 'p', 'l'],
  ...['symlink path', 'encoding', 'shift_jis', 'gbk', 'utf-8', '\x83\x65', 'con.txt', 'a (2)', '_'],
  ...['.', '..', '/', '\\', '\0', '', 'C:', 'con', 'a ', '\xc3\xa4', 'a\xcc\x88', '\xff', '..\\x'],
  ...['http://127.0.0.1:6969/announce', 'udp://127.0.0.1:6969', 'h'.repeat(20), 'x'.repeat(256)],
];

export const metainfo: Target = {
  name: 'metainfo',
  about: '.torrent files and info dictionaries',
  samples() {
    const single = { length: 40_000, name: 'a.bin', 'piece length': 16_384, pieces: pieces(3) };
    const folder = {
      files: [
        file(20_000, 'a', 'b'),
        file(0, 'empty'),
        { ...file(12_768, '.pad', '12768'), attr: 'p' },
        { ...file(5, 'c'), 'path.utf-8': ['\u00fc', 'c'] },
      ],
      'name.utf-8': 'f\u00e4lder',
      name: 'folder',
      'piece length': 32_768,
      pieces: pieces(2),
      private: 1,
    };
    const hybrid = {
      ...single,
      'meta version': 2,
      'file tree': { 'a.bin': { '': { length: 9 } } },
    };
    const trackers = {
      announce: 'http://127.0.0.1:6969/announce',
      'announce-list': [['udp://127.0.0.1:1', 'ws://[::1]:2/x'], ['https://b\u00fccher.example/a']],
    };
    return [
      { info: single },
      { ...trackers, info: folder, 'creation date': 1, 'url-list': ['http://127.0.0.1/'] },
      { announce: trackers.announce, info: hybrid },
      { info: { ...single, length: 2 ** 40, 'piece length': 2 ** 24, pieces: pieces(2 ** 6) } },
      {
        encoding: 'shift_jis',
        info: {
          ...folder,
          files: [
            file(20_000, 'a', 'b'),
            file(10_000, 'a'),
            file(10_000, 'a', 'b'),
            { ...file(0, '\xff'), attr: 'l', 'symlink path': ['a', 'b'] },
            { ...file(0, 'a', 'l'), attr: 'l', 'symlink path': ['..', '\xff'] },
          ],
        },
      },
      single,
      folder,
    ].map(encodeBencode);
  },
  mutate: mutateBencode(tokens),
  open: pure((bytes) => {
    for (const platform of ['linux', 'win32', 'darwin'] as const) {
      const read = refusedOr(() => parseMetainfo(bytes, 'here', platform));
      if (read !== undefined) checkMetainfo(read, platform);
    }
    const info = refusedOr(() => parseInfo(bytes, [], 'here', 'linux'));
    if (info !== undefined) checkMetainfo(info, 'linux');
  }),
};

function refusedOr(read: () => Metainfo): Metainfo | undefined {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof HelperError) || !/^METAINFO_/.test(thrown.code)) throw thrown;
    check(!/[\n\r\u2028\u2029\0]/.test(thrown.message), () => 'a message is not one line');
    return undefined;
  }
}

function checkMetainfo(read: Metainfo, platform: NodeJS.Platform): void {
  const { name, files, lengthBytes, pieceCount, infoHash, announce } = read;
  let offsetBytes = 0;
  for (const each of files) {
    check(each.offsetBytes === offsetBytes && each.lengthBytes >= 0, () => 'a file is misplaced');
    offsetBytes += each.lengthBytes;
    checkPlace([name, ...each.path], platform);
  }
  check(
    offsetBytes === lengthBytes && lengthBytes > 0,
    () => 'the length is not that of the files',
  );
  check(Number.isInteger(pieceCount) && pieceCount > 0, () => 'there are no whole pieces');
  const last = read.pieceBytes(pieceCount - 1);
  check(last > 0 && last <= read.pieceLengthBytes, () => 'the last piece has no valid length');
  check(
    announce.flat().every((url) => URL.canParse(url)),
    () => 'an announce URL is none',
  );

  const again = parseInfo(read.info, announce, 'here', platform);
  const isSame = again.name === name || read.encoding !== undefined;
  check(again.infoHash === infoHash && isSame, () => 'the info reads back as another');
  const rewritten = parseMetainfo(encodeTorrentFile(read, announce), 'here', platform);
  check(rewritten.infoHash === infoHash, () => 'another info hash once it is written');
  const paths = JSON.stringify(pathsOf(read));
  check(JSON.stringify(pathsOf(rewritten)) === paths, () => `other paths once written: ${paths}`);
  checkClashes(read, platform);
  for (const { message } of read.remarks) {
    check(!/[\n\r\u2028\u2029\0]/.test(message), () => 'a remark is not one line');
  }
  const tiers = JSON.stringify(announce);
  check(
    JSON.stringify(rewritten.announce) === tiers,
    () => `other trackers once written: ${tiers}`,
  );
  const link = parseMagnetLink(writeMagnetLink(read, announce));
  check(link.infoHash === infoHash && link.name === name, () => 'the magnet link names another');
}

function pathsOf({ name, files, links }: Metainfo): unknown {
  return { name, files: files.map(({ path }) => path), links };
}

function checkClashes({ files, links }: Metainfo, platform: NodeJS.Platform): void {
  const real = files.filter(({ isPadding }) => !isPadding);
  const paths = [...real, ...links].map(({ path }) => path);
  check(!haveClashes(paths, platform), () => `two files of one path: ${JSON.stringify(paths)}`);
  for (const { path, target } of links) {
    checkPlace(path, platform);
    const leadsToFile = real.some((each) => target.every((name, at) => name === each.path[at]));
    check(leadsToFile && target.length > 0, () => `a link leads to nothing: ${target.join('/')}`);
  }
}

/** Content never lands outside of the folder it is meant for. */
function checkPlace(names: readonly string[], platform: NodeJS.Platform): void {
  const { resolve, sep } = platform === 'win32' ? win32 : posix;
  const folder = resolve(platform === 'win32' ? 'C:\\downloads' : '/downloads');
  let path = folder;
  for (const name of names) {
    check(resolve(path, name) === path + sep + name, () => `a file would lie at ${name}`);
    path += sep + name;
  }
}
