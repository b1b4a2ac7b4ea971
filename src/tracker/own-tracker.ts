// The tracker to the helper that it is part of: what is announced there is announced as over HTTP, but for the HTTP.
import type { OwnAnnounce, OwnAnnounceAnswer } from '../tracker-protocol/own-announce.js';
import { acceptAnnounce, type TrackerContext } from './accept-announce.js';

/** `sender`: the address that HTTP would be spoken from. */
export function answerOwnAnnounce(
  context: TrackerContext,
  { infoHash, peerId, port, ip, isComplete, event, numWant }: OwnAnnounce,
  sender: string,
): OwnAnnounceAnswer {
  const requested = {
    ...{ port, ip, isComplete, event, numWant },
    infoHash: Buffer.from(infoHash, 'hex'),
    peerId: Buffer.from(peerId, 'hex'),
    addressBytes: undefined,
  };
  const outcome = acceptAnnounce(context, requested, sender);
  if (outcome.refusal !== undefined) return { refusal: outcome.refusal };
  const { complete, incomplete, told } = outcome;
  return {
    intervalMs: context.intervalMs,
    minIntervalMs: context.intervalMs / 3,
    seeders: complete,
    leechers: incomplete,
    ipv4Peers: told.ipv4.toString('latin1'),
    ipv6Peers: told.ipv6.toString('latin1'),
  };
}
