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
  { agent, permit, timeoutMs = defaultTimeoutMs, signal }: AnnounceOptions,
): Promise<AnnounceAnswer> {
  try {
    const announce = announceUrl(url, request);
    const { body, from } = await withDeadline({ timeoutMs, signal }, (deadline) =>
      agent.http.get(announce, deadline, permit),
    );
    return { ...readHttpAnswer(url, body), from };
  } catch (thrown) {
    throw thrown instanceof HttpError
      ? httpError(url, thrown.failure)
      : toTrackerError(url, thrown);
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
    request.trackerId === undefined ? '' : `trackerid=${percentEncoded(request.trackerId)}`,
  ];
  announce.search = query.filter((part) => part !== '').join('&');
  return announce;
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
