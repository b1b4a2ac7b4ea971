// The outgoing side of one torrent: which known peers are dialled, how, and when again. Takes the slot of webtorrent's
// queue, which dials itself, redials for ever, and never falls back between plaintext and encryption.

import { dialLimits } from '../../limits.js';
import type { OwnAddresses } from '../../net/own-addresses.js';
import { isOwnAddress } from '../../net/own-addresses.js';
import { type PeerAddress, parsePeerAddress } from '../../net/peer-address.js';
import type { BanList } from '../peers/ban-list.js';
import { runForTorrent } from '../torrent-context.js';
import { isRegistered } from '../webtorrent/torrent-peers.js';
import type { DialSlots } from './contender.js';
import { type AttemptOptions, type AttemptOutcome, dialPeer } from './dial-attempt.js';
import type { DialledAddresses } from './dialled-addresses.js';
import { type DialTurn, type KnownPeer, KnownPeers } from './known-peers/known-peers.js';
import { isTrusted, mayBeDialled, type PeerSource } from './known-peers/peer-source.js';
import type { SatedPeers } from './known-peers/sated-peers.js';
import { watchTorrentUse } from './torrent-use.js';

/** The wait before each further attempt, as long as attempts come to nothing; after the last, the peer is forgotten. */
const backOffMs = [5_000, 15_000, 60_000, 300_000, 300_000, 300_000];
/** A connection that lasted so long, or brought or took a block, was worth it: the back-off begins anew. */
const worthwhileMs = 30_000;

export interface Dialer {
  /** Makes a peer known, `host:port`; what is no address, or our own, or not for `source` to name, is ignored. */
  add(address: string, source: PeerSource): void;
  /** A peer, `peerId` in hex, has dialled us and says that it listens there: it need not be dialled until it has gone. */
  hasDialledUs(address: PeerAddress, peerId: string): IncomingPeer;
  /** Whether somebody is left to be dialled, or is being dialled, who has not failed. */
  readonly hasCandidates: boolean;
  /** Whether anybody is known who is connected, or will be dialled, be it later. */
  readonly knowsAnybody: boolean;
  /** Dials no more. Connections stay. */
  stop(): void;
}

export interface IncomingPeer {
  disconnected(): void;
}

export interface DialerOptions extends AttemptOptions {
  readonly slots: DialSlots;
  readonly addresses: DialledAddresses;
  readonly ownAddresses: OwnAddresses;
  readonly banList: BanList;
  /** Who need not be met again. */
  readonly sated: SatedPeers;
  /** True when we have everything. */
  readonly isComplete: () => boolean;
}

