import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HelperError } from '../../../../src/errors.js';
import {
  type Bencodable,
  Bencoded,
  encodeBencode,
} from '../../../../src/metainfo/encode-bencode.js';
import { Metainfo } from '../../../../src/metainfo/metainfo.js';
import { parseInfo, parseMetainfo } from '../../../../src/metainfo/parse/parse-metainfo.js';
import {
  type Fields,
  file,
  folder,
  KiB,
  single,
  torrent,
} from '../../../support/torrents/info-dictionary.js';

const origin = '/tmp/some.torrent';

function read(info: Bencodable, platform: NodeJS.Platform = 'linux'): Metainfo {
  return parseMetainfo(torrent(info), origin, platform);
}

function refusal(code: string, message: string | RegExp = '') {
  return expect.objectContaining({ code, message: expect.stringMatching(message) });
}

describe('parseMetainfo', () => {
  it('reads a single file', () => {
    const metainfo = read(single());
    expect(metainfo).toMatchObject({
      infoHash: createHash('sha1').update(encodeBencode(single())).digest('hex'),
      name: 'model.bin',
      isFolder: false,
      lengthBytes: 40 * KiB,
      pieceLengthBytes: 16 * KiB,
      pieceCount: 3,
      files: [{ path: [], lengthBytes: 40 * KiB, offsetBytes: 0 }],
      isPrivate: false,
      announce: [],
    });
    expect(metainfo.pieceHashes).toEqual(new Uint8Array(60).fill(7));
    expect(metainfo.info).toEqual(encodeBencode(single()));
    expect(metainfo.pieceBytes(2)).toBe(8 * KiB);
  });

  it('reads a folder, and lays its files end to end', () => {
    const metainfo = read(
      folder([file(['a'], 30 * KiB), file(['b', 'c']), file(['b', 'd'], 10 * KiB)]),
    );
    expect(metainfo.isFolder).toBe(true);
    expect(metainfo.files).toEqual([
      { path: ['a'], lengthBytes: 30 * KiB, offsetBytes: 0 },
      { path: ['b', 'c'], lengthBytes: 0, offsetBytes: 30 * KiB },
      { path: ['b', 'd'], lengthBytes: 10 * KiB, offsetBytes: 30 * KiB },
    ]);
  });

  it('hashes the info dictionary as it stands, its keys out of order or unknown', () => {
    const hashes = new Bencoded(encodeBencode(new Uint8Array(60)));
    const odd = Buffer.concat([
      Buffer.from('d6:pieces'),
      hashes.bytes,
      Buffer.from('12:piece lengthi16384e4:name1:x6:lengthi40960e1:?le'),
      Buffer.from('e'),
    ]);
    const metainfo = parseMetainfo(torrent(new Bencoded(odd)), origin);
    expect(metainfo.infoHash).toBe(createHash('sha1').update(odd).digest('hex'));
    expect(Buffer.compare(metainfo.info, odd)).toBe(0);
  });

  it('takes every private flag but 0 for private', () => {
    expect(read(single({ private: 1 })).isPrivate).toBe(true);
    expect(read(single({ private: 2 })).isPrivate).toBe(true);
    expect(read(single({ private: 0 })).isPrivate).toBe(false);
  });

  it('takes the UTF-8 variant of a name before the other', () => {
    const latin1 = Uint8Array.of(0xe9);
    const info = folder([{ path: [latin1], 'path.utf-8': ['é'], length: 40 * KiB }], {
      name: latin1,
      'name.utf-8': 'été',
    });
    expect(read(info)).toMatchObject({ name: 'été', files: [{ path: ['é'] }] });
  });

  it('says of a web page that it is no torrent, and how it begins', () => {
    const page = Buffer.from('<!DOCTYPE html>\n<html>');
    expect(() => parseMetainfo(page, 'http://example.org/a.torrent')).toThrow(
      refusal(
        'METAINFO_INVALID',
        /^http:\/\/example.org\/a.torrent is not .*'<!DOCTYPE html>\\x0a'/,
      ),
    );
    expect(() => parseMetainfo(new Uint8Array(0), origin)).toThrow(
      refusal('METAINFO_INVALID', 'it is empty'),
    );
  });

  it.each<[string, Uint8Array]>([
    ['cut short', torrent(single()).subarray(0, -1)],
    ['with a second info dictionary', Buffer.from('d4:infode4:infodee')],
    ['without an info dictionary', encodeBencode({ announce: 'http://a/' })],
    ['whose info is a string', torrent('info')],
  ])('refuses metainfo %s', (_, bytes) => {
    expect(() => parseMetainfo(bytes, origin)).toThrow(refusal('METAINFO_INVALID'));
  });

  it.each<[string, Fields]>([
    ['no name', { name: undefined }],
    ['a number for a name', { name: 1 }],
    ['no length and no files', { length: undefined }],
    ['a negative length', { length: -1 }],
    ['no bytes', { length: 0, pieces: '' }],
    ['a string for a length', { length: '40960' }],
    ['no piece length', { 'piece length': undefined }],
    ['a piece length of 0', { 'piece length': 0 }],
    ['a negative piece length', { 'piece length': -16384 }],
    ['a string for a piece length', { 'piece length': '16384' }],
    ['no piece hashes', { pieces: undefined }],
    ['a list of piece hashes', { pieces: ['x'] }],
    ['a piece hash too few', { pieces: new Uint8Array(40) }],
    ['a piece hash too many', { pieces: new Uint8Array(80) }],
    ['half a piece hash', { pieces: new Uint8Array(61) }],
  ])('refuses an info dictionary with %s', (_, changes) => {
    expect(() => read(single(changes))).toThrow(refusal('METAINFO_INVALID', origin));
  });

  it.each<[string, Fields]>([
    ['an empty path', file([], 40 * KiB)],
    ['no path', { length: 40 * KiB }],
    ['a string for a path', file('a', 40 * KiB)],
    ['a negative length', file(['a'], -1)],
    ['no length', { path: ['a'] }],
  ])('refuses a file with %s', (_, entry) => {
    expect(() => read(folder([entry, file(['other'], 40 * KiB)]))).toThrow(
      refusal('METAINFO_INVALID'),
    );
  });

  it('refuses files whose lengths add up beyond what a number can count', () => {
    const half = 2 ** 52;
    const info = folder([file(['a'], half), file(['b'], half), file(['c'], half)]);
    expect(() => read(info)).toThrow(refusal('METAINFO_INVALID', 'impossibly large'));
  });

  it('lets through on Linux what Linux can store', () => {
    const names = [
      'back\\slash',
      'a:b',
      'con',
      'x.',
      ' ',
      '...',
      '*?"<>|',
      '\n',
      '\ufeffbom',
      'ü'.repeat(127),
    ];
    const files = names.map((name) => file([name]));
    const metainfo = read(folder([...files, file(['rest'], 40 * KiB)]));
    expect(metainfo.files.slice(0, -1).map(({ path }) => path)).toEqual(
      names.map((name) => [name]),
    );
  });

  it('marks padding files, which may share a path, and counts their bytes (BEP 47)', () => {
    const padding = { path: ['.pad', '6144'], length: 6 * KiB, attr: 'p' };
    const { files, lengthBytes } = read(
      folder([
        file(['a'], 10 * KiB),
        padding,
        file(['b'], 10 * KiB),
        padding,
        file(['c'], 8 * KiB),
      ]),
    );
    expect(lengthBytes).toBe(40 * KiB);
    expect(files.map((each) => each.isPadding === true)).toEqual([false, true, false, true, false]);
    expect(files[4]).toMatchObject({ path: ['c'], offsetBytes: 32 * KiB });
    expect(() => read(folder([{ ...padding, length: 40 * KiB }]))).toThrow(
      refusal('METAINFO_INVALID', 'no bytes'),
    );
  });

  it.each<[string, Fields]>([
    [
      'of BitTorrent v2 only',
      { 'meta version': 2, 'file tree': {}, pieces: undefined, length: undefined },
    ],
    ['of a later version', { 'meta version': 3 }],
    ['with pieces of half a KiB', { 'piece length': 512, pieces: new Uint8Array(80 * 20) }],
    ['with pieces of 257 MiB', { 'piece length': 257 * KiB * KiB, pieces: new Uint8Array(20) }],
    ['with two million pieces', { 'piece length': KiB, length: 2 ** 31 }],
  ])('does not support a torrent %s', (_, changes) => {
    expect(() => read(single(changes))).toThrow(refusal('METAINFO_UNSUPPORTED', origin));
  });

  it('does not support more than 200,000 files', () => {
    const files = new Bencoded(Buffer.from(`l${'de'.repeat(200_001)}e`));
    expect(() => read(single({ length: undefined, files }))).toThrow(
      refusal('METAINFO_UNSUPPORTED', '200000 files'),
    );
  });

  it('uses a hybrid of v1 and v2 as v1', () => {
    expect(read(single({ 'meta version': 2, 'file tree': {} })).pieceCount).toBe(3);
  });

  it('throws nothing but HelperError, whatever a byte of a torrent is changed to', () => {
    const good = torrent(
      folder([file(['a'], 30 * KiB), { ...file(['b', 'c'], 10 * KiB), attr: 'x' }]),
      {
        announce: 'http://127.0.0.1/announce',
        'announce-list': [['http://127.0.0.1/announce']],
      },
    );
    const change = fc.tuple(
      fc.nat({ max: good.length - 1 }),
      fc.constantFrom(...Buffer.from('ilde0129-:\xff')),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Uint8Array.from(good);
        for (const [index, byte] of changes) bytes[index] = byte;
        try {
          expect(parseMetainfo(bytes, origin)).toBeInstanceOf(Metainfo);
        } catch (error) {
          expect(error).toBeInstanceOf(HelperError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the announce URLs', () => {
  const announceOf = (changes: Fields) =>
    parseMetainfo(torrent(single(), changes), origin).announce;

  it('are the one of announce where there is no list', () => {
    expect(announceOf({ announce: 'http://a/announce' })).toEqual([['http://a/announce']]);
    expect(announceOf({})).toEqual([]);
  });

  it('are the tiers of announce-list where there is one (BEP 12)', () => {
    const list = [['http://a/x', 'https://b/x'], ['udp://c:80'], ['ws://d/', 'wss://e/']];
    expect(announceOf({ announce: 'http://z/', 'announce-list': list })).toEqual(list);
  });

  it('leave out what cannot be announced to, and tiers left empty by that', () => {
    const list = [
      [
        '',
        'ftp://a/',
        'http://',
        'udp://',
        'file:///etc/passwd',
        'javascript:1',
        'http://a:99999/',
        7,
        [],
      ],
      [
        'dht://x',
        'http://a/',
        'http://a/',
        Uint8Array.of(0x68, 0xff),
        `http://a/${'x'.repeat(3000)}`,
      ],
      'http://b/',
    ];
    expect(announceOf({ 'announce-list': list })).toEqual([['http://a/']]);
  });

  it('fall back on announce where the list holds none', () => {
    expect(announceOf({ announce: 'http://a/', 'announce-list': [[]] })).toEqual([['http://a/']]);
    expect(announceOf({ announce: 'http://a/', 'announce-list': 'none' })).toEqual([['http://a/']]);
  });

  it('hold nothing that could forge a line', () => {
    const [tier] = announceOf({ announce: 'http://a/\nx y\u2028' });
    expect(tier?.join()).toMatch(/^[!-~]+$/);
  });

  it('are a hundred at most', () => {
    const list = Array.from({ length: 60 }, (_, index) => [
      `http://a/${index}`,
      `http://b/${index}`,
    ]);
    expect(announceOf({ 'announce-list': list }).flat()).toHaveLength(100);
  });
});

describe('parseInfo', () => {
  it('reads a bare info dictionary and takes the announce URLs it is given', () => {
    const info = encodeBencode(single());
    expect(parseInfo(info, [['http://a/']], 'magnet link')).toEqual(
      new Metainfo({ ...read(single()), announce: [['http://a/']] }),
    );
  });

  it('throws nothing but HelperError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(() => parseInfo(bytes, [], 'magnet link')).toThrow(HelperError);
      }),
    );
  });
});
