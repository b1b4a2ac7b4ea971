// The announce URLs of a torrent, by tier (BEP 3, BEP 12). What cannot be announced to is left out without a word:
// a bad tracker does not make a bad torrent.

import { metainfoLimits } from '../../limits.js';
import { BencodeDictionary, type BencodeValue } from '../bencode-values.js';
import { decodeUtf8 } from '../names/decode-names.js';

const announceScheme = /^(https?|udp|wss?):\/\/./i;

/** The tiers of `announce-list`, or the one URL of `announce` where the list is missing or holds none. */
export function parseAnnounceTiers(torrent: BencodeDictionary): readonly (readonly string[])[] {
  const tiers = listOf(torrent.get('announce-list')).map(listOf);
  const listed = chooseAnnounceUrls(tiers);
  return listed.length > 0 ? listed : chooseAnnounceUrls([[torrent.get('announce')]]);
}

/** The first hundred URLs that can be announced to, each once; tiers left empty are dropped. */
function chooseAnnounceUrls(
  tiers: readonly (readonly (BencodeValue | undefined)[])[],
): readonly (readonly string[])[] {
  const seen = new Set<string>();
  const chosen: string[][] = [];
  let seenValues = 0;
  for (const tier of tiers) {
    const urls: string[] = [];
    for (const value of tier) {
      if (
        seen.size === metainfoLimits.announceUrls ||
        seenValues === metainfoLimits.announceEntries
      )
        break;
      seenValues += 1;
      const url = value instanceof Uint8Array ? announceUrl(value) : undefined;
      if (url === undefined || seen.has(url)) continue;
      seen.add(url);
      urls.push(url);
    }
    if (urls.length > 0) chosen.push(urls);
  }
  return chosen;
}

/** The URL as it stands, so that it still equals what its tracker is known by; normalised if it is not plain ASCII. */
function announceUrl(bytes: Uint8Array): string | undefined {
  if (bytes.length > metainfoLimits.announceUrlLength) return undefined;
  const text = decodeUtf8(bytes)?.trim();
  if (text === undefined || !announceScheme.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.hostname === '') return undefined;
  return /^[\x21-\x7e]+$/.test(text) ? text : url.href;
}

function listOf(value: BencodeValue | undefined): readonly BencodeValue[] {
  if (typeof value !== 'object' || value instanceof Uint8Array) return [];
  return value instanceof BencodeDictionary ? [] : value;
}
