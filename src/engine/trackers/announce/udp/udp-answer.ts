// What a UDP tracker answered, as the tracker client takes it: never on trust, and with a tracker error in place of all else.
import { quote } from '../../../../metainfo/quote.js';
import { parseIpv4Peers, parseIpv6Peers } from '../../../../tracker-protocol/compact-peers.js';
import { parseUdpAnswer, type UdpAnswer } from '../../../../tracker-protocol/udp-packets.js';
import { type AnnounceAnswer, clampInterval } from '../announce-request.js';
import { refusal, trackerError } from '../tracker-error.js';

/** The connection id, 8 bytes. Throws TRACKER_UNREACHABLE. */
export function readConnectAnswer(tracker: string, packet: Buffer): Uint8Array {
  const answer = readAnswer(tracker, packet);
  if (answer.action !== 'connect') throw malformed(tracker);
  return answer.connectionId;
}

/** Throws TRACKER_UNREACHABLE. */
export function readAnnounceAnswer(
  tracker: string,
  packet: Buffer,
  family: 'IPv4' | 'IPv6',
): AnnounceAnswer {
  const answer = readAnswer(tracker, packet);
  if (answer.action !== 'announce') throw malformed(tracker);
  const { intervalSeconds, peers, seeders, leechers } = answer;
  return {
    seeders,
    leechers,
    intervalMs: clampInterval(intervalSeconds),
    peers: [...new Set(family === 'IPv6' ? parseIpv6Peers(peers) : parseIpv4Peers(peers))],
  };
}

function readAnswer(tracker: string, packet: Buffer): Exclude<UdpAnswer, { action: 'error' }> {
  const answer = parseUdpAnswer(packet);
  if (answer === undefined) throw malformed(tracker);
  if (answer.action !== 'error') return answer;
  throw refusal(tracker, `refused the announce: ${quote(answer.reason)}`);
}

function malformed(tracker: string) {
  return trackerError(tracker, 'answered with a malformed packet');
}
