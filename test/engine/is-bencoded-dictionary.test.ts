import { describe, expect, it } from 'vitest';
import { isBencodedDictionary } from '../../src/engine/is-bencoded-dictionary.js';

const verdict = (text: string) => isBencodedDictionary(Buffer.from(text, 'latin1'));

describe('isBencodedDictionary', () => {
  it.each([
    'de',
    'd1:md11:ut_metadatai1e6:ut_pexi2eee',
    'd1:rd2:id20:abcdefghij0123456789e1:t2:\xff\x001:y1:re',
    'd1:bi1e1:ai2ee',
  ])('takes %j', (text) => {
    expect(verdict(text)).toBe(true);
  });

  it.each([
    ['a length that leads backwards', 'd1:a-3:xe'],
    ['a key whose length does', 'd-9007199254740991:id1:xe'],
    ['a list that does', 'd1:al-5:ee'],
    ['a list', 'le'],
    ['a string past the end', 'd1:a9:xe'],
    ['nothing', ''],
    ['what follows the dictionary', 'dede'],
    ['nesting without end', 'l'.repeat(100_000)],
  ])('refuses %s', (_, text) => {
    expect(verdict(text)).toBe(false);
  });
});
