// The tracker over HTTP: announces (BEP 3), answered in the compact form (BEP 23, BEP 7) whatever was asked for, and
// scrapes (BEP 48). Opens no socket.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ParsedUrlQuery, parse } from 'node:querystring';
import { type Bencodable, encodeBencode } from '../metainfo/encode-bencode.js';
import { acceptAnnounce, type RequestedAnnounce, type TrackerContext } from './accept-announce.js';
import { isFromWebPage } from './request-origin.js';

const idBytes = 20;

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
    response.end(encodeBencode(answerAnnounce(context, parseQuery(query), remoteAddress)));
  } else if (path === '/scrape') {
    const infoHashes = valuesOf(parseQuery(query), 'info_hash');
    response.end(encodeBencode(answerScrape(context, infoHashes)));
  } else {
    response.writeHead(404).end();
  }
}

function answerAnnounce(
  context: TrackerContext,
  query: ParsedUrlQuery,
  sender: string,
): Bencodable {
  const requested = readAnnounce(query);
  const outcome = 'refusal' in requested ? requested : acceptAnnounce(context, requested, sender);
  if (outcome.refusal !== undefined) return { 'failure reason': outcome.refusal };
  return {
    complete: outcome.complete,
    incomplete: outcome.incomplete,
    interval: Math.ceil(context.intervalMs / 1000),
    'min interval': Math.ceil(context.intervalMs / 3000),
    peers: outcome.told.ipv4,
    peers6: outcome.told.ipv6,
  };
}

function readAnnounce(query: ParsedUrlQuery): RequestedAnnounce | { readonly refusal: string } {
  const infoHash = textOf(query, 'info_hash');
  if (infoHash?.length !== idBytes) return { refusal: 'invalid info_hash' };
  const peerId = textOf(query, 'peer_id');
  if (peerId?.length !== idBytes) return { refusal: 'invalid peer_id' };
  const port = Number(textOf(query, 'port'));
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return { refusal: 'invalid port' };
  const numWant = Number(textOf(query, 'numwant'));
  return {
    infoHash: Buffer.from(infoHash, 'latin1'),
    peerId: Buffer.from(peerId, 'latin1'),
    isComplete: Number(textOf(query, 'left')) === 0,
    port,
    event: textOf(query, 'event'),
    numWant: Number.isInteger(numWant) && numWant > 0 ? numWant : undefined,
    ip: valuesOf(query, 'ip')[0],
    addressBytes: undefined,
  };
}

/** Of all torrents at once, which BEP 48 leaves open, nobody is told. */
function answerScrape({ swarms }: TrackerContext, infoHashes: readonly string[]): Bencodable {
  if (infoHashes.length === 0) return { 'failure reason': 'a scrape must name its torrents' };
  if (infoHashes.some(({ length }) => length !== idBytes)) {
    return { 'failure reason': 'an info hash must be 20 bytes' };
  }
  const files = infoHashes.map(
    (each) => [each, { ...swarms.scrape(Buffer.from(each, 'latin1')) }] as const,
  );
  return { files: Object.fromEntries(files) };
}

function splitUrl(url: string): readonly [path: string, query: string] {
  const end = url.indexOf('?');
  return end < 0 ? [url, ''] : [url.slice(0, end), url.slice(end + 1)];
}

/** One character a byte: what is percent-encoded here is no UTF-8 and must not be read as such. */
function parseQuery(query: string): ParsedUrlQuery {
  return parse(query, '&', '=', { decodeURIComponent: decodeBytes });
}

function decodeBytes(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Undefined if it is missing, or there more than once. */
function textOf(query: ParsedUrlQuery, name: string): string | undefined {
  const value = query[name];
  return typeof value === 'string' ? value : undefined;
}

function valuesOf(query: ParsedUrlQuery, name: string): readonly string[] {
  const value = query[name];
  return typeof value === 'string' ? [value] : (value ?? []);
}
