// What a stranger may take of the helper at most: every such limit has a name, and the reason it is what it is, here and
// nowhere else. docs/limits.md is made of this file by `npm run docs`. An address is an IPv4 one, or the /64 of an IPv6 one.

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const kib = 2 ** 10;
const mib = 2 ** 20;

/** Torrents and magnet links */
export const metainfoLimits = {
  /** A `.torrent` file, fetched or read: far beyond any in use, and small enough to hold in memory. */
  torrentFileBytes: 32 * mib,
  /** Metainfo that was handed over as bytes, in memory until its job begins; what is more is refused. */
  waitingBytes: 256 * mib,
  /** Files, and the folders between them; padding files (BEP 47) count. */
  files: 200_000,
  /** 20 MiB of hashes, and 16 TiB of content at 16 MiB a piece. */
  pieces: 1_048_576,
  /** The shortest piece: more than its hash and what is remembered of it. */
  leastPieceLengthBytes: 1_024,
  /** The longest piece: beyond 16 MiB it lies on disk while it comes; but nothing of it is given on before it is whole. */
  pieceLengthBytes: 256 * mib,
  /** What Linux, macOS and Windows allow one name to take, in UTF-8, the strictest of the three; longer ones are cut. */
  nameBytes: 255,
  /** Links of a torrent (BEP 47) that one of them leads through; one that goes on is left out. */
  linkHops: 8,
  /** Names of the path that one leads to: far beyond any in use; one that leads deeper is left out. */
  linkTargetNames: 100,
  /** Characters of the path that one leads to: what Linux allows; one with a longer path is left out. */
  linkTargetLength: 4_096,
  /** Announce URLs, all tiers together; the rest are left out. */
  announceUrls: 100,
  /** Entries looked at for them: a list of a million bad ones is not searched for a good one. */
  announceEntries: 1_000,
  /** Characters of one of them. */
  announceUrlLength: 2_048,
  /** Trackers of a magnet link; the rest are left out. */
  magnetTrackers: 32,
  /** Peers of a magnet link; the rest are left out. */
  magnetPeers: 100,
  /** Those of them that are names of hosts, which are looked up one after the other. */
  magnetPeerNames: 8,
  /** Places on the web of a magnet link’s `.torrent` file; asked one after the other, the rest are left out. */
  magnetSources: 4,
  /** Bytes of a comment, of who made a torrent, or of a web seed, as `show` writes it; the rest is left out. */
  shownTextBytes: 4 * kib,
  /** Web seeds that `show` writes; the rest are left out. */
  shownWebSeeds: 100,
} as const;

/** Web servers and trackers over HTTP */
export const httpLimits = {
  /** Cookies kept of one fetch, all servers together: to be told whether we keep them needs one. */
  cookies: 20,
  /** Of one of them, its name counted. */
  cookieBytes: 4 * kib,
} as const;

/** What is told of a swarm */
export const swarmDetailLimits = {
  /** Peers: more than anybody reads, and those that move most come first. */
  peers: 200,
  /** Parts that the pieces are counted in, however many there are: as many as a wide window has columns to draw. */
  parts: 512,
  /** Trackers: as many as a torrent may name. */
  trackers: 100,
  /** Characters of what a peer calls itself; the rest is left out. */
  clientLength: 48,
} as const;

/** Connections that we make */
export const dialLimits = {
  /** Half-open connections in all: home routers forget others beyond some dozens. Torrents take turns. */
  halfOpen: 30,
  /** Half-open connections of one torrent: its dead peers leave room for those of others. */
  halfOpenPerTorrent: 15,
  /** Half-open connections to one address: whoever is named with a thousand ports is not flooded by us. */
  halfOpenPerAddress: 3,
  /** The same on this machine, where many helpers live. */
  halfOpenPerOwnAddress: 10,
  /** Connections to one address: fewer than a helper there takes of one, so that nobody is turned away. */
  connectionsPerAddress: 24,
  /** An address that does not answer gives its half-open places back so soon. */
  addressWaitMs: second,
  /** Connections that we made, in all; `halfOpen` more while one is tried out that would take the place of another. */
  connections: 200,
  /** Connections that we made, of one torrent. */
  connectionsPerTorrent: 55,
  /** Without a byte for so long, a connection at its torrent's limit goes when another peer is there to be tried. */
  uselessMs: minute,
  /** Where all torrents have one connection at most, it is theirs for so long before another torrent has its turn. */
  turnMs: 5 * minute,
  /** A peer that is to be tried again waits for those never tried, but not longer. */
  retryWaitMs: 30 * second,
  /** Peers remembered of one torrent: a newcomer takes the place of a dead one of whoever named the most. */
  knownPeersPerTorrent: 2_000,
  /** Ports of one address where nobody answered: no further one is tried there for `failedPortsMs`. */
  failedPortsPerAddress: 5,
  /** The same for ports named by peers and the DHT: they cannot use up those of an honest address. */
  failedPortsOnHearsay: 3,
  /** So long. */
  failedPortsMs: hour,
  /** Addresses of which that is remembered. */
  rememberedAddresses: 5_000,
  /** Ports of one address remembered because a peer answered there: those may be tried at any time. */
  goodPortsPerAddress: 64,
  /** Addresses tried of one name, of a tracker, a web server or a peer: who names a thousand does not have us knock at all of them. */
  addressesPerName: 8,
} as const;

