// The tracker over UDP (BEP 15): a datagram in, a datagram out. Whoever has not shown that answers reach its address
// gets none but to a connect, and that is no longer than the request. Opens no socket.
import {
  compactIpv4Bytes,
  compactIpv6Bytes,
  toCompactPeer,
} from '../tracker-protocol/compact-peers.js';
import {
  announceAnswerPacket,
  connectAnswerPacket,
  errorPacket,
  parseUdpRequest,
  scrapeAnswerPacket,
  type UdpAnnounce,
} from '../tracker-protocol/udp-packets.js';
import { acceptAnnounce, type TrackerContext } from './accept-announce.js';
import { ConnectionIds } from './connection-ids.js';
import { plainSender, senderKeyOf } from './senders/sender-key.js';

const portBytes = 2;

interface Sender {
  readonly address: string;
  readonly port: number;
}

export class UdpTracker {
  readonly #context: TrackerContext;
  readonly #connections = new ConnectionIds();

  constructor(context: TrackerContext) {
    this.#context = context;
  }

  /** What to send back, if anything. Never throws. */
  answer(packet: Buffer, { address, port }: Sender): Buffer | undefined {
    const request = parseUdpRequest(packet);
    // Nothing can be sent to port 0.
    if (request === undefined || port === 0) return undefined;
    const { transactionId } = request;
    const { budget, isOwnAddress } = this.#context;
    const nowMs = this.#context.nowMs();
    const senderKey = senderKeyOf(address, isOwnAddress);
    if (budget.isSpent(senderKey, nowMs)) return undefined;
    const plain = plainSender(address);
    const bytes = toCompactPeer(plain, port).subarray(0, -portBytes);
    if (request.action === 'connect') {
      return connectAnswerPacket(transactionId, this.#connections.issue(bytes, nowMs));
    }
    if (!this.#connections.accepts(request.connectionId, bytes, nowMs)) return undefined;
    // Not before: anybody can send in the name of others what needs no answer.
    budget.charge(senderKey, nowMs);
    if (request.action === 'announce') {
      return this.#answerAnnounce(transactionId, request.announce, { address: plain, port });
    }
    return this.#answerScrape(transactionId, request.infoHashes);
  }

  #answerAnnounce(transactionId: number, announce: UdpAnnounce, { address, port }: Sender): Buffer {
    // BEP 15: IPv6 peers to those who ask over IPv6, IPv4 peers to the others.
    const isIpv6 = address.includes(':');
    const requested = {
      infoHash: Buffer.from(announce.infoHash, 'hex'),
      peerId: announce.peerId,
      isComplete: announce.leftBytes === 0,
      port: announce.port || port,
      event: announce.event,
      numWant: announce.numWant < 0 ? Number.POSITIVE_INFINITY : announce.numWant,
      ip: announce.ip,
      addressBytes: isIpv6 ? compactIpv6Bytes : compactIpv4Bytes,
    };
    const outcome = acceptAnnounce(this.#context, requested, address);
    if (outcome.refusal !== undefined) return errorPacket(transactionId, outcome.refusal);
    return announceAnswerPacket(transactionId, {
      intervalSeconds: Math.ceil(this.#context.intervalMs / 1000),
      leechers: outcome.incomplete,
      seeders: outcome.complete,
      peers: isIpv6 ? outcome.told.ipv6 : outcome.told.ipv4,
    });
  }

  #answerScrape(transactionId: number, infoHashes: readonly string[]): Buffer {
    const torrents = infoHashes.map((infoHash) => {
      const { complete, downloaded, incomplete } = this.#context.swarms.scrape(
        Buffer.from(infoHash, 'hex'),
      );
      return { seeders: complete, completed: downloaded, leechers: incomplete };
    });
    return scrapeAnswerPacket(transactionId, torrents);
  }
}
