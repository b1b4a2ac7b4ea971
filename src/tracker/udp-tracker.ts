// The tracker over UDP (BEP 15): a datagram in, a datagram out. Whoever has not shown that answers reach its address
// gets none but to a connect, and that is no longer than the request. Opens no socket.
import { isIPv6 } from 'node:net';
import { plainAddress } from '../net/ip-address.js';
import { compactIpv4Bytes, compactIpv6Bytes } from '../tracker-protocol/compact-peers.js';
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
import { senderKeyOf } from './senders/sender-key.js';

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
    const sender = { address: plainAddress(address), port };
    const { budget, isOwnAddress } = this.#context;
    const nowMs = this.#context.nowMs();
    const senderKey = senderKeyOf(address, isOwnAddress);
    if (budget.isSpent(senderKey, nowMs)) return undefined;
    if (request.action === 'connect') {
      return connectAnswerPacket(transactionId, this.#connections.issue(sender.address, nowMs));
    }
    if (!this.#connections.accepts(request.connectionId, sender.address, nowMs)) return undefined;
    // Not before: anybody can send in the name of others what needs no answer.
    budget.charge(senderKey, nowMs);
    if (request.action === 'announce') {
      return this.#answerAnnounce(transactionId, request.announce, sender);
    }
    return this.#answerScrape(transactionId, request.infoHashes);
  }

  #answerAnnounce(transactionId: number, announce: UdpAnnounce, { address, port }: Sender): Buffer {
    // BEP 15: IPv6 peers to those who ask over IPv6, IPv4 peers to the others.
    const addressBytes = isIPv6(address) ? compactIpv6Bytes : compactIpv4Bytes;
    const requested = {
      infoHash: announce.infoHash,
      peerId: Buffer.from(announce.peerId).toString('latin1'),
      isComplete: announce.leftBytes === 0,
      port: announce.port || port,
      event: announce.event,
      numWant: announce.numWant < 0 ? Number.POSITIVE_INFINITY : announce.numWant,
      ip: announce.ip,
      addressBytes,
    };
    const outcome = acceptAnnounce(this.#context, requested, address);
    if (outcome.refusal !== undefined) return errorPacket(transactionId, outcome.refusal);
    return announceAnswerPacket(transactionId, {
      intervalSeconds: Math.ceil(this.#context.intervalMs / 1000),
      leechers: outcome.incomplete,
      seeders: outcome.complete,
      peers: Buffer.from(outcome.peers.join(''), 'latin1'),
    });
  }

  #answerScrape(transactionId: number, infoHashes: readonly string[]): Buffer {
    const torrents = infoHashes.map((infoHash) => {
      const { complete, downloaded, incomplete } = this.#context.swarms.scrape(infoHash);
      return { seeders: complete, completed: downloaded, leechers: incomplete };
    });
    return scrapeAnswerPacket(transactionId, torrents);
  }
}
