// One announce to the helper's own tracker: by messages between their threads, as HTTP from one end of a process to the other
// costs more than all that is said. It answers as it does over HTTP.
import { quote } from '../../metainfo/quote.js';
import { literalAddress } from '../../net/reach.js';
import { parseIpv4Peers, parseIpv6Peers } from '../../tracker-protocol/compact-peers.js';
import type { OwnAnnounceAnswer } from '../../tracker-protocol/own-announce.js';
import type {
  AnnounceAnswer,
  AnnounceOptions,
  AnnounceRequest,
} from './announce/announce-request.js';
import { refusal } from './announce/tracker-error.js';
import { trackerRoute } from './announce/tracker-route.js';
import { trackerUrl } from './announce/tracker-url.js';

/** Undefined: it is not to be had so. Rejects with TRACKER_UNREACHABLE where it refuses. */
export function announceToOwn(
  text: string,
  request: AnnounceRequest,
  { trackerRoutes, askOwnTracker }: AnnounceOptions['agent'],
): Promise<AnnounceAnswer | undefined> | undefined {
  const url = trackerUrl(text)?.url;
  if (askOwnTracker === undefined || url?.protocol !== 'http:') return undefined;
  // Whatever else is asked for there is as HTTP has it.
  if (url.pathname !== '/announce' || url.username + url.password + url.search !== '') {
    return undefined;
  }
  const { hostname, isTrusted } = trackerRoute(url, trackerRoutes);
  if (!isTrusted) return undefined;
  const { infoHash, peerId, port, ip, leftBytes, event, numWant } = request;
  const isComplete = leftBytes === 0;
  const asked = askOwnTracker({ infoHash, peerId, port, ip, isComplete, event, numWant });
  return asked.then((answer) => answer && read(text, answer, literalAddress(hostname)));
}

function read(url: string, answer: OwnAnnounceAnswer, from: string | undefined): AnnounceAnswer {
  if (answer.refusal !== undefined) {
    throw refusal(url, `refused the announce: ${quote(answer.refusal)}`);
  }
  const { ipv4Peers, ipv6Peers, ...told } = answer;
  const ipv4 = parseIpv4Peers(Buffer.from(ipv4Peers, 'latin1'));
  return { from, ...told, peers: [...ipv4, ...parseIpv6Peers(Buffer.from(ipv6Peers, 'latin1'))] };
}