/** Connections to the peer port */
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
  /** Of one address that have not yet named a torrent: the oldest of them goes. */
  unnamedPerAddress: 8,
  /** To name one. */
  handshakeMs: 10 * second,
  /** Nobody makes way for a newcomer sooner, so that newcomers do not put out each other in a circle. */
  graceMs: 20 * second,
  /** Whoever has given or taken a block within this time is of use. */
  usefulMs: 2 * minute,
  /** Whoever is choked and wants something may wait so long for its turn, before it counts as useless. */
  turnMs: 5 * minute,
  /** That one address may begin in a second, once it has used up `arrivalsAtOnce`. */
  arrivalsPerSecond: 10,
  /** That one address may begin at once. One over which blocks went no longer counts when it has ended. */
  arrivalsAtOnce: 400,
  /** That all addresses together may begin in a second: each costs a fraction of a millisecond. */
  allArrivalsPerSecond: 200,
  /** That all may begin at once. */
  allArrivalsAtOnce: 1_000,
  /** Key exchanges of encrypted handshakes in a second, of one address. */
  keyExchangesPerSecond: 2,
  /** The same at once. */
  keyExchangesAtOnce: 32,
  /** Key exchanges in a second in all: they are computed where blocks are moved. */
  allKeyExchangesPerSecond: 100,
  /** The same at once. */
  allKeyExchangesAtOnce: 400,
  /** Addresses of which it is remembered how much they have begun of late. */
  ratedAddresses: 2_000,
  /** Garbage that is forgiven an address within an hour, less one: many may share it, and software has mistakes. */
  garbageForBan: 3,
  /** For garbage, the first time; each further ban is twice as long, up to `banMs`. */
  firstGarbageBanMs: 5 * minute,
  /** For a block that was bad. */
  banMs: hour,
  /** Addresses that are remembered for garbage and bad blocks. */
  bannedAddresses: 5_000,
} as const;

/** Serving peers */
export const servingLimits = {
  /** Of the slots, one in so many may be one address's while those of others wait. */
  slotsPerAddressShare: 4,
  /** Bytes that remember which blocks peers were sent, of all connections together: a bit a block. */
  sentBlocksBytes: 8 * mib,
} as const;

/** Messages of peers */
export const messageLimits = {
  /** Bytes of messages that have begun to come and are not whole, of all connections together. */
  incompleteBytes: 16 * mib,
  /** For a message that is no block to come in whole. */
  messageMs: 30 * second,
  /** Of a message that is neither block nor bitfield: a piece of metadata and some. */
  payloadBytes: 32 * kib,
  /** Of a handshake of extensions, and of peer exchange, which has 100 peers: what they name is remembered. */
  namesBytes: 16 * kib,
  /** Extensions that a peer may name. */
  extensionsPerPeer: 100,
  /** Of blocks that nobody asked for, beside a quarter of what was asked for: they may cross with our cancelling them. */
  unaskedBytes: 16 * mib,
  /** Said to a peer that it has not taken: some five hundred blocks. */
  unsentBytes: 8 * mib,
  /** A peer's requests that wait: four times as many as we say we take. */
  requestsPerPeer: 2_000,
  /** A peer's requests that are refused without one that is served between: a queue may be under way when it is choked. */
  refusedInARow: 4_000,
  /** In a second, a peer's requests for what it was sent that have the content looked at again. */
  looksAgainPerSecond: 2,
} as const;

/** Metadata from the swarm */
export const metadataLimits = {
  /** The largest: over twice that of the largest torrent we make. */
  metadataBytes: 32 * mib,
  /** Peers of one torrent that it is fetched from at a time: what each holds back is kept in memory. */
  peersAtOnce: 2,
  /** Without a new piece, before another that waits has its turn; twice as long each time it comes round. */
  stalledMs: 3 * second,
  /** Of one peer while others wait; twice as long each time it comes round, so that slow ones get done, too. */
  turnMs: 10 * second,
  /** Bytes of unfinished metadata, of all torrents together. */
  incompleteBytes: 96 * mib,
} as const;

