// The magnet link of a torrent (BEP 9): its info hash, name and trackers as one URI of printable ASCII.
import type { Metainfo } from './metainfo.js';

export function magnetLink(
  { infoHash, name }: Pick<Metainfo, 'infoHash' | 'name'>,
  announce: readonly (readonly string[])[],
): string {
  const trackers = announce.flat().map((url) => `&tr=${encodeURIComponent(url)}`);
  return `magnet:?xt=urn:btih:${infoHash}&dn=${encodeURIComponent(name)}${trackers.join('')}`;
}
