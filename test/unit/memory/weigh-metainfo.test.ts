import { describe, expect, it } from 'vitest';
import { weighMetainfo } from '../../../src/memory/weigh-metainfo.js';
import { bencode } from '../../support/torrents/bencode.mjs';

const perValue = 48;

describe('what metainfo weighs', () => {
  it('is hardly more than its bytes where these are hashes', () => {
    const bytes = bencode({ info: { name: 'a', pieces: Buffer.alloc(20_000, 'e1:i') } });
    expect(weighMetainfo(bytes)).toBeGreaterThan(bytes.length);
    expect(weighMetainfo(bytes)).toBeLessThan(bytes.length + 20 * perValue);
  });

  it('is what its names become where it has many', () => {
    const path = ['a', 'bb', 'ccc'];
    const files = Array.from({ length: 1_000 }, () => ({ length: 1, path }));
    const bytes = bencode({ info: { files } });
    expect(weighMetainfo(bytes)).toBeGreaterThan(bytes.length + 1_000 * 8 * perValue);
    expect(weighMetainfo(bytes)).toBeLessThan(bytes.length + 1_000 * 10 * perValue);
  });

  it.each(['', 'x', 'l', 'i', '5', '5:', '99999999999999999999:', '1x:', 'i5', 'd1:ae', '-1:'])(
    'ends for %j, which is no metainfo',
    (text) => {
      expect(weighMetainfo(Buffer.from(text))).toBeGreaterThanOrEqual(text.length);
    },
  );
});
