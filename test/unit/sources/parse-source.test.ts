import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HelperError } from '../../../src/errors.js';
import { parseSource } from '../../../src/sources/parse-source.js';

const infoHash = '0123456789abcdef0123456789abcdef01234567';
const otherHash = 'f'.repeat(40);
// The same 20 bytes as `infoHash`.
const base32 = 'AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH';
const magnet = (parameters: string) => parseSource(`magnet:?${parameters}`);
const xt = `xt=urn:btih:${infoHash}`;

describe('parseSource', () => {
  it.each(['http://host/a.torrent', 'HTTPS://user:pass@host:8080/a?b#c'])(
    'takes %s for a URL',
    (text) => {
      expect(parseSource(text)).toEqual({ kind: 'http', url: new URL(text) });
    },
  );

  it.each([
    'a.torrent',
    '/srv/a.torrent',
    'http:',
    'c:x',
    ' http://host',
    `./${infoHash}`,
    'a:/b',
    `${infoHash}0`,
  ])('takes %j for a path, as it stands', (text) => {
    expect(parseSource(text)).toEqual({ kind: 'file', path: text });
  });

  it.each([infoHash, infoHash.toUpperCase(), base32, base32.toLowerCase()])(
    'takes %s for an info hash',
    (text) => {
      expect(parseSource(text)).toEqual({
        kind: 'magnet',
        infoHash,
        trackers: [],
        peers: [],
        sources: [],
      });
    },
  );

  it.each([
    '',
    'a\0b',
    'ftp://host/a',
    'file:///srv/a.torrent',
    'udp://host:1',
    'http://',
    'http://a b/',
  ])('refuses %j', (text) => {
    expect(() => parseSource(text)).toThrow(expect.objectContaining({ code: 'SOURCE_INVALID' }));
  });

  it('says that a file is named by its path', () => {
    expect(() => parseSource('file:///a')).toThrow(/path alone/);
  });

  it('takes any text, or refuses it with a code', () => {
    const start = fc.constantFrom(
      '',
      'magnet:?',
      `magnet:?${xt}&`,
      'http://',
      'https://',
      'MAGNET:',
    );
    const rest = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'xtrdnpe=&%2.:+[]urn:btih') }),
    );
    fc.assert(
      fc.property(start, rest, (before, after) => {
        try {
          parseSource(before + after);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(HelperError);
        }
      }),
    );
  });
});

describe('parseSource of a magnet link', () => {
  it('finds the info hash in hex or base32, in either case', () => {
    for (const hash of [infoHash, infoHash.toUpperCase(), base32, base32.toLowerCase()]) {
      expect(magnet(`xt=urn:btih:${hash}`)).toEqual({
        kind: 'magnet',
        infoHash,
        trackers: [],
        peers: [],
        sources: [],
      });
    }
    expect(parseSource(`MAGNET:?XT=urn:btih:${infoHash}`)).toMatchObject({ infoHash });
  });

  it('finds the name, each tracker as a tier, and the peers', () => {
    const tr = encodeURIComponent('http://host/announce?key=a b');
    expect(
      magnet(
        `${xt}&dn=a%20b+c&tr=${tr}&tr.1=udp://host:1&tr=${tr}&x.pe=10.0.0.1:6881&x.pe=%5B::1%5D:1`,
      ),
    ).toEqual({
      kind: 'magnet',
      infoHash,
      name: 'a b c',
      trackers: [['http://host/announce?key=a b'], ['udp://host:1']],
      peers: ['10.0.0.1:6881', '[::1]:1'],
      sources: [],
    });
  });

  it('finds where the .torrent is on the web, and which files are meant', () => {
    const urls = ['http://a/x?y=1', 'https://b/x', 'http://c', 'http://d', 'http://e'];
    const [first = '', second = '', ...rest] = urls.map(encodeURIComponent);
    const passedOver = ['urn:btih:x', 'dht:1', 'file:///etc/passwd', 'ftp://a', 'a', ''];
    const parameters = [
      ...passedOver.map((value) => `xs=${encodeURIComponent(value)}`),
      ...[`xs=${first}`, `as=${second}`, `xs.1=${first}`, ...rest.map((url) => `as=${url}`)],
      'so=0,2,4-8',
    ];
    expect(magnet(`${xt}&${parameters.join('&')}`)).toEqual({
      kind: 'magnet',
      infoHash,
      trackers: [],
      peers: [],
      sources: ['http://a/x?y=1', 'https://b/x', 'http://c', 'http://d'],
      selection: '0,2,4-8',
    });
  });

  it('passes over what it cannot use', () => {
    expect(
      magnet(
        `${xt}&dn=&tr=&tr=host&tr=ftp://h&tr=%&x.pe=a&x.pe=a:0&x.pe=a:65536&x.pe=:1&x.pe=a%00:1&so=&xs=&=&&%&__proto__=1`,
      ),
    ).toEqual({ kind: 'magnet', infoHash, trackers: [], peers: [], sources: [] });
  });

  it('keeps no more trackers and peers than a bound', () => {
    const many = Array.from(
      { length: 2000 },
      (_, n) => `&tr=http://h${n}/&x.pe=h${n}:1&x.pe=10.0.0.1:${n}`,
    ).join('');
    const source = magnet(xt + many);
    expect(source).toMatchObject({ kind: 'magnet' });
    if (source.kind !== 'magnet') return;
    expect(source.trackers).toHaveLength(32);
    expect(source.peers).toHaveLength(100);
    expect(source.peers.filter((peer) => peer.startsWith('h'))).toHaveLength(8);
  });

  it('takes the v1 hash of a hybrid torrent', () => {
    expect(magnet(`xt=urn:btmh:1220${'a'.repeat(64)}&${xt}`)).toMatchObject({ infoHash });
  });

  it('takes one torrent named twice', () => {
    expect(magnet(`${xt}&xt=urn:btih:${base32}`)).toMatchObject({ infoHash });
  });

  it('refuses one for BitTorrent v2 alone', () => {
    expect(() => magnet(`xt=urn:btmh:1220${'a'.repeat(64)}`)).toThrow(
      expect.objectContaining({ code: 'METAINFO_UNSUPPORTED' }),
    );
  });

  it.each([
    '',
    'dn=x',
    'xt=',
    'xt=urn:sha1:x',
    `xt=urn:btih:${infoHash}0`,
    'xt=urn:btih:',
    `${xt}&xt=urn:btih:${otherHash}`,
  ])('refuses magnet:?%s', (parameters) => {
    expect(() => magnet(parameters)).toThrow(expect.objectContaining({ code: 'SOURCE_INVALID' }));
  });
});