/** All torrents together */
export const torrentLimits = {
  /** Pieces in the engine, at some 50 bytes each; torrents beyond it wait their turn. Less where Node’s heap is below 1 GiB. */
  livePieces: 4 * 2 ** 20,
  /** Files likewise, at some 600 bytes; sixteen names in their paths count as one more. */
  liveFiles: 2 ** 19,
  /** Of the metainfo of downloads, fetched or being fetched, in the helper's own thread; others wait. A quarter of Node’s heap where that is less. */
  metainfoBytes: 256 * mib,
} as const;

/** Files and folders that are open */
export const diskLimits = {
  /** Nobody has used it for so long, or twice so long at most: it is closed, since it keeps its disk from being unmounted. */
  unusedFileMs: 15 * second,
} as const;

/** The inspector's page, on this machine alone */
export const inspectorLimits = {
  /** Connections to it in all: a browser needs a few. */
  connections: 64,
  /** Pages that are told what happens; a newer one takes the place of the oldest. */
  pages: 16,
  /** Of what happened, told to a page that is opened late; the newest. */
  rememberedCharacters: 8 * mib,
  /** The same, where each is short. */
  rememberedRecords: 50_000,
  /** As they were before the oldest of those; beyond it the one that has done nothing for longest is forgotten. */
  rememberedActors: 50_000,
  /** One event or actor, as JSON, whatever a program puts into it. */
  recordCharacters: 16 * kib,
  /** Sent to one page and not taken by it; beyond it the page is cut off. */
  unreadBytes: 8 * mib,
  /** Told to a page at once; more is read from what is remembered when that has been taken. */
  toldCharacters: 256 * kib,
  /** A page that takes nothing for so long is cut off; it comes back by itself if it is there. */
  unreadMs: 30_000,
  /** How long a stop waits for pages to hear of it. */
  lastWordsMs: 200,
} as const;

/** What the inspector's page remembers, in a browser; the oldest goes */
export const inspectorPageLimits = {
  /** Of what happened: some hours of a busy helper, and what can be drawn at once. */
  steps: 200_000,
  /** Of what happened, as it was sent; in memory it is some four times as much. More than a recording and the one before it hold. */
  characters: 80 * mib,
} as const;

/** Recordings of an inspection */
export const recordingLimits = {
  /** Of one file, beside the actors that it begins with: then another begins. The two that are kept are hours of a busy helper. */
  fileBytes: 32 * mib,
  /** Read of each file of one that is opened: with ten thousand actors at its beginning it is still shorter. */
  readBytes: 128 * mib,
  /** The longest line that is read: an actor with all that is told of it is far shorter. */
  lineBytes: mib,
  /** Records that are read: more than two files have, and some 300 MB of memory if they are as short as they can be. */
  records: 1_000_000,
  /** Actors of it, ended or not: more than two files tell of, and some 300 MB of memory. */
  actors: 200_000,
  /** Times that the disk was too slow: each is a look at all actors. */
  gaps: 1_000,
  /** Lines that are no records: a damaged disk leaves fewer, and empty ones come by the million. */
  unreadableLines: 10_000,
} as const;

/** The embedded tracker */
export const trackerLimits = {
  /** Ports of one address in one swarm: the programs of a household. */
  portsPerAddressAndSwarm: 64,
  /** Peers of one address in all swarms, and so the swarms it can open: as many torrents as one machine seeds. */
  peersPerAddress: 10_000,
  /** Seeders on this machine that are in every answer of their swarm, and that nobody pushes out of it. */
  ownSeedersPerSwarm: 8,
  /** Peers of one swarm besides those: of whoever has most the oldest makes room. */
  peersPerSwarm: 2_000,
  /** Peers, some 90 bytes each, and swarms, some 110: a swarm announced long ago makes room, but none that the helper registered. */
  memoryBytes: 32 * mib,
  /** Where there is no room, a swarm of more peers makes it itself, peer by peer, and does not push out others. */
  peersOfLargeSwarm: 2_000,
  /** Connections over HTTP in all; fewer where few files may be open. The idle ones make room. */
  connections: 1_000,
  /** Connections over HTTP of one address: browsers have six, clients some eight. */
  connectionsPerAddress: 64,
  /** Requests of one address at once: as many as there may be peers of it. */
  requestsAtOnce: 10_000,
  /** Requests of one address a second from then on: so many peers announce every 45 s. */
  requestsPerSecond: 250,
  /** For a request to come in whole; a connection waits for the next twice as long at most. */
  requestMs: 5 * second,
} as const;

