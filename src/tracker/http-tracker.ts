// The tracker over HTTP: announces (BEP 3), answered in the compact form (BEP 23, BEP 7) whatever was asked for, and
// scrapes (BEP 48). Opens no socket.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { encodeBencode } from '../metainfo/encode-bencode.js';
import { acceptAnnounce, type RequestedAnnounce, type TrackerContext } from './accept-announce.js';
import { readPlainAnnounce } from './plain/plain-announce.js';
import { QueryParameters } from './query-parameters.js';
import { isFromWebPage } from './senders/request-origin.js';

const idBytes = 20;
const second = 1_000;

let [head, headAtMs] = ['', Number.NEGATIVE_INFINITY];

/** What it begins with; to write down the time takes as long as to find the peers, so that is done once a second. */
function plainHead(): string {
  const nowMs = Date.now();
  if (Math.floor(nowMs / second) === Math.floor(headAtMs / second)) return head;
  headAtMs = nowMs;
  head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: ${new Date(nowMs).toUTCString()}\r\n`;
  return head;
}

/** Never throws. */
export function answerHttpRequest(
  context: TrackerContext,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [path, query] = splitUrl(request.url ?? '');
  const { remoteAddress } = request.socket;
  response.setHeader('Content-Type', 'text/plain');
  if (isFromWebPage(request, context.host)) {
    response.writeHead(403, { Connection: 'close' }).end();
  } else if (request.method !== 'GET') {
    response.writeHead(405, { Allow: 'GET', Connection: 'close' }).end();
  } else if (path === '/announce' && remoteAddress !== undefined) {
    // As text it goes out in one piece with its headers.
    response.end(answerAnnounce(context, query, remoteAddress), 'latin1');
  } else if (path === '/scrape') {
    response.end(answerScrape(context, new QueryParameters(query).all('info_hash')));
  } else {
    response.writeHead(404).end();
  }
}

/**
 * The same for what was read at once: the answer with its head, one character a byte. Undefined: it is no plain announce, or
 * is not to be answered. `mayAsk` is asked once it is known to be one.
 */
export function answerPlainly(
  context: TrackerContext,
  chunk: Buffer,
  socket: Socket,
  mayAsk: () => boolean,
): string | undefined {
  const announce = readPlainAnnounce(chunk);
  const { remoteAddress } = socket;
  if (announce === undefined || remoteAddress === undefined) return undefined;
  const { query, host } = announce;
  if (isFromWebPage({ headers: { host }, socket }, context.host) || !mayAsk()) return undefined;
  const body = answerAnnounce(context, query, remoteAddress);
  return `${plainHead()}Content-Length: ${body.length}\r\n\r\n${body}`;
}

/** `query`: of the URL. The answer is bencoded, one character a byte. */
function answerAnnounce(context: TrackerContext, query: string, sender: string): string {
  const requested = readAnnounce(new QueryParameters(query));
  const outcome = 'refusal' in requested ? requested : acceptAnnounce(context, requested, sender);
  if (outcome.refusal !== undefined) return failure(outcome.refusal);
  const { complete, incomplete, told } = outcome;
  const intervals = [context.intervalMs / 1000, context.intervalMs / 3000].map(Math.ceil);
  const [ipv4, ipv6] = [told.ipv4.toString('latin1'), told.ipv6.toString('latin1')];
  return (
    `d8:completei${complete}e10:incompletei${incomplete}e8:intervali${intervals[0]}e` +
    `12:min intervali${intervals[1]}e5:peers${ipv4.length}:${ipv4}6:peers6${ipv6.length}:${ipv6}e`
  );
}

/** The reasons are ASCII. */
function failure(reason: string): string {
  return `d14:failure reason${reason.length}:${reason}e`;
}

function readAnnounce(query: QueryParameters): RequestedAnnounce | { readonly refusal: string } {
  const infoHash = query.bytes('info_hash');
  if (infoHash?.length !== idBytes) return { refusal: 'invalid info_hash' };
  const peerId = query.bytes('peer_id');
  if (peerId?.length !== idBytes) return { refusal: 'invalid peer_id' };
  const port = Number(query.one('port'));
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return { refusal: 'invalid port' };
  const numWant = Number(query.one('numwant'));
  return {
    infoHash,
    peerId,
    isComplete: Number(query.one('left')) === 0,
    port,
    event: query.one('event'),
    numWant: Number.isInteger(numWant) && numWant > 0 ? numWant : undefined,
    ip: query.first('ip'),
    addressBytes: undefined,
  };
}

/** Of all torrents at once, which BEP 48 leaves open, nobody is told. */
function answerScrape({ swarms }: TrackerContext, infoHashes: readonly Buffer[]): Uint8Array {
  const refusal = (reason: string) => Buffer.from(failure(reason));
  if (infoHashes.length === 0) return refusal('a scrape must name its torrents');
  if (infoHashes.some(({ length }) => length !== idBytes)) {
    return refusal('an info hash must be 20 bytes');
  }
  const files = infoHashes.map(
    (each) => [each.toString('latin1'), { ...swarms.scrape(each) }] as const,
  );
  return encodeBencode({ files: Object.fromEntries(files) });
}

function splitUrl(url: string): readonly [path: string, query: string] {
  const end = url.indexOf('?');
  return end < 0 ? [url, ''] : [url.slice(0, end), url.slice(end + 1)];
}
