// One announce over HTTP or HTTPS (BEP 3, BEP 23, BEP 7), proof against whatever answers. Knows no schedule.
import { withDeadline } from '../../../async/with-deadline.js';
import type { HelperError } from '../../../errors.js';
import type { HttpClientOptions } from '../../../http/http-client.js';
import { HttpError, type HttpFailure } from '../../../http/http-error.js';
import {
  type AnnounceAnswer,
  type AnnounceOptions,
  type AnnounceRequest,
  defaultTimeoutMs,
  leftToAnnounce,
} from './announce-request.js';
import { readHttpAnswer } from './http-answer.js';
import { refusal, toTrackerError, trackerError } from './tracker-error.js';
import { trackerRoute } from './tracker-route.js';
import { trackerUrl } from './tracker-url.js';

/** What the client that announces must have. */
export const trackerHttpOptions = {
  maxBodyBytes: 1024 * 1024,
  maxRedirects: 3,
  hasTunnel: true,
  // Some servers compress nevertheless.
  headers: { 'user-agent': 'bittorrent-helper', 'accept-encoding': 'identity' },
} satisfies HttpClientOptions;

/** Rejects with TRACKER_UNREACHABLE or TRACKER_FORBIDDEN, and nothing else. */
export async function announceOverHttp(
  url: string,
  request: AnnounceRequest,
  options: AnnounceOptions,
): Promise<AnnounceAnswer> {
  const { timeoutMs = defaultTimeoutMs } = options;
  try {
    const plain = announcePlainly(url, request, options, timeoutMs);
    if (plain === undefined) return await announceAtLength(url, request, options, timeoutMs);
    const beganAtMs = performance.now();
    const answer = await plain;
    if (answer !== undefined) return answer;
    const leftMs = timeoutMs - (performance.now() - beganAtMs);
    return await announceAtLength(url, request, options, leftMs);
  } catch (thrown) {
    throw thrown instanceof HttpError
      ? httpError(url, thrown.failure)
      : toTrackerError(url, thrown);
  }
}

async function announceAtLength(
  url: string,
  request: AnnounceRequest,
  { agent, permit, signal }: AnnounceOptions,
  timeoutMs: number,
): Promise<AnnounceAnswer> {
  const announce = announceUrl(url, request);
  const onPlain = (origin: string, address: string) => agent.plain?.learn(origin, address);
  const { body, from } = await withDeadline({ timeoutMs, signal }, (deadline) =>
    agent.http.get(announce, deadline, permit, undefined, onPlain),
  );
  return { from, ...readHttpAnswer(url, body) };
}

/** The short way, where it is known to lead there; undefined: it does not. */
function announcePlainly(
  text: string,
  request: AnnounceRequest,
  { agent: { plain, trackerRoutes }, permit, signal }: AnnounceOptions,
  timeoutMs: number,
): Promise<AnnounceAnswer | undefined> | undefined {
  const url = trackerUrl(text)?.url;
  if (plain === undefined || url?.protocol !== 'http:' || url.username + url.password !== '') {
    return undefined;
  }
  const { port, isTrusted } = trackerRoute(url, trackerRoutes);
  const address = plain.addressOf(url.origin);
  if (address === undefined) return undefined;
  if (!isTrusted) permit?.check(url, address);
  const { origin, host, pathname } = url;
  const path = `${pathname}?${announceQuery(url, request)}`;
  const target = { origin, host, address, port, path, timeoutMs, signal };
  const answered = plain.get(target);
  return answered?.then((body) => body && { from: address, ...readHttpAnswer(text, body) });
}

/** The announce URL with what BEP 3 adds to it; what it already asks stays as it is. */
export function announceUrl(url: string, request: AnnounceRequest): URL {
  const announce = new URL(url);
  announce.search = announceQuery(announce, request);
  return announce;
}

function announceQuery({ search }: URL, request: AnnounceRequest): string {
  const { infoHash, peerId, event, ip, trackerId } = request;
  const asked = search.length > 1 ? `${search.slice(1)}&` : '';
  return (
    `${asked}info_hash=${percentEncoded(infoHash)}` +
    `&peer_id=${percentEncoded(peerId)}` +
    `&port=${request.port}` +
    `&uploaded=${request.uploadedBytes}` +
    `&downloaded=${request.downloadedBytes}` +
    `&left=${leftToAnnounce(request)}` +
    `&compact=1&numwant=${request.numWant}&key=${request.key}` +
    (event === undefined ? '' : `&event=${event}`) +
    (ip === undefined ? '' : `&ip=${encodeURIComponent(ip)}`) +
    (trackerId === undefined ? '' : `&trackerid=${percentEncoded(trackerId)}`)
  );
}

/** Bytes in hex → every byte as `%xx`. */
function percentEncoded(hex: string): string {
  return hex.replace(/../g, '%$&');
}

function httpError(tracker: string, failure: HttpFailure): HelperError {
  switch (failure.kind) {
    case 'status': {
      const answer = `answered with HTTP status ${failure.statusCode}`;
      return isRefusal(failure.statusCode)
        ? refusal(tracker, answer)
        : trackerError(tracker, answer);
    }
    case 'tooManyRedirects':
      return trackerError(tracker, `redirected more than ${failure.maxRedirects} times`);
    case 'badRedirect':
      return trackerError(tracker, 'redirected to something that is not HTTP');
    case 'tooLarge':
      return failure.coding === undefined
        ? trackerError(tracker, 'answered with over 1 MiB')
        : trackerError(tracker, `answered with ${failure.coding} that cannot be unpacked`);
    case 'undecodable': {
      const { coding, cause } = failure;
      return trackerError(tracker, `answered with ${coding} that cannot be unpacked`, cause);
    }
  }
}

/** About what was asked for: a path, a passkey, a torrent. The others, and 429, are about the tracker itself. */
function isRefusal(statusCode: number): boolean {
  return statusCode >= 400 && statusCode < 500 && statusCode !== 408 && statusCode !== 429;
}
