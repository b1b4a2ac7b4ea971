import parseTorrent from 'parse-torrent';
import { expect, it } from 'vitest';
import { writeMagnetLink } from '../../../src/metainfo/magnet.js';

const infoHash = '0123456789abcdef0123456789abcdef01234567';

it('carries the info hash, the name and all trackers', () => {
  const announce = [['http://127.0.0.1:6969/announce'], ['udp://127.0.0.1:6969']];
  expect(writeMagnetLink({ infoHash, name: 'model.bin' }, announce)).toBe(
    `magnet:?xt=urn:btih:${infoHash}&dn=model.bin` +
      '&tr=http%3A%2F%2F127.0.0.1%3A6969%2Fannounce&tr=udp%3A%2F%2F127.0.0.1%3A6969',
  );
});

it('is one word of printable ASCII whatever the name, and other programs read the name back', async () => {
  const name = 'a b&dn=c\n%20ü日';
  const link = writeMagnetLink({ infoHash, name }, []);
  expect(link).toMatch(/^[!-~]+$/);
  expect(new URL(link).searchParams.get('dn')).toBe(name);
  expect(await parseTorrent(link)).toMatchObject({ infoHash, name, announce: [] });
});
