import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mendName, numberName } from '../../../../src/metainfo/names/mend-name.js';
import { isNameOnDisk } from '../../../support/torrents/names-on-disk.js';

const platforms = ['linux', 'darwin', 'win32'] as const;

/** With what platforms stumble over, and around the 255 bytes that they allow. */
const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc
    .array(
      fc.constantFrom(
        '.',
        ' ',
        '/',
        '\\',
        '\0',
        ':',
        'con',
        'COM1',
        'nul',
        'a',
        'é',
        '😀',
        '_',
        '\n',
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.join('')),
  fc
    .tuple(
      fc.constantFrom('a', 'é', '語', '😀', '. ', '/'),
      fc.integer({ min: 50, max: 260 }),
      fc.string(),
    )
    .map(([letter, count, ending]) => `${letter.repeat(count)}.${ending}`),
);

describe.each(platforms)('a name on %s', (platform) => {
  it('is what it was if it can stand on the disk, and one that can if not', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const mended = mendName(name, platform);
        expect(isNameOnDisk(mended, platform)).toBe(true);
        if (isNameOnDisk(name, platform)) expect(mended).toBe(name);
      }),
      { numRuns: 2_000 },
    );
  });

  it('can stand on the disk with a number, and is another with each', () => {
    fc.assert(
      fc.property(anyName, fc.nat(), fc.constantFrom('file', 'folder'), (name, number, kind) => {
        const mended = mendName(name, platform);
        const numbered = numberName(mended, number, kind);
        expect(isNameOnDisk(numbered, platform)).toBe(true);
        expect(numbered).not.toBe(mended);
        expect(numberName(mended, number + 1, kind)).not.toBe(numbered);
      }),
      { numRuns: 1_000 },
    );
  });
});

it.each([
  ['', '_'],
  ['.', '_'],
  ['..', '__'],
  ['/', '_'],
  ['../../etc/passwd', '.._.._etc_passwd'],
  ['a\0b', 'a_b'],
])('has _ in the place of what cannot stand in it: %j', (name, expected) => {
  for (const platform of platforms) expect(mendName(name, platform)).toBe(expected);
});

it.each([
  ['what?.txt', 'what_.txt'],
  ['..\\up', '.._up'],
  ['dot.', 'dot_'],
  ['space ', 'space_'],
  ['...', '.._'],
  ['con', '_con'],
  ['Nul.txt', '_Nul.txt'],
  ['tab\there', 'tab_here'],
])('is mended on Windows for what Windows alone refuses: %j', (name, expected) => {
  expect(mendName(name, 'win32')).toBe(expected);
  expect(mendName(name, 'linux')).toBe(name);
});

it('is cut between characters, keeps its ending, and is told from others that begin alike', () => {
  const long = (ending: string) => mendName(`${'語'.repeat(100)}${ending}`, 'linux');
  expect(long('.mkv')).toMatch(/^語{80}~[0-9a-f]{8}\.mkv$/);
  expect(long('1.mkv')).not.toBe(long('2.mkv'));
  expect(long('')).toMatch(/^語+~[0-9a-f]{8}$/);
  expect(long(`.${'x'.repeat(50)}`)).toMatch(/^語+~[0-9a-f]{8}$/);
  expect(mendName('😀'.repeat(64), 'linux')).toMatch(/^(😀){61}~[0-9a-f]{8}$/u);
});

it('has its number before the ending of a file, and behind the name of a folder', () => {
  expect(numberName('a.tar.gz', 2, 'file')).toBe('a.tar (2).gz');
  expect(numberName('v1.2', 3, 'folder')).toBe('v1.2 (3)');
  expect(numberName('.hidden', 2, 'file')).toBe('.hidden (2)');
  const long = mendName(`${'x'.repeat(300)}.mkv`, 'linux');
  expect(numberName(long, 12, 'file')).toMatch(/^x+~[0-9a-f]{8} \(12\)\.mkv$/);
});
