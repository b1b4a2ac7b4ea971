// Where metainfo comes from, named by the text after `torrent:`. Nothing is opened or asked here.
import type { GivenMetainfo } from '../../machines/types.js';
import { HelperError } from '../errors.js';
import { bareLink, type MagnetLink, parseInfoHash, parseMagnetLink } from '../metainfo/magnet.js';

export type Source =
  | { readonly kind: 'http'; readonly url: URL }
  | { readonly kind: 'file'; readonly path: string }
  /** It is there already. */
  | { readonly kind: 'bytes'; readonly metainfo: GivenMetainfo }
  | ({ readonly kind: 'magnet' } & MagnetLink);

/**
 * A URL, a magnet link, an info hash (40 hex digits or 32 of base32), or else a path. To name a file that looks like
 * one of the others, write `./` before it.
 *
 * @throws HelperError SOURCE_INVALID, or METAINFO_UNSUPPORTED for a magnet link of BitTorrent v2 alone
 */
export function parseSource(text: string): Source {
  if (text === '' || text.includes('\0')) {
    throw invalid('it is empty or holds a NUL character');
  }
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text) ?? [];
  if (scheme !== undefined) return { kind: 'http', url: parseHttpUrl(text, scheme.toLowerCase()) };
  if (/^magnet:/i.test(text)) return { kind: 'magnet', ...parseMagnetLink(text) };
  const infoHash = parseInfoHash(text);
  if (infoHash !== undefined) return { kind: 'magnet', ...bareLink(infoHash) };
  return { kind: 'file', path: text };
}

function parseHttpUrl(text: string, scheme: string): URL {
  if (scheme === 'file') throw invalid('a file is named by its path alone, without file://');
  if (scheme !== 'http' && scheme !== 'https') {
    throw invalid(
      `of URLs, only http:// and https:// are accepted, not ${scheme}://; a path, a magnet link or an info hash will do too`,
    );
  }
  if (!URL.canParse(text)) throw invalid('the URL is malformed');
  return new URL(text);
}

function invalid(reason: string): HelperError {
  return new HelperError('SOURCE_INVALID', `this is no source of a torrent: ${reason}`);
}
