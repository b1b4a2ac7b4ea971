// What an HTTP tracker answered (BEP 3, BEP 7, BEP 23), hostile until proven otherwise: nothing of it is taken on trust.
import { BencodeDictionary, type BencodeValue, decodeBencode } from '../../../metainfo/bencode.js';
import { quote } from '../../../metainfo/quote.js';
import {
  parseIpv4Peers,
  parseIpv6Peers,
  peerAddress,
} from '../../../tracker-protocol/compact-peers.js';
import { type AnnounceAnswer, clampInterval, clampMinInterval } from './announce-request.js';
import { refusal, trackerError } from './tracker-error.js';

// More than anyone can dial; the rest of a longer list is not looked at.
const maxPeers = 1000;

/** Throws TRACKER_UNREACHABLE if it is no answer, or a refusal; missing and odd fields are made up for. */
export function readHttpAnswer(tracker: string, bytes: Uint8Array): AnnounceAnswer {
  const answer = decode(bytes);
  if (!(answer instanceof BencodeDictionary)) {
    throw trackerError(tracker, 'answered with something that is not a bencoded dictionary');
  }
  const failure = answer.get('failure reason');
  if (failure !== undefined) {
    throw refusal(tracker, `refused the announce: ${reason(failure)}`);
  }
  const peers = [...readPeers(answer.get('peers')), ...readPeers6(answer.get('peers6'))];
  return {
    intervalMs: clampInterval(answer.get('interval')),
    minIntervalMs: clampMinInterval(answer.get('min interval')),
    peers: [...new Set(peers)],
  };
}

function decode(bytes: Uint8Array): BencodeValue | undefined {
  try {
    return decodeBencode(withoutLineEnd(bytes), 'wire');
  } catch {
    return undefined;
  }
}

/** Trackers that are scripts of a web server are known to end their answer as they would a page. */
function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  const end = bytes.findLastIndex((byte) => byte !== 0x0a && byte !== 0x0d);
  return bytes.subarray(0, end + 1);
}

function reason(failure: BencodeValue): string {
  if (failure instanceof Uint8Array) return quote(Buffer.from(failure).toString());
  return typeof failure === 'number' ? `${failure}` : 'it gave a reason that is not text';
}

function readPeers(peers: BencodeValue | undefined): readonly string[] {
  if (peers instanceof Uint8Array) return parseIpv4Peers(peers.subarray(0, maxPeers * 6));
  if (!Array.isArray(peers)) return [];
  return peers.slice(0, maxPeers).flatMap((peer) => readDictionaryPeer(peer) ?? []);
}

function readPeers6(peers: BencodeValue | undefined): readonly string[] {
  return peers instanceof Uint8Array ? parseIpv6Peers(peers.subarray(0, maxPeers * 18)) : [];
}

/** Names instead of addresses are not looked up: a tracker could have us ask for any. */
function readDictionaryPeer(peer: unknown): string | undefined {
  if (!(peer instanceof BencodeDictionary)) return undefined;
  const ip = peer.get('ip');
  const port = peer.get('port');
  if (!(ip instanceof Uint8Array) || typeof port !== 'number') return undefined;
  return peerAddress(Buffer.from(ip).toString('latin1'), port);
}
