// The packets of the UDP tracker protocol (BEP 15, and the URL of BEP 41), to bytes and back: what a client asks, what a
// tracker answers. Pure: no socket, no clock, no rule of who may ask what.

const actions = { connect: 0, announce: 1, scrape: 2, error: 3 } as const;
/** What a connect request begins with, where others have their connection id. */
const protocolId = 0x41727101980n;

const connectionIdBytes = 8;
const requestHeaderBytes = 16;
const announceBytes = 98;
/** BEP 15: "up to about 74 torrents can be scraped at once". */
const maxScrapedTorrents = 74;
const infoHashBytes = 20;
const answerHeaderBytes = 8;
const announceAnswerBytes = 20;
const scrapedTorrentBytes = 12;

/** In the order of their numbers. */
const events = [undefined, 'completed', 'started', 'stopped', 'paused'] as const;
const at = {
  action: 8,
  transactionId: 12,
  infoHash: 16,
  peerId: 36,
  downloaded: 56,
  left: 64,
  uploaded: 72,
  event: 80,
  ip: 84,
  key: 88,
  numWant: 92,
  port: 96,
} as const;

export interface UdpAnnounce {
  /** 40 lower-case hex digits. */
  readonly infoHash: string;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  readonly downloadedBytes: number;
  readonly leftBytes: number;
  readonly uploadedBytes: number;
  /** `paused` is BEP 21's. */
  readonly event?: (typeof events)[number] | undefined;
  /** The IPv4 address that the peer names as its own. */
  readonly ip?: string | undefined;
  /** 8 hex digits. */
  readonly key: string;
  /** -1: as many as the tracker likes. */
  readonly numWant: number;
  /** 0: the one that the packet comes from. */
  readonly port: number;
}

export type UdpRequest = { readonly transactionId: number } & (
  | { readonly action: 'connect' }
  | ({ readonly connectionId: Buffer } & (
      | { readonly action: 'announce'; readonly announce: UdpAnnounce }
      | { readonly action: 'scrape'; readonly infoHashes: readonly string[] }
    ))
);

export function connectPacket(transactionId: number): Buffer {
  const packet = Buffer.alloc(requestHeaderBytes);
  packet.writeBigUInt64BE(protocolId);
  return startPacket(packet, at.action, actions.connect, transactionId);
}

/** `url`: what of the announce URL the tracker is to see (BEP 41). */
export function announcePacket(
  connectionId: Uint8Array,
  transactionId: number,
  announce: UdpAnnounce,
  url = '',
): Buffer {
  const packet = Buffer.alloc(announceBytes);
  packet.set(connectionId);
  startPacket(packet, at.action, actions.announce, transactionId);
  packet.write(announce.infoHash, at.infoHash, 'hex');
  packet.set(announce.peerId, at.peerId);
  packet.writeBigUInt64BE(BigInt(announce.downloadedBytes), at.downloaded);
  packet.writeBigUInt64BE(BigInt(announce.leftBytes), at.left);
  packet.writeBigUInt64BE(BigInt(announce.uploadedBytes), at.uploaded);
  packet.writeUInt32BE(events.indexOf(announce.event), at.event);
  if (announce.ip !== undefined) packet.set(announce.ip.split('.').map(Number), at.ip);
  packet.write(announce.key, at.key, 'hex');
  packet.writeInt32BE(announce.numWant, at.numWant);
  packet.writeUInt16BE(announce.port, at.port);
  return Buffer.concat([packet, ...urlOptions(url)]);
}

function urlOptions(url: string): readonly Buffer[] {
  const bytes = Buffer.from(url);
  const urlData = 2;
  return Array.from({ length: Math.ceil(bytes.length / 255) }, (_, index) => {
    const part = bytes.subarray(index * 255, (index + 1) * 255);
    return Buffer.concat([Buffer.of(urlData, part.length), part]);
  });
}

/** Undefined for what is no request, or asks for more than BEP 15 allows. Bytes in the result are views into it. */
export function parseUdpRequest(packet: Buffer): UdpRequest | undefined {
  if (packet.length < requestHeaderBytes) return undefined;
  const transactionId = packet.readUInt32BE(at.transactionId);
  const connectionId = packet.subarray(0, connectionIdBytes);
  switch (packet.readUInt32BE(at.action)) {
    case actions.connect:
      if (packet.readBigUInt64BE() !== protocolId) return undefined;
      return { action: 'connect', transactionId };
    case actions.announce: {
      const announce = parseAnnounce(packet);
      return announce && { action: 'announce', transactionId, connectionId, announce };
    }
    case actions.scrape: {
      const infoHashes = parseInfoHashes(packet.subarray(requestHeaderBytes));
      return infoHashes && { action: 'scrape', transactionId, connectionId, infoHashes };
    }
    default:
      return undefined;
  }
}

