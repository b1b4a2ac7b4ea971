// bittorrent-tracker's Server, put right in this one place: it parses requests and encodes answers, and every
// request passes through here on its way in. It opens no sockets; whoever does hands requests to the on… methods.
import type { RemoteInfo, Socket } from 'node:dgram';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import Server, {
  type AnnouncedSwarm,
  type AnnounceParams,
  type Answer,
  type ParsedRequest,
} from 'bittorrent-tracker/server';
import { type Bencodable, encodeBencode } from '../metainfo/bencode.js';
import { ConnectionIds } from './connection-ids.js';
import { plainAddress } from './own-address.js';
import { queryValues } from './query.js';
import { readAnnounce } from './read-announce.js';
import type { Announce } from './swarm.js';
import type { Swarms } from './swarms.js';

/** The actions of BEP 15. */
const action = { connect: 0, announce: 1, scrape: 2 } as const;
/** What a connect request of BEP 15 begins with. */
const protocolId = Buffer.from('0000041727101980', 'hex');
const headerBytes = 16;
const announceBytes = 98;
/** Where an announce holds them. */
const field = { ip: 84, key: 88 } as const;
/** BEP 15: "up to about 74 torrents can be scraped at once". */
const maxScrapeBytes = headerBytes + 74 * 20;

/** A checked announce, in what the library needs to pass it on. */
interface CheckedAnnounce extends AnnounceParams {
  readonly announce: Announce;
}

export class TrackerServer extends Server<CheckedAnnounce> {
  readonly #swarms: Swarms;
  readonly #nowMs: () => number;
  readonly #minIntervalSeconds: number;
  readonly #connections = new ConnectionIds();

  constructor(swarms: Swarms, intervalMs: number, nowMs: () => number) {
    super({ http: false, udp: false, ws: false, stats: false, interval: intervalMs });
    this.#swarms = swarms;
    this.#nowMs = nowMs;
    this.#minIntervalSeconds = Math.ceil(intervalMs / 3000);
  }

  /** The socket that UDP requests come from, and that their answers leave through. */
  answerThrough(socket: Socket): void {
    this.udp4 = socket;
    this.udp6 = socket;
  }

  override onHttpRequest(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '';
    const [path] = url.split('?', 1);
    response.setHeader('Content-Type', 'text/plain');
    if (request.method !== 'GET') {
      response.writeHead(405, { Allow: 'GET', Connection: 'close' }).end();
    } else if (path === '/announce') {
      // Nothing below is known to throw; should it after all, this one request fails.
      try {
        super.onHttpRequest(request, response);
      } catch {
        response.destroy();
      }
    } else if (path === '/scrape') {
      response.end(encodeBencode(this.#scrape(queryValues(url, 'info_hash'))));
    } else {
      response.writeHead(404).end();
    }
  }

  override onUdpRequest(message: Buffer, sender: RemoteInfo): void {
    if (message.length < headerBytes || sender.port === 0) return;
    const address = plainAddress(sender.address);
    const asked = message.readUInt32BE(8);
    if (asked === action.connect) {
      if (protocolId.equals(message.subarray(0, 8))) this.#connect(message, sender);
      return;
    }
    if (!this.#connections.accepts(message.subarray(0, 8), address, this.#nowMs())) return;
    if (asked === action.announce && message.length < announceBytes) return;
    if (asked === action.scrape && message.length > maxScrapeBytes) return;
    // The library knows one connection id for all.
    const request = Buffer.concat([protocolId, message.subarray(8)]);
    if (asked === action.announce) {
      // It would take the `ip` field for the sender. Nobody reads `key`, so the claim travels in there.
      request.copyWithin(field.key, field.ip, field.key).fill(0, field.ip, field.key);
    }
    try {
      super.onUdpRequest(request, sender);
    } catch {
      // As for HTTP; an unanswered datagram is asked again.
    }
  }

  protected override _onRequest(params: ParsedRequest, answer: Answer): void {
    if (params.action === action.scrape) this.#answerScrape(params, answer);
    else this.#answerAnnounce(params, answer);
  }

  /** All swarms in one: the announce itself says which is meant, and they are kept where they are bounded. */
  override getSwarm(
    _infoHash: string,
    callback: (error: Error | null, swarm?: AnnouncedSwarm<CheckedAnnounce>) => void,
  ): void {
    callback(null, {
      announce: ({ announce }, answer) => {
        const outcome = this.#swarms.announce(announce, this.#nowMs());
        if (outcome.refusal !== undefined) answer(new Error(outcome.refusal));
        else answer(null, { ...outcome, 'min interval': this.#minIntervalSeconds });
      },
    });
  }

  #answerAnnounce(params: ParsedRequest, answer: Answer): void {
    const read = readAnnounce(params);
    if (!read) {
      answer(new Error('the announce is malformed'));
      return;
    }
    const { announce, isOwn } = read;
    const { infoHash, event } = announce;
    if (isOwn) this.#swarms.open(infoHash);
    const checked = {
      action: action.announce,
      info_hash: infoHash,
      event,
      compact: 1,
      announce,
    } as const;
    super._onRequest(checked, (error, response) => {
      // To an IPv6 sender UDP packets carry IPv6 peers (BEP 15); the library would write the IPv4 ones.
      const isUdp6 = params.type === 'udp' && isIPv6(plainAddress(String(params.ip)));
      const peers6 = response && 'peers6' in response ? response.peers6 : undefined;
      answer(error, isUdp6 && peers6 ? { ...response, peers: peers6, peers6 } : response);
    });
  }

  /** Over UDP; one answer an info hash, in the order asked. */
  #answerScrape({ info_hash: asked }: ParsedRequest, answer: Answer): void {
    const infoHashes = Array.isArray(asked) ? asked : [];
    const files = infoHashes.map((infoHash) => this.#swarms.scrape(String(infoHash)));
    answer(null, { action: action.scrape, files });
  }

  #connect(message: Buffer, sender: RemoteInfo): void {
    const id = this.#connections.issue(plainAddress(sender.address), this.#nowMs());
    const answer = Buffer.concat([message.subarray(8, headerBytes), id]);
    this.udp4?.send(answer, sender.port, sender.address);
  }

  /** BEP 48. The library cannot: it encodes info hashes, which are raw bytes, as UTF-8. */
  #scrape(infoHashes: readonly string[]): Bencodable {
    if (infoHashes.length === 0) return { 'failure reason': 'a scrape must name its torrents' };
    if (infoHashes.some((infoHash) => infoHash.length !== 20)) {
      return { 'failure reason': 'an info hash must be 20 bytes' };
    }
    const files = infoHashes.map((infoHash) => {
      const counts = this.#swarms.scrape(Buffer.from(infoHash, 'latin1').toString('hex'));
      return [infoHash, { ...counts }] as const;
    });
    return { files: Object.fromEntries(files) };
  }
}
