// What a stranger may take of the helper at most: every such limit has a name, and the reason it is what it is, here and
// nowhere else. README's table is made of this file by `npm run docs`: one line of reason, then the limit.

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const mib = 2 ** 20;

/** Connections that we make. An address is an IPv4 address, or the /64 of an IPv6 one. */
export const dialLimits = {
  /** Half-open connections in all: home routers forget others beyond some dozens. */
  halfOpen: 30,
  /** Half-open connections of one torrent: its dead peers leave room for those of others. */
  halfOpenPerTorrent: 15,
  /** Half-open connections to one address: whoever is named with a thousand ports is not flooded by us. */
  halfOpenPerAddress: 3,
  /** The same on this machine, where many helpers live. */
  halfOpenPerOwnAddress: 10,
  /** An address that does not answer gives its half-open places back so soon. */
  addressWaitMs: second,
  /** Connections that we made, in all. */
  connections: 200,
  /** Connections that we made, of one torrent. */
  connectionsPerTorrent: 55,
  /** Addresses remembered of one torrent. */
  knownPeersPerTorrent: 2_000,
  /** Ports of one address where nobody answered: no further one is tried there for `failedPortsMs`. */
  failedPortsPerAddress: 5,
  /** So long. */
  failedPortsMs: hour,
} as const;

/** Connections that others make to the peer port. On this machine only those for all together and for a torrent count. */
export const incomingLimits = {
  /** In all; fewer where few files may be open. */
  connections: 500,
  /** Of one torrent. */
  connectionsPerTorrent: 100,
  /** Of one address: a household, an office, a few programs on one machine. */
  connectionsPerAddress: 32,
  /** Of one address in one torrent. */
  connectionsPerAddressAndTorrent: 8,
  /** That have not yet named a torrent. */
  unnamed: 50,
  /** To name one. */
  handshakeMs: 10 * second,
} as const;

/** What peers send, before it is whole. */
export const messageLimits = {
  /** Bytes of messages that have begun to come and are not whole, of all connections together. */
  incompleteBytes: 16 * mib,
  /** For a message that is no block to come in whole. */
  messageMs: 30 * second,
} as const;

/** Fetching an info dictionary from the swarm. */
export const metadataLimits = {
  /** The largest: over twice that of the largest torrent we make. */
  metadataBytes: 32 * mib,
  /** Peers of one torrent that it is fetched from at a time: what each holds back is kept in memory. */
  peersAtOnce: 2,
  /** Without a new piece, before another peer has its turn. */
  stalledMs: 10 * second,
  /** Bytes of unfinished metadata, of all torrents together. */
  incompleteBytes: 96 * mib,
} as const;

/** Torrents, all that live in the engine together. */
export const torrentLimits = {
  /** Pieces: each takes some bytes here, and some more for each peer. */
  livePieces: 4 * 2 ** 20,
} as const;

/** The embedded tracker. An address is as above; on this machine only what is for all together counts. */
export const trackerLimits = {
  /** Ports of one address in one swarm: the programs of a household. */
  portsPerAddressAndSwarm: 64,
  /** Connections over HTTP in all; fewer where few files may be open. */
  connections: 1_000,
  /** Connections over HTTP of one address. */
  connectionsPerAddress: 64,
} as const;
