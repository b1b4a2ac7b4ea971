// One announce, checked, as the swarms take it. Its bytes are read and not kept.

export interface AcceptedAnnounce {
  /** 20 bytes, as is the peer id. */
  readonly infoHash: Uint8Array;
  readonly peerId: Uint8Array;
  /** Compact, as peers are told of it: 6 bytes (BEP 23), or 18 (BEP 7). */
  readonly address: Uint8Array;
  /** Who sent it: an address, or `thisMachine`. */
  readonly senderKey: string;
  /** Nothing is left to download: a seeder. */
  readonly isComplete: boolean;
  readonly event: 'started' | 'completed' | 'stopped' | 'update';
  /** How many peers to be told of, at most. */
  readonly numWant: number;
  /** Told only of those whose compact form is so long; undefined: of all. */
  readonly addressBytes?: number | undefined;
}
