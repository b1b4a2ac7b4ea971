// What stands after `torrent:`: URLs, magnet links, info hashes, paths.
import { HelperError } from '../../../src/errors.js';
import { parseSource, type Source } from '../../../src/sources/parse-source.js';
import { mutateBytes } from '../mutate/mutate-bytes.js';
import { check, pure, type Target } from '../target.js';

const hex = '0123456789abcdef0123456789ABCDEF01234567';
const base32 = 'abcdefghijklmnopqrstuvwxyz234567';

export const sources: Target = {
  name: 'sources',
  about: 'URLs, magnet links, info hashes and paths after torrent:',
  samples: () =>
    [
      `magnet:?xt=urn:btih:${hex}&dn=a%20b+c&tr=http%3A%2F%2F127.0.0.1%3A1%2Fannounce&tr.2=udp://[::1]:2`,
      `magnet:?xt.1=urn:btih:${base32}&xt.2=urn:btmh:1220${'ab'.repeat(32)}&x.pe=127.0.0.1:6881&x.pe=[::1]:1`,
      `MAGNET:?XT=URN:BTIH:${hex}&x.pe=host.example:65535&ws=http://127.0.0.1/`,
      `magnet:?xt=urn:btih:${hex}&xs=http%3A%2F%2Fa%2Fb%3Fc&as=https://[::1]/&xs=urn:btih:${hex}&so=0,2-4`,
      ...[hex, base32, 'folder/a.torrent', '/srv/a.torrent', 'C:\\a.torrent'],
      'http://user:pa%40ss@127.0.0.1:80/a.torrent?key=secret#part',
      'https://[::1]/\u00fc.torrent',
      'file:///srv/a.torrent',
    ].map((text) => Buffer.from(text)),
  mutate: mutateBytes([
    ...['magnet:?', 'xt=', 'urn:btih:', 'urn:btmh:', '&', 'tr=', 'tr.9=', 'x.pe=', 'dn=', '%00'],
    ...['xs=', 'as=', 'so='],
    ...['%', '%ff', '+', '://', 'http://', '@', '#', '[', ']', hex, base32, '127.0.0.1:0', '\0'],
  ]),
  open: pure((bytes) => {
    const source = parse(Buffer.from(bytes).toString());
    if (source?.kind === 'http') {
      check(/^https?:$/.test(source.url.protocol), () => 'a URL is not one of HTTP');
    }
    if (source?.kind === 'magnet') {
      check(/^[0-9a-f]{40}$/.test(source.infoHash), () => 'an info hash is none');
      check(
        source.trackers.flat().every((url) => URL.canParse(url)),
        () => 'an announce URL is none',
      );
      check(
        source.peers.every((peer) => /^\S+:\d{1,5}$/.test(peer)),
        () => 'a peer is none',
      );
      check(
        source.sources.length <= 4 && source.sources.every((url) => /^https?:/i.test(url.trim())),
        () => 'a place on the web is none',
      );
      check(source.trackers.length <= 32 && source.peers.length <= 100, () => 'too many are kept');
    }
  }),
};

function parse(text: string): Source | undefined {
  try {
    return parseSource(text);
  } catch (thrown) {
    const isExpected =
      thrown instanceof HelperError && /^(SOURCE_INVALID|METAINFO_UNSUPPORTED)$/.test(thrown.code);
    if (!isExpected) throw thrown;
    return undefined;
  }
}
