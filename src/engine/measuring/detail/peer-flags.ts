// How a peer and we stand to each other, a letter each, in the letters that µTorrent began with and other clients have kept.

export interface PeerRelation {
  readonly amInterested: boolean;
  readonly peerChoking: boolean;
  readonly peerInterested: boolean;
  readonly amChoking: boolean;
  /** It owes blocks, and sends none. */
  readonly isSnubbing: boolean;
  readonly isIncoming: boolean;
  readonly isOfDht: boolean;
  /** Another peer named it (PEX, BEP 11). */
  readonly isExchanged: boolean;
  readonly isEncrypted: boolean;
}

/**
 * D: we download from it; d: we want to, and it chokes us; U: it may download from us; u: it wants to, and we choke it; K: it lets us
 * download, and we want nothing; ?: we let it, and it wants nothing; S: it snubs us; I: it dialled us; H: the DHT named it; X:
 * another peer named it; E: encrypted.
 */
export function peerFlags(relation: PeerRelation): string {
  const { amInterested, peerChoking, peerInterested, amChoking } = relation;
  const flags: readonly (readonly [flag: string, isSet: boolean])[] = [
    ['D', amInterested && !peerChoking],
    ['d', amInterested && peerChoking],
    ['U', peerInterested && !amChoking],
    ['u', peerInterested && amChoking],
    ['K', !amInterested && !peerChoking],
    ['?', !peerInterested && !amChoking],
    ['S', relation.isSnubbing],
    ['I', relation.isIncoming],
    ['H', relation.isOfDht],
    ['X', relation.isExchanged],
    ['E', relation.isEncrypted],
  ];
  return flags.flatMap(([flag, isSet]) => (isSet ? [flag] : [])).join('');
}
