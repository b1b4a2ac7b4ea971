// What an HTTP tracker answered (BEP 3, BEP 7, BEP 23), hostile until proven otherwise: nothing of it is taken on trust.
import { announceLimits } from '../../../limits.js';
import { BencodeDictionary, type BencodeValue } from '../../../metainfo/bencode-values.js';
import { decodeTolerantly } from '../../../metainfo/decode-bencode.js';
import { quote, quoteBytes } from '../../../metainfo/quote.js';
import {
  parseIpv4Peers,
  parseIpv6Peers,
  peerAddress,
} from '../../../tracker-protocol/compact-peers.js';
import { type AnnounceAnswer, clampInterval, clampMinInterval } from './announce-request.js';
import { refusal, trackerError } from './tracker-error.js';

// More than anyone can dial; the rest of a longer list is not looked at.
const maxPeers = 1000;

/**
 * Throws TRACKER_UNREACHABLE if it is no answer, or a refusal. What can be read of it is: missing and odd fields are made
 * up for, and what stands behind it, such as a web page's comment, is passed over.
 */
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
    seeders: readCount(answer.get('complete')),
    leechers: readCount(answer.get('incomplete')),
    warning: readWarning(answer.get('warning message')),
    trackerId: readTrackerId(answer.get('tracker id')),
  };
}

function decode(bytes: Uint8Array): BencodeValue | undefined {
  try {
    return decodeTolerantly(bytes, 'wire').value;
  } catch {
    return undefined;
  }
}

function readCount(count: BencodeValue | undefined): number | undefined {
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

function readWarning(warning: BencodeValue | undefined): string | undefined {
  const isText = warning instanceof Uint8Array && warning.length > 0;
  return isText ? quoteBytes(warning) : undefined;
}

function readTrackerId(id: BencodeValue | undefined): string | undefined {
  if (!(id instanceof Uint8Array) || id.length === 0) return undefined;
  // Half of one would be another's.
  return id.length <= announceLimits.trackerIdBytes ? Buffer.from(id).toString('hex') : undefined;
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

/** Names instead of addresses (BEP 3 has both) are not looked up: a tracker could have us ask for any. */
function readDictionaryPeer(peer: unknown): string | undefined {
  if (!(peer instanceof BencodeDictionary)) return undefined;
  const ip = peer.get('ip');
  const port = peer.get('port');
  if (!(ip instanceof Uint8Array) || typeof port !== 'number') return undefined;
  return peerAddress(Buffer.from(ip).toString('latin1'), port);
}
