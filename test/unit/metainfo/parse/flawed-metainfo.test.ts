// Torrents as people have them: what is flawed or cannot stand on a disk is read over or mended, and said.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HelperError } from '../../../../src/errors.js';
import { encodeTorrentFile } from '../../../../src/metainfo/create/write-torrent-file.js';
import {
  type Bencodable,
  Bencoded,
  encodeBencode,
} from '../../../../src/metainfo/encode-bencode.js';
import type { Metainfo } from '../../../../src/metainfo/metainfo.js';
import { parseInfo, parseMetainfo } from '../../../../src/metainfo/parse/parse-metainfo.js';
import {
  type Fields,
  file,
  folder,
  KiB,
  single,
  torrent,
} from '../../../support/torrents/info-dictionary.js';
import { haveClashes, isNameOnDisk } from '../../../support/torrents/names-on-disk.js';

const origin = '/tmp/some.torrent';
const big = file(['big'], 40 * KiB);

function read(info: Bencodable, changes: Fields = {}, platform: NodeJS.Platform = 'linux') {
  return parseMetainfo(torrent(info, changes), origin, platform);
}

/** Of all but `big`, which comes last. */
function pathsOf({ files }: Metainfo): readonly string[] {
  return files.slice(0, -1).map(({ path }) => path.join('/'));
}

function mend(files: readonly Fields[], platform: NodeJS.Platform = 'linux'): readonly string[] {
  return pathsOf(read(folder([...files, big]), {}, platform));
}

const remark = (code: string, message: string) => ({
  code,
  message: expect.stringContaining(message),
});

describe('metainfo with flaws that no hash covers', () => {
  const good = Buffer.from(torrent(single(), { announce: 'http://a/' })).toString('latin1');
  const flawed = (text: string) => parseMetainfo(Buffer.from(text, 'latin1'), origin);
  const infoHash = createHash('sha1').update(encodeBencode(single())).digest('hex');

  it.each<[string, string, string]>([
    ['a line end behind it', `${good}\n`, 'trailing bytes'],
    ['text behind it', `${good}<!-- served by example.org -->`, 'trailing bytes'],
    ['a date that is padded', good.replace(/^d/, 'd13:creation datei0001e'), 'needless zero'],
    [
      'a date beyond counting',
      good.replace(/^d/, `d13:creation datei${'9'.repeat(30)}e`),
      'too large',
    ],
    ['a date with a fraction', good.replace(/^d/, 'd13:creation datei1.5e'), 'or none'],
    ['a key twice', good.replace(/^d/, 'd7:comment1:a7:comment1:b'), 'twice'],
  ])('is used though it has %s, and says so', (_, text, flaw) => {
    const metainfo = flawed(text);
    expect(metainfo.infoHash).toBe(infoHash);
    expect(metainfo.announce).toEqual([['http://a/']]);
    expect(metainfo.remarks).toEqual([remark('METAINFO_FLAWED', flaw)]);
    expect(flawed(good).remarks).toEqual([]);
  });

  it('has the trackers that come first', () => {
    expect(flawed(good.replace(/^d/, 'd8:announce9:http://b/')).announce).toEqual([['http://b/']]);
  });

  it('is said to have them in one sentence, however many they are', () => {
    const { remarks } = flawed(`${good.replace(/^d/, 'd1:ai01e1:bli01ei02ee')}\n`);
    expect(remarks).toEqual([remark('METAINFO_FLAWED', '4 flaws')]);
  });

  it.each<[string, string]>([
    ['a second info dictionary', good.replace(/e$/, '4:infodee')],
    ['a key twice in its info dictionary', good.replace('4:infod', '4:infod1:a0:1:a0:')],
    ['a padded number in its info dictionary', good.replace('4:infod', '4:infod1:ai01e')],
    ['a number beyond counting in it', good.replace('4:infod', `4:infod1:ai${'9'.repeat(30)}e`)],
  ])('is refused if it has %s', (_, text) => {
    expect(() => flawed(text)).toThrow(expect.objectContaining({ code: 'METAINFO_INVALID' }));
  });

  it('is refused if bytes follow an info dictionary that came from the swarm', () => {
    const info = Buffer.concat([encodeBencode(single()), Buffer.from('\n')]);
    expect(() => parseInfo(info, [], 'magnet link')).toThrow(
      expect.objectContaining({ code: 'METAINFO_INVALID' }),
    );
  });
});

