// A tracker without sockets: requests come to it from whatever address a test says, which loopback cannot show.
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { vi } from 'vitest';
import { trackerLimits } from '../../../src/limits.js';
import type { BencodeDictionary } from '../../../src/metainfo/bencode-values.js';
import { decodeBencode } from '../../../src/metainfo/decode-bencode.js';
import { isOwnAddress } from '../../../src/net/own-addresses.js';
import { answerHttpRequest } from '../../../src/tracker/http-tracker.js';
import { RequestBudget } from '../../../src/tracker/senders/request-budget.js';
import { Swarms, type SwarmsOptions } from '../../../src/tracker/swarms/swarms.js';
import { UdpTracker } from '../../../src/tracker/udp-tracker.js';
import {
  type AnnounceFields,
  type Answer,
  announceQuery,
  asDictionary,
  connectPacket,
  readAnswer,
} from './tracker-requests.js';

export class UnconnectedTracker {
  readonly swarms: Swarms;
  readonly #context;
  readonly #udp: UdpTracker;

  constructor(admit: SwarmsOptions['admit'], limits: SwarmsOptions['limits'] = {}) {
    this.swarms = new Swarms({ admit, peerTtlMs: 1_000, limits });
    this.#context = {
      swarms: this.swarms,
      host: '203.0.113.1',
      intervalMs: 45_000,
      isOwnAddress,
      budget: new RequestBudget({ ...trackerLimits, ...limits }),
      nowMs: () => 0,
    };
    this.#udp = new UdpTracker(this.#context);
  }

  get(from: string | undefined, url: string): BencodeDictionary {
    const socket = new Socket();
    vi.spyOn(socket, 'remoteAddress', 'get').mockReturnValue(from);
    const request = Object.assign(new IncomingMessage(socket), { method: 'GET', url });
    const response = new ServerResponse(request);
    const end = vi.spyOn(response, 'end');
    answerHttpRequest(this.#context, request, response);
    const body: unknown = end.mock.calls[0]?.[0];
    const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
    if (!(bytes instanceof Uint8Array)) throw new Error('no answer');
    return asDictionary(decodeBencode(bytes));
  }

  announce(from: string, fields?: AnnounceFields): Answer {
    return readAnswer(this.get(from, `/announce?${announceQuery(fields)}`));
  }

  udp(from: string, packet: Buffer, port = 40_000): Buffer | undefined {
    return this.#udp.answer(packet, { address: from, port });
  }

  connect(from: string): Buffer {
    const answer = this.udp(from, connectPacket);
    if (!answer) throw new Error('no answer');
    return answer.subarray(8);
  }
}