export function createDialer(options: DialerOptions): Dialer {
  const { torrent, addresses, ownAddresses, banList, sated, isComplete } = options;
  const known = new KnownPeers();
  /** Peers that dialled us, by their ids, where they say that they listen. */
  const incoming = new Map<string, Set<{ readonly peerId: string }>>();
  const use = watchTorrentUse(torrent, isComplete);
  let isStopped = false;

  /** Whoever says so may not be the peer that we know there. */
  const isMet = ({ address, peerId }: KnownPeer) =>
    [...(incoming.get(address.text) ?? [])].some(
      (each) => peerId === undefined || each.peerId === peerId,
    );

  const isSated = (each: KnownPeer) => isComplete() && each.wantsNothing;

  const leaveAlone = (each: KnownPeer) => {
    sated.add(each.address.text);
    known.forget(each);
  };

  /** Removes it from those to be dialled where it is not to be. */
  const isFree = (each: KnownPeer): boolean => {
    const { address, security } = each;
    if (isSated(each)) {
      leaveAlone(each);
      return false;
    }
    if (bannedMs(each) > 0 || isRegistered(torrent, address.text)) {
      dialLater(each);
      return false;
    }
    // The other way to speak to a peer that hung up belongs to the same attempt.
    const mostFailed = security === 'encrypted' ? Number.POSITIVE_INFINITY : mostFailedPorts(each);
    const state = addresses.stateOf(address, mostFailed);
    if (state === 'exhausted') known.forget(each);
    if (state === 'busy') addresses.waitFor(address, slots.want);
    return state === 'free';
  };

  const dial = (each: KnownPeer) => {
    known.suspend(each, 'dialled');
    const { host, port } = each.address;
    const attempt = dialPeer(each, options, {
      onConnected() {
        slot.connected();
        addressDial.answered();
      },
      onHandshake(peerId) {
        each.peerId = peerId;
        addressDial.proven();
        slot.proven();
      },
      onGarbage: () => banList.sentGarbage(host, port),
      onClosed(outcome) {
        addressDial.ended(outcome.wasSent);
        slot.release();
        if (!isStopped) attemptEnded(each, outcome, isDisplaced);
      },
    });
    let isDisplaced = false;
    const occupant = {
      get usefulBytes() {
        return isComplete() ? attempt.uploadedBytes : attempt.downloadedBytes;
      },
      displace: () =>
        runForTorrent(torrent.infoHash, () => {
          isDisplaced = true;
          attempt.hangUp();
        }),
    };
    const addressDial = addresses.dial(each.address, mostFailedPorts(each), occupant);
    const slot = slots.take(occupant);
  };

  const attemptEnded = (each: KnownPeer, outcome: AttemptOutcome, isDisplaced: boolean) => {
    const { hasConnected, hasHandshake, isSelf, wantsNothing, payloadBytes, lastedMs } = outcome;
    each.wantsNothing ||= wantsNothing;
    if (isSelf) ownAddresses.learn(each.address);
    if (isSelf) return known.forget(each);
    if (isSated(each)) return leaveAlone(each);
    if (hasConnected && !hasHandshake && each.security === 'plaintext') {
      // It may want encryption: at once, for the peer is there.
      each.security = 'encrypted';
      known.tryAgain(each, true);
      slots.want();
      return;
    }
    if (!hasHandshake) each.security = 'plaintext';
    const wasWorthIt = payloadBytes > 0 || lastedMs >= worthwhileMs;
    if (hasHandshake && wasWorthIt && !isDisplaced) each.failures = 0;
    if (isMet(each)) known.suspend(each, 'met');
    else dialLater(each);
  };

  const bannedMs = ({ address: { host, port } }: KnownPeer) => banList.remainingMs(host, port);

  const dialLater = (each: KnownPeer) => {
    const untilNextMs = backOffMs[each.failures];
    if (untilNextMs === undefined) return known.forget(each);
    const waitMs = Math.max(bannedMs(each), untilNextMs);
    each.failures += 1;
    known.suspend(each, 'waiting');
    each.timer = setTimeout(() => {
      known.tryAgain(each);
      slots.want();
    }, waitMs).unref();
  };

  const slots = options.slots.enter({
    dial: (turn: DialTurn) =>
      runForTorrent(torrent.infoHash, () => {
        const next = known.next(turn, isFree);
        if (next !== undefined) dial(next);
        return next !== undefined;
      }),
    has: (turn) => known.has(turn),
    isStarving: () => use.isStarving(),
  });

  return {
    add(text, source) {
      const address = parsePeerAddress(text);
      if (isStopped || address === undefined || ownAddresses.has(address)) return;
      if (!mayBeDialled(address.host, source) || (isComplete() && sated.has(text))) return;
      const added = known.add(address, source, addresses.hasFailed(address));
      if (added === undefined) return;
      if (isMet(added)) known.suspend(added, 'met');
      else slots.want();
    },
    hasDialledUs({ text }, peerId) {
      const peer = { peerId };
      const there = incoming.get(text) ?? new Set();
      incoming.set(text, there.add(peer));
      const each = known.get(text);
      if (each !== undefined && each.state !== 'dialled' && isMet(each)) known.suspend(each, 'met');
      return {
        disconnected() {
          there.delete(peer);
          if (there.size === 0 && incoming.get(text) === there) incoming.delete(text);
          const left = known.get(text);
          if (!isStopped && left?.state === 'met' && !isMet(left)) dialLater(left);
        },
      };
    },
    get hasCandidates() {
      return known.hasCandidates;
    },
    get knowsAnybody() {
      return !known.isEmpty;
    },
    stop() {
      isStopped = true;
      slots.leave();
      known.clear();
    },
  };
}

/** Many helpers live and die on this machine; nobody else may look for its ports. */
function mostFailedPorts({ address, source }: KnownPeer): number {
  if (isOwnAddress(address.host) && isTrusted(source)) return Number.POSITIVE_INFINITY;
  const isHearsay = source.kind === 'dht' || source.kind === 'exchange';
  return isHearsay ? dialLimits.failedPortsOnHearsay : dialLimits.failedPortsPerAddress;
}
