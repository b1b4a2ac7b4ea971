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

/** What each means is told where those who read them see it: at PeerMeasure. */
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
