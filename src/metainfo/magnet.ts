// Magnet links (BEP 9) and info hashes, written, and read from text that anyone may have made: what of a link cannot be
// used is passed over, as long as it names one torrent.
import { HelperError } from '../errors.js';
import { metainfoLimits } from '../limits.js';
import { parsePeerAddress } from '../net/peer-address.js';
import type { Metainfo } from './metainfo.js';

export interface MagnetLink {
  /** 40 lower-case hex digits. */
  readonly infoHash: string;
  readonly name?: string;
  /** Announce URLs, each a tier of its own (BEP 12), in the order of the link. */
  readonly trackers: readonly (readonly string[])[];
  /** Peers, `host:port`, a name or an address, an IPv6 one in brackets. */
  readonly peers: readonly string[];
  /** Where its .torrent file is (`xs`, `as`), over HTTP. */
  readonly sources: readonly string[];
  /** Which of its files are meant (`so`, BEP 53), as it stands. */
  readonly selection?: string;
}

/** Of an info hash alone. */
export function bareLink(infoHash: string): MagnetLink {
  return { infoHash, trackers: [], peers: [], sources: [] };
}

const base32Digits = 'abcdefghijklmnopqrstuvwxyz234567';
const webProtocols = new Set(['http:', 'https:']);
const trackerProtocols = new Set(['http:', 'https:', 'udp:', 'ws:', 'wss:']);

/** Names the torrent, its name and its trackers in printable ASCII. */
export function writeMagnetLink(
  { infoHash, name }: Pick<Metainfo, 'infoHash' | 'name'>,
  announce: readonly (readonly string[])[],
): string {
  const trackers = announce.flat().map((url) => `&tr=${encodeURIComponent(url)}`);
  return `magnet:?xt=urn:btih:${infoHash}&dn=${encodeURIComponent(name)}${trackers.join('')}`;
}

/** The info hash in 40 hex digits or 32 digits of base32 (RFC 4648), either case; undefined if it is neither. */
export function parseInfoHash(text: string): string | undefined {
  const digits = text.toLowerCase();
  if (/^[0-9a-f]{40}$/.test(digits)) return digits;
  if (!/^[a-z2-7]{32}$/.test(digits)) return undefined;
  const value = [...digits].reduce((sum, d) => sum * 32n + BigInt(base32Digits.indexOf(d)), 0n);
  return value.toString(16).padStart(40, '0');
}

/**
 * @throws HelperError SOURCE_INVALID if the link names no torrent, or more than one; METAINFO_UNSUPPORTED if it names
 * one by a BitTorrent v2 hash alone
 */
export function parseMagnetLink(link: string): MagnetLink {
  const parameters = new URLSearchParams(link.slice(link.indexOf('?') + 1));
  const name = parameters.get('dn');
  const trackers = [...new Set(valuesOf(parameters, 'tr'))]
    .filter(isTracker)
    .slice(0, metainfoLimits.magnetTrackers);
  const [selection] = valuesOf(parameters, 'so').filter((value) => value !== '');
  return {
    infoHash: infoHashOf(valuesOf(parameters, 'xt')),
    ...(name ? { name } : {}),
    trackers: trackers.map((tracker) => [tracker]),
    peers: peersOf(valuesOf(parameters, 'x.pe')),
    sources: [...new Set([...valuesOf(parameters, 'xs'), ...valuesOf(parameters, 'as')])]
      .filter(isWebAddress)
      .slice(0, metainfoLimits.magnetSources),
    ...(selection === undefined ? {} : { selection }),
  };
}

/** Names are counted apart: each is to be looked up. */
function peersOf(values: readonly string[]): readonly string[] {
  const peers = [...new Set(values)].filter(isPeer);
  const names = peers.filter((peer) => parsePeerAddress(peer) === undefined);
  const tooMany = new Set(names.slice(metainfoLimits.magnetPeerNames));
  return peers.filter((peer) => !tooMany.has(peer)).slice(0, metainfoLimits.magnetPeers);
}

function infoHashOf(topics: readonly string[]): string {
  const hashes = topics.flatMap((topic) => /^urn:btih:(.*)$/is.exec(topic)?.[1] ?? []);
  const [infoHash, ...others] = new Set(hashes.map(parseInfoHash));
  if (others.length > 0) throw invalid('it names more than one torrent');
  if (infoHash !== undefined) return infoHash;
  if (hashes.length > 0) {
    throw invalid('what follows urn:btih: is neither 40 hex digits nor 32 of base32');
  }
  if (topics.some((topic) => /^urn:btmh:/i.test(topic))) {
    throw new HelperError(
      'METAINFO_UNSUPPORTED',
      'this magnet link is for BitTorrent v2 alone (urn:btmh:); one with urn:btih: is needed',
    );
  }
  throw invalid('it names no torrent; one with xt=urn:btih: is needed');
}

/** The values of a parameter, in the order of the link. */
function valuesOf(parameters: URLSearchParams, key: string): string[] {
  return [...parameters].filter(([name]) => plainName(name) === key).map(([, value]) => value);
}

/** Parameters may come numbered, and in either case: `tr`, `tr.1`, `TR.2` … */
function plainName(name: string): string {
  return name.replace(/\.\d+$/, '').toLowerCase();
}

function isTracker(text: string): boolean {
  return URL.canParse(text) && trackerProtocols.has(new URL(text).protocol);
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && webProtocols.has(new URL(text).protocol);
}

function isPeer(text: string): boolean {
  const [, port] = /^(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\]):(\d{1,5})$/i.exec(text) ?? [];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65535;
}

function invalid(reason: string): HelperError {
  return new HelperError('SOURCE_INVALID', `this magnet link cannot be used: ${reason}`);
}
