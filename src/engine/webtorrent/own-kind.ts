// Whether a peer is a helper like this one, by its peer id.
import type Wire from 'bittorrent-protocol';

/** `-BH` in hex, as every peer id of this engine begins. */
const ownKind = '2d4248';

export function isOwnKind({ peerId }: Pick<Wire, 'peerId'>): boolean {
  return peerId?.startsWith(ownKind) ?? false;
}