describe('names that cannot stand on a disk', () => {
  it.each<[string, Bencodable, string]>([
    ['an empty name', ['a', ''], 'a/_'],
    ['"." and ".."', ['.', '..', 'a'], '_/__/a'],
    ['slashes', ['../../etc', '/passwd'], '.._.._etc/_passwd'],
    ['a NUL', ['a\0', 'b'], 'a_/b'],
    ['bytes that are not UTF-8', [Uint8Array.of(0x61, 0xff)], 'aÿ'],
  ])('are mended: %s', (_, path, expected) => {
    const metainfo = read(folder([file(path), big]));
    expect(pathsOf(metainfo)).toEqual([expected]);
    expect(metainfo.remarks).toEqual([remark('NAMES_MENDED', expected)]);
  });

  it('are said in one sentence with their number, and what became of the first', () => {
    const metainfo = read(folder([file(['a/b']), file(['..']), big], { name: 'c/d' }));
    expect(metainfo.name).toBe('c_d');
    expect(metainfo.remarks).toEqual([
      remark(
        'NAMES_MENDED',
        "3 names in the torrent cannot stand on this disk as written, the first: 'c/d', here 'c_d'",
      ),
    ]);
  });

  it.each(['', '.', '..', '/', '../..'])(
    'leave the torrent its info hash for a name if it is %j, so that two of them do not meet',
    (name) => {
      const metainfo = read(single({ name }));
      const expected = name === '../..' ? '.._..' : metainfo.infoHash;
      expect(metainfo.name).toBe(expected);
      expect(read(single({ name: '_' })).name).toBe('_');
    },
  );

  it('are cut where they are too long, and keep their ending', () => {
    const name = `${'ü'.repeat(200)}.tar`;
    const metainfo = read(single({ name }));
    expect(metainfo.name).toMatch(/^ü{121}~[0-9a-f]{8}\.tar$/);
    expect(metainfo.remarks).toEqual([remark('NAMES_MENDED', ', cut')]);
  });

  it('give way where they come twice, and where one is the folder of another', () => {
    expect(mend([file(['a']), file(['a']), file(['b']), file(['b', 'c'])])).toEqual([
      'a',
      'a (2)',
      'b (2)',
      'b/c',
    ]);
    expect(read(folder([file(['a']), file(['a']), big])).remarks).toEqual([
      remark('NAMES_MENDED', "'a', here 'a (2)'"),
    ]);
  });

  it('give way to names that can stand, before them and behind them', () => {
    expect(mend([file(['a/b']), file(['a_b'])])).toEqual(['a_b (2)', 'a_b']);
  });

  it('are mended on Windows and macOS where these alone take them for others', () => {
    const files = [file(['con']), file(['what?']), file(['dot.']), file(['Read']), file(['read'])];
    expect(mend(files)).toEqual(['con', 'what?', 'dot.', 'Read', 'read']);
    expect(mend(files, 'darwin')).toEqual(['con', 'what?', 'dot.', 'Read', 'read (2)']);
    expect(mend(files, 'win32')).toEqual(['_con', 'what_', 'dot_', 'Read', 'read (2)']);
  });

  it('need not be there for padding (BEP 47)', () => {
    const padding = { length: 6 * KiB, attr: 'p' };
    const metainfo = read(folder([file(['a'], 10 * KiB), padding, file(['b'], 24 * KiB)]));
    expect(
      metainfo.files.map(({ isPadding, offsetBytes }) => ({ isPadding, offsetBytes })),
    ).toEqual([
      { offsetBytes: 0 },
      { isPadding: true, offsetBytes: 10 * KiB },
      { offsetBytes: 16 * KiB },
    ]);
    expect(metainfo.remarks).toEqual([]);
    expect(() => read(folder([{ length: 1 }, big]))).toThrow('no path');
  });

  it('are those of the list where a length stands beside it', () => {
    expect(read(single({ files: [{ path: ['a'], length: 40 * KiB }] })).files).toEqual([
      { path: ['a'], lengthBytes: 40 * KiB, offsetBytes: 0 },
    ]);
  });
});

