import { describe, expect, it } from 'vitest';
import { besideInfoIn } from '../../../../src/cli/commands/beside-info.js';
import { jsonOf, textOf } from '../../../../src/cli/commands/show-torrent.js';
import { parseMetainfo } from '../../../../src/metainfo/parse/parse-metainfo.js';
import { type Bencodable, bencode } from '../../../support/torrents/bencode.mjs';
import { infoOf } from '../../../support/torrents/handmade-torrent.js';

const content = Buffer.alloc(3_000, 'x');
const GiB = 2 ** 30;

function shown(info: Bencodable, beside: { readonly [key: string]: Bencodable } = {}) {
  const document = bencode({ ...beside, info });
  const metainfo = parseMetainfo(document, 'a test');
  const said = besideInfoIn(document);
  const parts = [...jsonOf(metainfo, said)];
  return { text: [...textOf(metainfo, said)].join(''), json: JSON.parse(parts.join('')), parts };
}

/** What stands behind a label. */
const field = (text: string, label: string) =>
  text
    .split('\n')
    .find((line) => line.startsWith(`${label} `))
    ?.slice(label.length)
    .trim();

const folderOf = (name: string, files: readonly Bencodable[], lengthBytes: number) => ({
  name,
  'piece length': 2 ** 24,
  pieces: Buffer.alloc(20 * Math.ceil(lengthBytes / 2 ** 24)),
  files,
});

describe('a torrent that is shown', () => {
  it('has its name, size, pieces, hash, trackers and files', () => {
    const beside = {
      announce: 'http://one.example/announce',
      'announce-list': [
        ['http://one.example/announce', 'http://two.example/announce'],
        ['udp://three.example:1'],
      ],
    };
    const { text, json } = shown(infoOf('a b.bin', content), beside);
    expect(field(text, 'name')).toBe('a b.bin');
    expect(field(text, 'info hash')).toBe(json.infoHash);
    expect(field(text, 'size')).toBe('2.93 KiB (3000 bytes) in 1 file');
    expect(field(text, 'pieces')).toBe('1 of 16 KiB');
    expect(field(text, 'private')).toMatch(/^yes/);
    expect(text).toMatch(
      /\ntrackers +http:\/\/one\S+ http:\/\/two\S+\n +udp:\/\/three.example:1\n/,
    );
    expect(text).toMatch(/\nfiles\n {2}3000 {2}a b\.bin\n$/);
    expect(json).toMatchObject({
      name: 'a b.bin',
      isFolder: false,
      lengthBytes: 3_000,
      pieceLengthBytes: 16_384,
      pieceCount: 1,
      fileCount: 1,
      private: true,
      announce: beside['announce-list'],
      infoHashV2: null,
      files: [{ path: 'a b.bin', lengthBytes: 3_000 }],
      flaws: [],
    });
    expect(json.magnetUri).toContain(`magnet:?xt=urn:btih:${json.infoHash}&dn=a%20b.bin&tr=`);
  });

  it('says who made it, when, and what of it', () => {
    const beside = {
      comment: 'one\ntwo',
      'created by': 'somebody',
      'creation date': 1_700_000_000,
      'url-list': ['http://seed.example/a', 'http://seed.example/b'],
    };
    const { text, json } = shown(infoOf('a', content), beside);
    expect(text).toMatch(/\ncomment +one\n +two\n/);
    expect(text).toMatch(/\ncreated +2023-11-14T22:13:20Z\n +by somebody\n/);
    expect(json).toMatchObject({
      comment: 'one\ntwo',
      createdBy: 'somebody',
      createdMs: 1_700_000_000_000,
      webSeeds: ['http://seed.example/a', 'http://seed.example/b'],
    });
  });

  it.each([
    [{ 'creation date': 9e15 }, { createdMs: null }],
    [{ 'creation date': 'yesterday' }, { createdMs: null }],
    [{ 'url-list': 'http://seed.example/a' }, { webSeeds: ['http://seed.example/a'] }],
    [{ 'url-list': { a: 1 } }, { webSeeds: [] }],
    [{ comment: ['a'] }, { comment: null }],
    [{ comment: 'x'.repeat(10_000) }, { comment: 'x'.repeat(4_096) }],
  ])('is shown whatever stands beside what is hashed: %j', (beside, expected) => {
    expect(shown(infoOf('a', content), beside).json).toMatchObject(expected);
  });

  it('can have no name that a terminal obeys, or that begins a line', () => {
    const name = 'a\u001b[2J\u202eb\u0085';
    const { text, parts, json } = shown(infoOf(name, content), { comment: '\u001b]0;x\u0007' });
    const [, ...others] = text.split('\n');
    expect(field(text, 'name')).toBe('a\\x1b[2J\\u202eb\\x85');
    expect(others.filter((line) => line.includes('\u001b'))).toEqual([]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(parts.join('')).not.toMatch(/[\u0000-\u0009\u007f-\u009f\u202e]/);
    expect(json.name).toBe(name);
  });

  it('has the names that it has on disk, with what was read over', () => {
    const files = [{ length: 5, path: ['..', 'a'] }];
    const { text, json } = shown(folderOf('d', files, 5));
    expect(json.files).toEqual([{ path: 'd/__/a', lengthBytes: 5 }]);
    expect(json.flaws).toMatchObject([{ code: 'NAMES_MENDED' }]);
    expect(field(text, 'flaws')).toMatch(/^NAMES_MENDED: /);
  });

  it('lists neither padding as a file, nor a link', () => {
    const files = [
      { length: 5, path: ['a'] },
      { length: 11, path: ['.pad', '11'], attr: 'p' },
      { length: 7 * GiB, path: ['b'] },
      { length: 0, path: ['c'], attr: 'l', 'symlink path': ['b'] },
    ];
    const { text, json } = shown(folderOf('d', files, 7 * GiB + 16));
    expect(json).toMatchObject({
      fileCount: 2,
      files: [{ path: 'd/a' }, { path: 'd/b' }],
      links: [{ path: 'd/c', target: 'd/b' }],
    });
    expect(field(text, 'size')).toBe('7 GiB (7516192784 bytes) in 2 files');
    expect(text).toMatch(/\n {2} +5 {2}d\/a\n {2}7516192768 {2}d\/b\n +link {2}d\/c -> d\/b\n$/);
  });

  it('has two hashes if it is for BitTorrent v2 as well', () => {
    const { text, json } = shown({ ...infoOf('a', content), 'meta version': 2 });
    expect(json.infoHashV2).toMatch(/^[0-9a-f]{64}$/);
    expect(text).toContain(`\n           ${json.infoHashV2} (v2)\n`);
  });

  it('is written in pieces, however many files it has', () => {
    const files = Array.from({ length: 20_000 }, (_, index) => ({ length: 1, path: [`${index}`] }));
    const { parts, json, text } = shown(folderOf('d', files, 20_000));
    expect(json.files).toHaveLength(20_000);
    expect(json.files.at(-1)).toEqual({ path: 'd/19999', lengthBytes: 1 });
    expect(text).toContain('  d/19999\n');
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThan(64 * 1_024);
  });
});
