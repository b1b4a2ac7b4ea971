import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settlePaths, type WantedPath } from '../../../../src/metainfo/names/settle-paths.js';
import { haveClashes } from '../../../support/torrents/names-on-disk.js';

const platforms = ['linux', 'darwin', 'win32'] as const;
const asItStands = (...path: readonly string[]): WantedPath => ({ path, isMended: false });
const mended = (...path: readonly string[]): WantedPath => ({ path, isMended: true });
const settle = (...wanted: readonly WantedPath[]) =>
  settlePaths(wanted, 'linux').paths.map((path) => path.join('/'));

describe.each(platforms)('paths on %s', (platform) => {
  const name = fc.constantFrom(
    'a',
    'A',
    'b',
    'a (2)',
    'a (3)',
    'A (2)',
    '\u0001',
    'é',
    'e\u0301',
    'ﬀ',
  );
  const path = fc.array(name, { minLength: 1, maxLength: 3 });
  const wanted = fc.array(fc.record({ path, isMended: fc.boolean() }), { maxLength: 12 });

  it('are each their own, whatever is wanted, and always the same', () => {
    fc.assert(
      fc.property(wanted, (files) => {
        const { paths, taken } = settlePaths(files, platform);
        expect(paths).toHaveLength(files.length);
        expect(haveClashes(paths, platform)).toBe(false);
        expect(taken.keys).toHaveLength(files.length);
        expect(settlePaths(files, platform).paths).toEqual(paths);
      }),
      { numRuns: 1_000 },
    );
  });

  it('stay as they are where nothing clashes, whatever of those that were mended does', () => {
    fc.assert(
      fc.property(wanted, (files) => {
        const standing = files.filter(({ isMended }) => !isMended).map((file) => file.path);
        fc.pre(!haveClashes(standing, platform));
        const { paths } = settlePaths(files, platform);
        expect(paths.filter((_, index) => !files[index]?.isMended)).toEqual(standing);
      }),
      { numRuns: 1_000 },
    );
  });
});

it('numbers those that come again, in their order', () => {
  expect(
    settle(asItStands('a.txt'), asItStands('a.txt'), asItStands('b'), asItStands('a.txt')),
  ).toEqual(['a.txt', 'a (2).txt', 'b', 'a (3).txt']);
});

it('passes over numbers that are taken', () => {
  expect(
    settle(asItStands('a'), asItStands('a (2)'), asItStands('a'), asItStands('a (3)', 'x')),
  ).toEqual(['a', 'a (2)', 'a (4)', 'a (3)/x']);
});

it('lets the file give way to the folder of its name, wherever it stands', () => {
  expect(settle(asItStands('a'), asItStands('a', 'b'))).toEqual(['a (2)', 'a/b']);
  expect(settle(asItStands('a', 'b'), asItStands('a!'), asItStands('a'))).toEqual([
    'a/b',
    'a!',
    'a (2)',
  ]);
});

it('lets what was mended give way to what was not, though it stands before it', () => {
  expect(settle(mended('_'), asItStands('_'))).toEqual(['_ (2)', '_']);
});

it('moves all of a mended folder where a file has its name, and keeps it together', () => {
  expect(
    settle(
      asItStands('_'),
      asItStands('_ (2)'),
      asItStands('_ (3)', 'x'),
      mended('_', 'a'),
      mended('_', 'b', 'c'),
      mended('_', 'a'),
    ),
  ).toEqual(['_', '_ (2)', '_ (3)/x', '_ (4)/a', '_ (4)/b/c', '_ (4)/a (2)']);
});

it('tells upper case from lower on Linux, and not where the disk does not', () => {
  const wanted = [
    asItStands('Read', 'me'),
    asItStands('read', 'ME'),
    asItStands('é'),
    asItStands('e\u0301'),
  ];
  expect(settlePaths(wanted, 'linux').paths).toEqual(wanted.map(({ path }) => path));
  for (const platform of ['darwin', 'win32'] as const) {
    expect(settlePaths(wanted, platform).paths).toEqual([
      ['Read', 'me'],
      ['read', 'ME (2)'],
      ['é'],
      ['e\u0301 (2)'],
    ]);
  }
});

it('compares paths of a hundred thousand names name by name, without a copy of every folder’s path', () => {
  const deep = Array.from({ length: 100_000 }, () => 'a');
  const { paths } = settlePaths([asItStands(...deep), asItStands(...deep, 'b')], 'linux');
  expect(paths[0]?.at(-1)).toBe('a (2)');
});

it.each<[string, readonly WantedPath[]]>([
  ['one path', Array.from({ length: 20_000 }, () => asItStands('a'))],
  [
    'one path, and all its numbers are taken',
    Array.from({ length: 20_000 }, (_, index) =>
      asItStands(index % 2 ? `a (${(index + 3) / 2})` : 'a'),
    ),
  ],
  [
    'a folder that was mended, and all its numbers are taken',
    Array.from({ length: 20_000 }, (_, index) =>
      index % 2
        ? asItStands(index === 1 ? '_' : `_ (${(index + 1) / 2})`)
        : mended('_', `${index}`),
    ),
  ],
])('settles twenty thousand of %s', (_, wanted) => {
  const { paths, taken } = settlePaths(wanted, 'linux');
  expect(new Set(paths.map((path) => path.join('/'))).size).toBe(wanted.length);
  expect(taken.keys).toHaveLength(wanted.length);
});