function parseAnnounce(packet: Buffer): UdpAnnounce | undefined {
  if (packet.length < announceBytes) return undefined;
  const event = packet.readUInt32BE(at.event);
  if (event >= events.length) return undefined;
  return {
    infoHash: packet.toString('hex', at.infoHash, at.peerId),
    peerId: packet.subarray(at.peerId, at.downloaded),
    downloadedBytes: readUInt64BE(packet, at.downloaded),
    leftBytes: readUInt64BE(packet, at.left),
    uploadedBytes: readUInt64BE(packet, at.uploaded),
    event: events[event],
    ip: packet.readUInt32BE(at.ip) === 0 ? undefined : packet.subarray(at.ip, at.key).join('.'),
    key: packet.toString('hex', at.key, at.numWant),
    numWant: packet.readInt32BE(at.numWant),
    port: packet.readUInt16BE(at.port),
  };
}

/** Exact for what a torrent can have. */
function readUInt64BE(packet: Buffer, offset: number): number {
  return packet.readUInt32BE(offset) * 2 ** 32 + packet.readUInt32BE(offset + 4);
}

function parseInfoHashes(bytes: Buffer): readonly string[] | undefined {
  const count = bytes.length / infoHashBytes;
  if (!Number.isInteger(count) || count > maxScrapedTorrents) return undefined;
  return Array.from({ length: count }, (_, index) =>
    bytes.toString('hex', index * infoHashBytes, (index + 1) * infoHashBytes),
  );
}

export interface UdpAnnounceAnswer {
  readonly intervalSeconds: number;
  readonly leechers: number;
  readonly seeders: number;
  /** Compact (BEP 23; BEP 7 to those who ask over IPv6). */
  readonly peers: Uint8Array;
}

export interface UdpScrapedTorrent {
  readonly seeders: number;
  readonly completed: number;
  readonly leechers: number;
}

export type UdpAnswer =
  | { readonly action: 'connect'; readonly connectionId: Uint8Array }
  | ({ readonly action: 'announce' } & UdpAnnounceAnswer)
  | { readonly action: 'error'; readonly reason: string };

export function connectAnswerPacket(transactionId: number, connectionId: Uint8Array): Buffer {
  const packet = Buffer.allocUnsafe(answerHeaderBytes + connectionIdBytes);
  packet.set(connectionId, answerHeaderBytes);
  return startPacket(packet, 0, actions.connect, transactionId);
}

export function announceAnswerPacket(transactionId: number, answer: UdpAnnounceAnswer): Buffer {
  const packet = Buffer.allocUnsafe(announceAnswerBytes + answer.peers.length);
  packet.writeUInt32BE(answer.intervalSeconds, 8);
  packet.writeUInt32BE(answer.leechers, 12);
  packet.writeUInt32BE(answer.seeders, 16);
  packet.set(answer.peers, announceAnswerBytes);
  return startPacket(packet, 0, actions.announce, transactionId);
}

export function scrapeAnswerPacket(
  transactionId: number,
  torrents: readonly UdpScrapedTorrent[],
): Buffer {
  const packet = Buffer.allocUnsafe(answerHeaderBytes + torrents.length * scrapedTorrentBytes);
  let end = answerHeaderBytes;
  for (const { seeders, completed, leechers } of torrents) {
    end = packet.writeUInt32BE(seeders, end);
    end = packet.writeUInt32BE(completed, end);
    end = packet.writeUInt32BE(leechers, end);
  }
  return startPacket(packet, 0, actions.scrape, transactionId);
}

export function errorPacket(transactionId: number, reason: string): Buffer {
  const text = Buffer.from(reason);
  const packet = Buffer.concat([Buffer.alloc(answerHeaderBytes), text]);
  return startPacket(packet, 0, actions.error, transactionId);
}

function startPacket(
  packet: Buffer,
  actionAt: number,
  action: number,
  transactionId: number,
): Buffer {
  packet.writeUInt32BE(action, actionAt);
  packet.writeUInt32BE(transactionId, actionAt + 4);
  return packet;
}

/** Whether a packet from the tracker's address is the answer to that transaction, be it good or bad. */
export function answersTo(packet: Buffer, transactionId: number): boolean {
  return packet.length >= answerHeaderBytes && packet.readUInt32BE(4) === transactionId;
}

/** Undefined for what is no answer to a client that does not scrape. Bytes in the result are views into it. */
export function parseUdpAnswer(packet: Buffer): UdpAnswer | undefined {
  if (packet.length < answerHeaderBytes) return undefined;
  const body = packet.subarray(answerHeaderBytes);
  switch (packet.readUInt32BE(0)) {
    case actions.connect:
      if (body.length < connectionIdBytes) return undefined;
      return { action: 'connect', connectionId: body.subarray(0, connectionIdBytes) };
    case actions.announce:
      if (packet.length < announceAnswerBytes) return undefined;
      return {
        action: 'announce',
        intervalSeconds: packet.readInt32BE(8),
        leechers: packet.readUInt32BE(12),
        seeders: packet.readUInt32BE(16),
        peers: packet.subarray(announceAnswerBytes),
      };
    case actions.error:
      return { action: 'error', reason: body.toString() };
    default:
      return undefined;
  }
}