/** A tracker alone, `bittorrent-helper tracker`: in place of the above */
export const loneTrackerLimits = {
  /** Peers, 1,000,000 and more, and swarms as many. */
  memoryBytes: 256 * mib,
  /** Peers of one swarm. */
  peersPerSwarm: 1_000_000,
} as const;

/** Announces */
export const announceLimits = {
  /** Trackers of one torrent: a .torrent may name any number, and they are asked one after the other. */
  trackersPerTorrent: 100,
  /** Of those at one address: a swarm is not to be sent against somebody. */
  trackersPerAddress: 4,
  /** Told at once that a torrent stops, of all torrents: a download without peers has told many, and each is a socket. */
  goodbyesAtOnce: 128,
  /** Of a `tracker id`, which is said again with each announce; a longer one is not. */
  trackerIdBytes: 256,
  /** Warnings of one tracker that are told, each once: those with the time in them are not told for ever. */
  warningsPerTracker: 16,
} as const;

/** Events of the library, `events()` */
export const eventLimits = {
  /** Waiting for one reader, who hears none after that: some ten of each job where ten thousand begin at once. */
  waiting: 250_000,
} as const;

/** The work that peers make by what they say, by address, on this machine by connection, in units of about a microsecond */
export const workLimits = {
  /** Units a second for each address: some hundredths of a core. */
  unitsPerSecond: 20_000,
  /** Units saved up by an address that says little: what is said when a connection begins is much. */
  savedUnits: 200_000,
  /** Units that 16 KiB earn that were asked for, by us or by them: who brings or takes much says much. */
  unitsPerBlock: 128,
  /** Units a second for all addresses together: a quarter of a core, however many there are. */
  allUnitsPerSecond: 250_000,
  /** Units saved up for all of them, half for newcomers: one gets a sixteenth of what is left at most. */
  allSavedUnits: 6_400_000,
  /** Who is beyond it waits, and is hung up on after so long. */
  waitingMs: 30 * second,
  /** Of this time. */
  waitingWithinMs: minute,
  /** Addresses that are remembered. */
  addresses: 4_096,
} as const;

/** Programs that speak the JSON dialect */
export const dialectLimits = {
  /** A line in: it carries a `.torrent` file in base64, and is refused as a whole when it is longer. */
  lineBytes: mib,
  /** Requests of one connection that wait for their answer; beyond that, nothing more is read of it. */
  waitingRequests: 10_000,
  /** Characters of a request’s id, if it is a string: each waits in memory until it is answered. */
  requestIdLength: 256,
  /** Characters of a key. */
  keyLength: 128,
  /** Jobs of one page of a list. */
  jobsPerPage: 1_000,
  /** Jobs that one subscription names; more are all of them. */
  jobsPerSubscription: 10_000,
  /** Numbers of a job are measured no more often, however quick a listener would have them. */
  leastEveryMs: 100,
  /** Nor told more seldom: a listener that wants less asks for none. */
  mostEveryMs: hour,
  /** Characters of one page: a job has a path and a magnet link, and they may be long. */
  pageCharacters: mib,
  /** Characters of answers and events that wait to be read; beyond that, nothing more is read of the connection. */
  unreadCharacters: 8 * mib,
  /** Subscriptions of one connection. */
  subscriptions: 32,
  /** Jobs that the subscriptions of one connection name together: one takes the place of another before that is stopped. */
  jobsSubscribed: 20_000,
  /** Work on what clients ask for, in one turn of the event loop: then peers and others have theirs. */
  workATurnMs: 10,
  /** Trackers whose state is remembered for who listens later, all jobs together. */
  rememberedTrackers: 20_000,
  /** Jobs that have ended and may still be asked for. */
  endedJobs: 1_000,
  /** A request may wait for a job so long; whoever wants more asks again. */
  waitMs: 24 * hour,
} as const;

/** Whoever watches a helper over its socket */
export const watcherLimits = {
  /** At once; the next one is told so, and hung up on. */
  connections: 32,
  /** Characters of answers and events that wait to be read; beyond that, nothing more is read of that one. */
  unreadCharacters: mib,
  /** Beyond that it is cut off: what happens comes without being asked for. */
  waitingCharacters: 4 * mib,
  /** It has read nothing for so long, though something waits: it is cut off. */
  stalledMs: 30 * second,
  /** To read what is said last. */
  partingMs: second,
} as const;
