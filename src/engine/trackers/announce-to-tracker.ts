// One announce to one tracker, by the protocol its URL names, or, to our own, by none.
import type {
  AnnounceAnswer,
  AnnounceOptions,
  AnnounceRequest,
} from './announce/announce-request.js';
import { announceOverHttp } from './announce/http-announce.js';
import { type TrackerUrl, trackerUrl } from './announce/tracker-url.js';
import { announceOverUdp } from './announce/udp/udp-announce.js';
import { announceToOwn } from './announce-to-own.js';

/** Rejects with TRACKER_UNREACHABLE or TRACKER_FORBIDDEN, and nothing else. */
export type SendAnnounce = (
  url: string,
  request: AnnounceRequest,
  options: AnnounceOptions,
) => Promise<AnnounceAnswer>;

/** Which protocol an announce URL asks for; `other` is nothing this client speaks. */
export function announceProtocol(url: string): TrackerUrl['protocol'] {
  return trackerUrl(url)?.protocol ?? 'other';
}

export const announceToTracker: SendAnnounce = (url, request, options) => {
  const own = announceToOwn(url, request, options.agent);
  if (own === undefined) return announceByProtocol(url, request, options);
  return own.then((answer) => answer ?? announceByProtocol(url, request, options));
};

const announceByProtocol: SendAnnounce = (url, request, options) => {
  if (announceProtocol(url) !== 'udp') return announceOverHttp(url, request, options);
  const { sockets, trackerRoutes, resolve } = options.agent;
  return announceOverUdp(url, request, { ...options, sockets, trackerRoutes, resolve });
};
