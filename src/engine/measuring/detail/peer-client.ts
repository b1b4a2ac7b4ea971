// Which program a peer is: as it calls itself in its extended handshake (BEP 10), or by its peer id (BEP 20). Both are a stranger's
// words, so they are cut, and nothing in them that turns or hides text is left.
import { swarmDetailLimits } from '../../../limits.js';

/** By the two letters of a peer id. */
const names: Readonly<Record<string, string | undefined>> = {
  BH: 'bittorrent-helper',
  AZ: 'Vuze',
  BI: 'BiglyBT',
  DE: 'Deluge',
  KT: 'KTorrent',
  LT: 'libtorrent',
  TR: 'Transmission',
  TX: 'Tixati',
  UT: 'µTorrent',
  WW: 'WebTorrent',
  lt: 'libTorrent',
  qB: 'qBittorrent',
};

/** `peerIdHex`: 40 digits. Empty where neither says anything. */
export function peerClient(said: unknown, peerIdHex: string | null): string {
  const told = clean(said instanceof Uint8Array ? decode(said) : said);
  return told === '' ? byPeerId(decode(Buffer.from(peerIdHex ?? '', 'hex'))) : told;
}

function byPeerId(id: string): string {
  const [, letters, version] = /^-(\w\w)(\w{4})-/.exec(id) ?? [];
  if (letters === undefined || version === undefined) return clean(id.slice(0, 8));
  return `${names[letters] ?? letters} ${version.split('').join('.')}`;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 4 * swarmDetailLimits.clientLength));
}

function clean(said: unknown): string {
  if (typeof said !== 'string') return '';
  const shown = said.replace(/[\p{C}\p{Zl}\p{Zp}\uFFFD]/gu, '').trim();
  return [...shown].slice(0, swarmDetailLimits.clientLength).join('');
}