describe('names that are not UTF-8', () => {
  const sjis = Uint8Array.from(Buffer.from('83658358835e', 'hex'));
  const info = folder([file([sjis, 'plain']), big], { name: sjis });

  it('are read in the encoding that the torrent names, and so again when it is written and read', () => {
    const metainfo = read(info, { encoding: 'Shift_JIS' });
    expect(metainfo).toMatchObject({ name: 'テスタ', encoding: 'shift_jis' });
    expect(pathsOf(metainfo)).toEqual(['テスタ/plain']);
    expect(metainfo.remarks).toEqual([remark('NAMES_MENDED', 'read as shift_jis')]);
    const again = parseMetainfo(encodeTorrentFile(metainfo, []), origin);
    expect(again).toEqual(metainfo);
  });

  it('are taken for windows-1252 without, which is said to be a guess, and so again', () => {
    const metainfo = parseInfo(encodeBencode(info), [], 'magnet link');
    expect(metainfo).toMatchObject({ name: 'ƒeƒXƒ^', encoding: undefined });
    expect(metainfo.remarks).toEqual([remark('NAMES_MENDED', 'windows-1252, which is a guess')]);
    expect(parseMetainfo(encodeTorrentFile(metainfo, []), origin)).toEqual(metainfo);
  });

  it('are of no account where the UTF-8 stands beside them, unless that is none', () => {
    const entry = { path: [sjis], length: 0 };
    const better = read(
      folder([{ ...entry, 'path.utf-8': ['テ'] }, big], { name: sjis, 'name.utf-8': 'ス' }),
      { encoding: 'Shift_JIS' },
    );
    expect(better).toMatchObject({ name: 'ス', remarks: [], encoding: undefined });
    expect(pathsOf(better)).toEqual(['テ']);
    for (const odd of [7, [], [7], [sjis], 'x']) {
      expect(mend([{ path: ['plain'], length: 0, 'path.utf-8': odd }])).toEqual(['plain']);
    }
    expect(read(single({ 'name.utf-8': sjis })).name).toBe('model.bin');
  });

  it('leave those that are UTF-8 as they are, whatever encoding is named', () => {
    const mixed = read(folder([file(['é']), file([sjis]), big]), { encoding: 'Shift_JIS' });
    expect(pathsOf(mixed)).toEqual(['é', 'テスタ']);
  });
});

describe('symbolic links (BEP 47)', () => {
  const link = (path: readonly string[], target?: Bencodable): Fields => ({
    path,
    attr: 'xl',
    'symlink path': target,
  });
  const linksOf = (...files: readonly Fields[]) => {
    const { links, remarks } = read(folder([file(['dir', 'file']), ...files, big]));
    return {
      links: links.map(({ path, target }) => `${path.join('/')} -> ${target.join('/')}`),
      remarks: remarks.map(({ code }) => code),
    };
  };

  it('lead to files and folders of the torrent, hold no bytes, and are no files', () => {
    const { links, files, lengthBytes, remarks } = read(
      folder([
        file(['a', 'b']),
        { ...link(['c'], ['a', 'b']), length: 425 },
        link(['d'], ['a']),
        big,
      ]),
    );
    expect(links).toEqual([
      { path: ['c'], target: ['a', 'b'] },
      { path: ['d'], target: ['a'] },
    ]);
    expect(files.map(({ path }) => path)).toEqual([['a', 'b'], ['big']]);
    expect(lengthBytes).toBe(40 * KiB);
    expect(remarks).toEqual([]);
  });

  it('are followed where one leads through another, to what is no link', () => {
    expect(
      linksOf(
        link(['current'], ['dir']),
        link(['short'], ['current', 'file']),
        link(['s2'], ['short']),
      ),
    ).toEqual({
      links: ['current -> dir', 'short -> dir/file', 's2 -> dir/file'],
      remarks: [],
    });
  });

  it('may be written as seen from their own folder', () => {
    expect(linksOf(link(['dir', 'twin'], ['file']), link(['dir', 'up'], ['..', 'big']))).toEqual({
      links: ['dir/twin -> dir/file', 'dir/up -> big'],
      remarks: [],
    });
  });

  it.each<[string, Fields]>([
    ['out of the torrent', link(['l'], ['..', 'dir', 'file'])],
    ['out of it from a folder', link(['dir', 'l'], ['..', '..', 'big'])],
    ['to an absolute path', link(['l'], ['', 'etc', 'passwd'])],
    ['to an absolute path in one', link(['l'], ['/etc/passwd'])],
    ['to nothing in it', link(['l'], ['gone'])],
    ['below a file', link(['l'], ['big', 'x'])],
    ['to itself', link(['l'], ['l'])],
    ['to its own folder', link(['dir', 'l'], ['dir'])],
    ['to the torrent as a whole', link(['l'], ['.'])],
    ['nowhere', link(['l'])],
    ['to a number', link(['l'], [7])],
    ['to a file, but lie where another file is', link(['big'], ['dir', 'file'])],
    ['to a file, but lie where a folder is', link(['dir'], ['big'])],
    ['to a file, but lie below one', link(['big', 'l'], ['dir', 'file'])],
    ['to what is not UTF-8', link(['l'], [Uint8Array.of(0xff)])],
  ])('are left out, and said, where they lead %s', (_, entry) => {
    expect(linksOf(entry)).toEqual({ links: [], remarks: ['LINKS_SKIPPED'] });
  });

  it('are left out where they lead in a circle, lie below one another or in one place', () => {
    expect(linksOf(link(['x'], ['y']), link(['y'], ['x']))).toEqual({
      links: [],
      remarks: ['LINKS_SKIPPED'],
    });
    expect(linksOf(link(['x'], ['dir']), link(['x', 'y'], ['big']), link(['x'], ['big']))).toEqual({
      links: ['x -> dir'],
      remarks: ['LINKS_SKIPPED'],
    });
  });

  it('lead to where a mended file lies', () => {
    const { links } = read(
      folder([
        file(['a/b', '']),
        file(['a_b', '_']),
        link(['l'], ['a/b', '']),
        link(['m'], ['a/b']),
        big,
      ]),
    );
    expect(links).toEqual([
      { path: ['l'], target: ['a_b', '_ (2)'] },
      { path: ['m'], target: ['a_b'] },
    ]);
  });

  it('have their names mended as files have, which is said', () => {
    const { links, remarks } = read(folder([link(['a/b'], ['big']), big]));
    expect(links).toEqual([{ path: ['a_b'], target: ['big'] }]);
    expect(remarks).toEqual([remark('NAMES_MENDED', "'a/b', here 'a_b'")]);
  });

  it('are settled by the thousand', () => {
    const chain = Array.from({ length: 2_000 }, (_, index) =>
      link([`l${index}`], [index === 0 ? 'big' : `l${index - 1}`]),
    );
    const { links, remarks } = read(folder([...chain, big]));
    expect(links).toHaveLength(9);
    expect(remarks).toEqual([remark('LINKS_SKIPPED', '1991 symbolic links')]);
  });
});

