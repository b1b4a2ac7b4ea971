// One announce over HTTP or HTTPS (BEP 3, BEP 23, BEP 7), proof against whatever answers. Knows no schedule.
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import {
  type AnnounceAnswer,
  type AnnounceOptions,
  type AnnounceRequest,
  defaultTimeoutMs,
  leftToAnnounce,
} from './announce-request.js';
import { withDeadline } from './deadline.js';
import { readHttpAnswer } from './http-answer.js';
import { refusal, toTrackerError, trackerError } from './tracker-error.js';
import { trackerRoute } from './tracker-route.js';

const mostRedirects = 3;
const largestAnswerBytes = 1024 * 1024;
const redirects: readonly number[] = [301, 302, 303, 307, 308];

const unzip = promisify(gunzip);

/** Rejects with TRACKER_UNREACHABLE, and nothing else. */
export async function announceOverHttp(
  url: string,
  request: AnnounceRequest,
  options: AnnounceOptions,
): Promise<AnnounceAnswer> {
  const { timeoutMs = defaultTimeoutMs, signal } = options;
  try {
    return await withDeadline({ timeoutMs, signal }, async (deadline) => {
      const body = await fetchAnswer(url, announceUrl(url, request), {
        ...options,
        signal: deadline,
      });
      return readHttpAnswer(url, body);
    });
  } catch (thrown) {
    throw toTrackerError(url, thrown);
  }
}

/** The announce URL with what BEP 3 adds to it; what it already asks stays as it is. */
export function announceUrl(url: string, request: AnnounceRequest): URL {
  const announce = new URL(url);
  const query = [
    announce.search.slice(1),
    `info_hash=${percentEncoded(request.infoHash)}`,
    `peer_id=${percentEncoded(Buffer.from(request.peerId).toString('hex'))}`,
    `port=${request.port}`,
    `uploaded=${request.uploadedBytes}`,
    `downloaded=${request.downloadedBytes}`,
    `left=${leftToAnnounce(request)}`,
    'compact=1',
    `numwant=${request.numWant}`,
    `key=${request.key}`,
    request.event === undefined ? '' : `event=${request.event}`,
    request.ip === undefined ? '' : `ip=${encodeURIComponent(request.ip)}`,
  ];
  announce.search = query.filter((part) => part !== '').join('&');
  return announce;
}

/** Bytes in hex → every byte as `%xx`. */
function percentEncoded(hex: string): string {
  return hex.replace(/../g, '%$&');
}

async function fetchAnswer(
  tracker: string,
  announce: URL,
  options: AnnounceOptions,
): Promise<Uint8Array> {
  let at = announce;
  for (let hops = 0; hops <= mostRedirects; hops++) {
    const { statusCode, headers, body } = await get(at, options);
    // The body is given up in some cases below, and says so by an error that is of no use to anyone.
    body.on('error', () => {});
    const { location } = headers;
    if (redirects.includes(statusCode) && typeof location === 'string') {
      body.destroy();
      at = new URL(location, at);
      if (!isHttp(at)) throw trackerError(tracker, 'redirected to something that is not HTTP');
      continue;
    }
    if (statusCode < 200 || statusCode > 299) {
      body.destroy();
      const answer = `answered with HTTP status ${statusCode}`;
      throw isRefusal(statusCode) ? refusal(tracker, answer) : trackerError(tracker, answer);
    }
    const bytes = await readBounded(tracker, body);
    return /^(x-)?gzip$/i.test(String(headers['content-encoding']))
      ? unpack(tracker, bytes)
      : bytes;
  }
  throw trackerError(tracker, `redirected more than ${mostRedirects} times`);
}

/** About what was asked for: a path, a passkey, a torrent. The others, and 429, are about the tracker itself. */
function isRefusal(statusCode: number): boolean {
  return statusCode >= 400 && statusCode < 500 && statusCode !== 408 && statusCode !== 429;
}

function isHttp({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:';
}

async function get(url: URL, { agent, trackerRoutes, signal }: AnnounceOptions) {
  const { hostname, port, isOurs } = trackerRoute(url, trackerRoutes);
  const dispatcher = await (isOurs ? agent.direct() : agent.outward());
  return dispatcher.request({
    origin: `${url.protocol}//${hostname}:${port}`,
    path: `${url.pathname}${url.search}`,
    method: 'GET',
    headers: {
      host: url.host,
      'user-agent': 'bittorrent-helper',
      'accept-encoding': 'identity',
      ...authorization(url),
    },
    signal,
  });
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

async function readBounded(
  tracker: string,
  body: Dispatcher.ResponseData['body'],
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue;
    sizeBytes += chunk.length;
    if (sizeBytes > largestAnswerBytes) throw trackerError(tracker, 'answered with over 1 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Some servers compress though asked not to. */
async function unpack(tracker: string, bytes: Uint8Array): Promise<Uint8Array> {
  try {
    return await unzip(bytes, { maxOutputLength: largestAnswerBytes });
  } catch (thrown) {
    throw trackerError(tracker, 'answered with gzip that cannot be unpacked', thrown);
  }
}
