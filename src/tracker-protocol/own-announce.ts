// An announce of a helper to its own tracker, which needs neither socket nor bencode: plain data, as it crosses between the
// threads of the two. What is answered and what is refused is as over HTTP.

export interface OwnAnnounce {
  /** 40 hex digits. */
  readonly infoHash: string;
  /** 40 hex digits. */
  readonly peerId: string;
  /** Where this peer listens: 1 to 65535. */
  readonly port: number;
  /** The address peers are to use; left out, the one where the tracker listens. */
  readonly ip?: string | undefined;
  /** Nothing is left to download. */
  readonly isComplete: boolean;
  readonly event?: 'started' | 'stopped' | 'completed' | undefined;
  /** How many peers are wanted at most. */
  readonly numWant: number;
}

export type OwnAnnounceAnswer = { readonly refusal: string } | AcceptedOwnAnnounce;

export interface AcceptedOwnAnnounce {
  readonly refusal?: undefined;
  readonly intervalMs: number;
  readonly minIntervalMs: number;
  readonly seeders: number;
  readonly leechers: number;
  /** Compact (BEP 23), one character a byte. */
  readonly ipv4Peers: string;
  /** Compact (BEP 7), likewise. */
  readonly ipv6Peers: string;
}

/** Undefined: it is there no more. Never rejects. */
export type AskOwnTracker = (announce: OwnAnnounce) => Promise<OwnAnnounceAnswer | undefined>;