const name = fc.oneof(
  fc.constantFrom(
    'a',
    'A',
    'b',
    'a (2)',
    '_',
    'é',
    'e\u0301',
    'con',
    'x.',
    '..',
    '.',
    '',
    '/',
    'a/b',
    '\0',
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.uint8Array({ maxLength: 4 }),
  fc.integer({ min: 250, max: 260 }).map((length) => 'y'.repeat(length)),
);
const manyFiles = fc.array(
  fc.record({
    path: fc.array(name, { minLength: 1, maxLength: 3 }),
    attr: fc.constantFrom('', '', 'p', 'l', 'x'),
    'symlink path': fc.array(name, { maxLength: 3 }),
  }),
  { maxLength: 8 },
);

describe.each(['linux', 'darwin', 'win32'] as const)('on %s', (platform) => {
  it('every torrent has paths that can stand on the disk, none of them twice, and always the same', () => {
    fc.assert(
      fc.property(manyFiles, name, (files, rootName) => {
        const info = folder([...files.map((each) => ({ length: 0, ...each })), big], {
          name: rootName,
        });
        const metainfo = read(info, {}, platform);
        const real = metainfo.files.filter(({ isPadding }) => !isPadding);
        const paths = [...real, ...metainfo.links].map(({ path }) => path);
        expect(haveClashes(paths, platform)).toBe(false);
        for (const each of [metainfo.name, ...paths.flat()]) {
          expect(isNameOnDisk(each, platform)).toBe(true);
        }
        for (const { target } of metainfo.links) {
          expect(real.some(({ path }) => target.every((each, index) => each === path[index]))).toBe(
            true,
          );
        }
        expect(read(info, {}, platform)).toEqual(metainfo);
      }),
      { numRuns: 100 },
    );
  });

  it('a torrent whose names were accepted before has them as they were, byte for byte', () => {
    const goodName = fc
      .oneof(
        fc.string({ unit: 'binary', maxLength: 4 }),
        fc.constantFrom('a', 'b', 'A', 'é', 'a (2)'),
      )
      .filter((each) => isNameOnDisk(each, platform));
    const goodPath = fc.array(goodName, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(goodPath, { maxLength: 8 }), goodName, (paths, rootName) => {
        const all = [...paths, ['big']];
        fc.pre(!haveClashes(all, platform));
        const metainfo = read(
          folder([...paths.map((path) => file([...path])), big], { name: rootName }),
          {},
          platform,
        );
        expect(metainfo.name).toBe(rootName);
        expect(metainfo.files.map(({ path }) => path)).toEqual(all);
        expect(metainfo.remarks).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

it('throws nothing but HelperError, whatever a byte of a flawed torrent is changed to', () => {
  const flawed = torrent(
    folder(
      [
        file(['a/b', Uint8Array.of(0xff)], 30 * KiB),
        { ...file(['b', '..'], 10 * KiB), attr: 'l', 'symlink path': ['..', 'b'] },
        { attr: 'p', length: 10 * KiB },
      ],
      { name: new Uint8Array() },
    ),
    { encoding: 'gbk', 'creation date': new Bencoded(Buffer.from('i007e')) },
  );
  expect(parseMetainfo(flawed, origin).remarks).toHaveLength(3);
  const change = fc.tuple(
    fc.nat({ max: flawed.length - 1 }),
    fc.constantFrom(...Buffer.from('ilde0129-:/.\xff')),
  );
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const bytes = Uint8Array.from(flawed);
      for (const [index, byte] of changes) bytes[index] = byte;
      try {
        parseMetainfo(bytes, origin);
      } catch (error) {
        expect(error).toBeInstanceOf(HelperError);
      }
    }),
    { numRuns: 500 },
  );
});
