// No secret is left in a text, wherever it stands, and what a developer needs is.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from '../../../../src/inspection/observe/redact.js';

const infoHash = '59aa2c0d1d7e7a44c96f25c60bf7157be1bcfd35';
const hex = 'd41d8cd98f00b204e9800998ecf8427e';

describe('a text without its secrets', () => {
  it.each([
    ['/srv/files/Debian 12 (amd64).iso', 'a path'],
    ['C:\\Users\\eva\\debian-12.5.0-amd64-netinst.iso.torrent', 'a path of Windows'],
    ['http://127.0.0.1:6969/announce', 'a tracker of everybody'],
    ['udp://tracker.example.org:1337/announce', 'a tracker over UDP'],
    ['https://[2001:db8::1]:8080/announce.php', 'a tracker by its address'],
    ['https://example.org/isos/debian-12.5.0-amd64-netinst.iso', 'a web seed'],
    ['https://example.org/The%20Big%20Buck%20Bunny/file_01.mkv?part=2', 'a web seed of words'],
    [`magnet:?xt=urn:btih:${infoHash}&dn=a%20file.iso&xl=12&x.pe=10.0.0.1:6881`, 'a magnet link'],
    [`joined ${infoHash}`, 'an info hash'],
    ['xstate.done.actor.0.torrent.active.making', 'an event'],
    ['the passkey debian-12.5.0 was not found', 'what a tracker says'],
    ['what is this? I do not know, 100 % done: a = b', 'a sentence'],
    [
      `http://t.example/announce?info_hash=%12%34%ab&peer_id=-WW0001-abc&port=6881&left=0`,
      'what an announce says',
    ],
  ])('stays as it is where it has none: %s (%s)', (text) => {
    expect(redact(text)).toBe(text);
  });

  it.each([
    [`http://t.example/${hex}/announce`, 'http://t.example/‹secret›/announce'],
    [`https://t.example/announce/${hex}`, 'https://t.example/announce/‹secret›'],
    [
      `https://t.example/announce.php?passkey=abc`,
      'https://t.example/announce.php?passkey=‹secret›',
    ],
    [
      `https://t.example/a/b.php?id=12&authkey=word&x=`,
      'https://t.example/a/b.php?id=12&authkey=‹secret›&x=',
    ],
    [`https://t.example/rss;jsession?${hex}`, 'https://t.example/rss;jsession?‹secret›'],
    ['ftp://eva:hunter2@files.example:21/a.iso', 'ftp://‹secret›@files.example:21/a.iso'],
    ['http://eva:hun/ter2@files.example/a.iso', 'http://eva:‹secret›/‹secret›/a.iso'],
    ['udp://t.example:80/q1w2e3', 'udp://t.example:80/‹secret›'],
    [
      `https://s3.example/b/a.iso?X-Amz-Signature=${hex}&part=1`,
      'https://s3.example/b/a.iso?X-Amz-Signature=‹secret›&part=1',
    ],
    ['https://a.example/#access_token=abc', 'https://a.example/#access_token=‹secret›'],
    [`https://a.example/dl/${hex}/a.iso`, 'https://a.example/dl/‹secret›/a.iso'],
    ['https://a.example/dl/Zx9Kq2Lm4Np8Rt6Vw1Yb/a.iso', 'https://a.example/dl/‹secret›/a.iso'],
    ['https://a.example/dl/123e4567-e89b-12d3-a456-426614174000', 'https://a.example/dl/‹secret›'],
    [
      `magnet:?xt=urn:btih:${infoHash}&tr=http%3A%2F%2Ft.example%2F${hex}%2Fannounce&tr.1=udp%3A%2F%2Fu.example%3A80`,
      `magnet:?xt=urn:btih:${infoHash}&tr=http%3A%2F%2Ft.example%2F‹secret›%2Fannounce&tr.1=udp%3A%2F%2Fu.example%3A80`,
    ],
    [`404 for /${hex}/announce, sorry`, '404 for /‹secret›/announce, sorry'],
    ['GET /announce?passkey=abc HTTP/1.1', 'GET /announce?passkey=‹secret› HTTP/1.1'],
    ['Cookie: uid=1; pass=2\r\nHost: t.example', 'Cookie: ‹secret›\r\nHost: t.example'],
    ['authorization: Basic ZXZhOmh1bnRlcjI=\nnext', 'authorization: ‹secret›\nnext'],
    ['{"passkey":"abc","left":0}', '{"passkey":"‹secret›","left":0}'],
    ['sent Bearer abc.def-ghi to it', 'sent Bearer ‹secret› to it'],
    [`'passkey ${hex} not found'`, `'passkey ‹secret› not found'`],
    ['https://a.example/dl/qwertyuiopasdfghjklzxcvbnmqwerty/a', 'https://a.example/dl/‹secret›/a'],
    [`(see https://t.example/announce?k=${hex}).`, '(see https://t.example/announce?k=‹secret›).'],
    [
      `https%3A%2F%2Ft.example%2Fa%3Ftoken%3Dabc failed`,
      'https%3A%2F%2Ft.example%2Fa%3Ftoken%3D‹secret› failed',
    ],
    [
      'https://proxy.example/?to=https%3A%2F%2Feva%3Apw%40t.example%2Fa',
      'https://proxy.example/?to=https%3A%2F%2F‹secret›%40t.example%2Fa',
    ],
  ])('%s', (text, shown) => {
    expect(redact(text)).toBe(shown);
    expect(redact(shown)).toBe(shown);
  });

  const letters = (alphabet: string, minLength: number, maxLength: number) =>
    fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
  const hexDigits = '0123456789abcdef';
  const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  /** What trackers give to each of their users. */
  const passkey = fc
    .oneof(letters(hexDigits, 32, 40), letters(alphanumeric, 16, 40))
    .map((key) => `7${key}f`);
  const password = letters(`${alphanumeric}!$*_-.`, 8, 20);
  const host = letters('abcdefghij', 3, 8).map((name) => `${name}.example`);
  const place = fc.constantFrom<(secret: string, host: string) => string>(
    (secret, at) => `http://${at}:2710/${secret}/announce`,
    (secret, at) => `https://${at}/announce.php/${secret}`,
    (secret, at) => `https://${at}/announce?passkey=${secret}&left=1`,
    (secret, at) => `https://${at}/x?torrent_pass=${secret}`,
    (secret, at) => `https://${at}/x?${secret}`,
    (secret, at) => `https://user:${secret}@${at}/x/y.torrent`,
    (secret, at) => `wss://${at}/${secret}`,
    (secret, at) =>
      `magnet:?xt=urn:btih:${infoHash}&tr=${encodeURIComponent(`udp://${at}:1/${secret}/announce`)}`,
    (secret, at) =>
      `https://${at}/?u=${encodeURIComponent(`magnet:?tr=${encodeURIComponent(`http://${at}/${secret}/announce`)}`)}`,
    (secret, at) => `host: ${at}\nCookie: pass=${secret}\r\n`,
    (secret, at) => `${at} Authorization=Bearer ${secret}`,
    (secret, at) => `${at} token=${secret}`,
  );
  const around = fc.constantFrom('', ' ', '"', "'", '(', '\n', 'ä ', 'torrent:', '<');

  it('has none left, whatever is around them', () => {
    fc.assert(
      fc.property(passkey, host, place, around, around, (secret, at, write, before, after) => {
        const shown = redact(`${before}${write(secret, at)}${after}`);
        expect(shown).not.toContain(secret.slice(1, -1));
        expect(shown).toContain(at);
        expect(redact(shown)).toBe(shown);
      }),
      { numRuns: 400 },
    );
  });

  it('has no password of a URL left', () => {
    fc.assert(
      fc.property(password, host, (secret, at) => {
        const shown = redact(`http://me:${secret}@${at}/file and http://${secret}@${at}/`);
        expect(shown).not.toContain(secret);
        expect(shown).toContain(`@${at}/file`);
      }),
      { numRuns: 100 },
    );
  });
});
