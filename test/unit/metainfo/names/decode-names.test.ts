import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chooseNameDecoder,
  decodeUtf8,
  type RawName,
  toName,
} from '../../../../src/metainfo/names/decode-names.js';

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

describe('names that are not UTF-8', () => {
  const raw = (...hex: readonly string[]): readonly RawName[] =>
    hex.map((digits) => {
      const name = toName(Buffer.from(digits, 'hex'));
      if (typeof name === 'string') throw new Error(`${digits} is UTF-8`);
      return name;
    });
  const read = (names: readonly RawName[], encoding?: string) => {
    const { label, isGuess, decode } = chooseNameDecoder(names, encoding);
    return { label, isGuess, names: names.map(decode) };
  };

  it('are in the encoding that the torrent names, in whatever way it is written', () => {
    const names = raw('83658358835e', 'b1b2');
    const expected = { label: 'shift_jis', isGuess: false, names: ['テスタ', 'ｱｲ'] };
    expect(read(names, 'Shift_JIS')).toEqual(expected);
    expect(read(names, ' SJIS ')).toEqual(expected);
    expect(read(raw('d6d0cec4'), 'GBK').names).toEqual(['中文']);
    expect(read(raw('cff0e8e2e5f2'), 'CP1251').names).toEqual(['Привет']);
  });

  it.each([
    ['names none', undefined],
    ['names one that is none', 'utf-9'],
    ['names one as long as a book', 'x'.repeat(1_000_000)],
    ['says that they are UTF-8', 'UTF-8'],
    ['says that they are UTF-16', 'utf-16le'],
    ['names one that one of them is not in', 'shift_jis'],
  ])('are taken for windows-1252 where the torrent %s', (_, encoding) => {
    expect(read(raw('e974e9', '83ff'), encoding)).toEqual({
      label: 'windows-1252',
      isGuess: true,
      names: ['été', 'ƒÿ'],
    });
  });

  it('are read in windows-1252 in the same way by every version of Node', () => {
    const all = Array.from({ length: 128 }, (_, index) => (0x80 + index).toString(16)).join('');
    const { label, isGuess, names } = read(raw(all), 'iso-8859-1');
    expect({ label, isGuess }).toEqual({ label: 'windows-1252', isGuess: false });
    expect(names[0]).toHaveLength(128);
    expect(names[0]?.slice(0, 5)).toBe('€\u0081‚ƒ„');
    expect(names[0]?.slice(31)).toBe(
      `Ÿ${String.fromCharCode(...Array.from({ length: 96 }, (_, index) => 0xa0 + index))}`,
    );
  });
});
