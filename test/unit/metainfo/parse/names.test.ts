import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkClashes, decodeUtf8 } from '../../../../src/metainfo/parse/names.js';

/** What `checkClashes` is to find, told in the slowest and plainest way. */
function clashes(paths: readonly (readonly string[])[]): boolean {
  return paths.some((path, index) =>
    paths.some(
      (other, otherIndex) => index !== otherIndex && path.every((name, at) => name === other[at]),
    ),
  );
}

it('finds every clash among paths, and none where there is none', () => {
  const name = fc.constantFrom('a', 'b', 'a!', 'A', 'a b', '\u0001', '\u{1f600}', '\uffff');
  const paths = fc.array(fc.array(name, { minLength: 1, maxLength: 3 }), { maxLength: 8 });
  fc.assert(
    fc.property(paths, (candidates) => {
      if (clashes(candidates)) expect(() => checkClashes(candidates, 'linux')).toThrow();
      else checkClashes(candidates, 'linux');
    }),
    { numRuns: 1000 },
  );
});

it('reads UTF-8 exactly, a byte order mark included', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(decodeUtf8(Buffer.from(text))).toBe(text);
    }),
  );
  expect(decodeUtf8(Buffer.from('\ufeffa'))).toBe('\ufeffa');
});

it('reads nothing else', () => {
  for (const bytes of [
    [0xff],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xe2, 0x82],
    [0xf5, 0x80, 0x80, 0x80],
  ]) {
    expect(decodeUtf8(Uint8Array.from(bytes))).toBeUndefined();
  }
});
