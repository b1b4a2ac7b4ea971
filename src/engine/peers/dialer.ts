// The outgoing side of one torrent: which known peers are dialled, when, how, and when again. Takes the place of
// webtorrent's queue, which dials itself, redials for ever, and never falls back between plaintext and encryption.
import type WebTorrent from 'webtorrent';
import type { Torrent } from 'webtorrent';
import Peer from 'webtorrent/lib/peer.js';
import type { OwnAddresses } from '../../net/own-addresses.js';
import { type PeerAddress, parsePeerAddress } from '../../net/peer-address.js';
import { connectionOf, connectToPeer } from '../data-path/wire/connection.js';
import { bindToTorrent } from '../torrent-context.js';
import { isRegistered, registerPeer } from '../webtorrent/torrent-peers.js';
import type { BanList } from './ban-list.js';
import type { ConnectionLimits } from './connection-limits.js';
import { replaceHandshake } from './handshake.js';

const connectTimeoutMs = 5_000;
const handshakeTimeoutMs = 10_000;
const mostConnections = 55;
const mostKnown = 2_000;
/** The wait before each further attempt, as long as attempts come to nothing; after the last, the peer is forgotten. */
const backOffMs = [5_000, 15_000, 60_000, 300_000, 300_000, 300_000];
/** A connection that lasted so long, or brought or took a block, was worth it: the back-off begins anew. */
const worthwhileMs = 30_000;

export interface Dialer {
  /** Makes a peer known, `host:port`; what is no address, or our own, is ignored. */
  add(address: string, source: string): void;
  /** Says that the peer which listens at `address` has dialled us: it need not be dialled until `disconnected`. */
  hasDialledUs(address: PeerAddress): void;
  disconnected(address: PeerAddress): void;
  /** Dials no more. Connections stay. */
  stop(): void;
}

export interface DialerOptions {
  readonly client: WebTorrent;
  readonly torrent: Torrent;
  readonly dht: boolean;
  readonly connectionLimits: ConnectionLimits;
  readonly ownAddresses: OwnAddresses;
  readonly banList: BanList;
  /** True when we have everything: seeders need not be met again. */
  readonly isComplete: () => boolean;
}

type Security = 0 | 1;
const plaintext: Security = 0;
const encrypted: Security = 1;

interface KnownPeer {
  readonly address: PeerAddress;
  readonly source: string;
  state: 'idle' | 'busy' | 'waiting';
  /** What worked, or is to be tried next. */
  security: Security;
  failures: number;
  wantsNothing: boolean;
  timer: NodeJS.Timeout | undefined;
}

interface Attempt {
  readonly peer: Peer;
  readonly startedAtMs: number;
  hasHandshake: boolean;
  isSelf: boolean;
}

export function createDialer(options: DialerOptions): Dialer {
  const { client, torrent, dht, connectionLimits, ownAddresses, banList, isComplete } = options;
  const known = new Map<string, KnownPeer>();
  /** Peers that dialled us, by the address they listen at. */
  const incoming = new Set<string>();
  let busy = 0;
  let isStopped = false;

  /** True if someone was dialled. The limits call it when another torrent hangs up. */
  const dialNext = bindToTorrent((): boolean => {
    const busyBefore = busy;
    for (const each of known.values()) {
      if (busy >= mostConnections) break;
      if (each.state === 'idle' && !incoming.has(each.address.text) && !dial(each)) break;
    }
    return busy > busyBefore;
  });

  /** False if there is no slot for it now. */
  const dial = (each: KnownPeer): boolean => {
    if (isRegistered(torrent, each.address.text)) return true;
    if (bannedMs(each) > 0) {
      dialLater(each);
      return true;
    }
    const slot = connectionLimits.take(dialNext);
    if (slot === undefined) return false;
    busy += 1;
    each.state = 'busy';
    const { host, port, text } = each.address;
    const socket = connectToPeer({ host, port });
    const peer = Peer.createTCPOutgoingPeer(
      text,
      torrent,
      client.throttleGroups,
      each.source,
      each.security,
    );
    const attempt: Attempt = { peer, startedAtMs: Date.now(), hasHandshake: false, isSelf: false };
    peer.conn = socket;
    let deadline = setTimeout(() => peer.destroy(), connectTimeoutMs).unref();
    replaceHandshake(peer, torrent, {
      clientPeerId: client.peerId,
      dht,
      onSelf: () => {
        attempt.isSelf = true;
      },
      onCompleted: () => {
        attempt.hasHandshake = true;
        clearTimeout(deadline);
      },
    });
    registerPeer(torrent, peer);
    let wire: Peer['wire'] = null;
    socket.once('connect', () => {
      slot.connected();
      clearTimeout(deadline);
      deadline = setTimeout(() => peer.destroy(), handshakeTimeoutMs).unref();
      peer.onConnect();
      wire = peer.wire;
      wire?.once('garbage', () => banList.sentGarbage(host, port));
    });
    socket.on('error', () => peer.destroy());
    socket.once('close', () => {
      clearTimeout(deadline);
      peer.destroy();
      slot.release();
      busy -= 1;
      each.state = 'idle';
      if (wire !== null && connectionOf(wire)?.wantsNothing) each.wantsNothing = true;
      attemptEnded(
        each,
        attempt,
        wire === null ? 0 : wire.downloaded + wire.uploaded,
        wire !== null,
      );
      dialNext();
    });
    return true;
  };

  const attemptEnded = (
    each: KnownPeer,
    attempt: Attempt,
    payloadBytes: number,
    hasConnected: boolean,
  ) => {
    if (isStopped) return;
    if (attempt.isSelf) {
      ownAddresses.learn(each.address);
      known.delete(each.address.text);
      return;
    }
    if (hasConnected && !attempt.hasHandshake && each.security === plaintext) {
      // It may want encryption: at once, for the peer is there.
      each.security = encrypted;
      return;
    }
    if (!attempt.hasHandshake) each.security = plaintext;
    if (isComplete() && each.wantsNothing) {
      known.delete(each.address.text);
      return;
    }
    const lastedMs = Date.now() - attempt.startedAtMs;
    if (attempt.hasHandshake && (payloadBytes > 0 || lastedMs >= worthwhileMs)) each.failures = 0;
    dialLater(each);
  };

  const bannedMs = ({ address: { host, port } }: KnownPeer) => banList.remainingMs(host, port);

  const dialLater = (each: KnownPeer) => {
    const untilNextMs = backOffMs[each.failures];
    const waitMs = Math.max(bannedMs(each), untilNextMs ?? 0);
    if (untilNextMs === undefined) {
      known.delete(each.address.text);
      return;
    }
    each.failures += 1;
    each.state = 'waiting';
    each.timer = setTimeout(() => {
      each.state = 'idle';
      dialNext();
    }, waitMs).unref();
  };

  return {
    add(text, source) {
      const address = parsePeerAddress(text);
      if (isStopped || address === undefined || known.has(address.text)) return;
      if (ownAddresses.has(address) || known.size >= mostKnown) return;
      known.set(address.text, {
        address,
        source,
        state: 'idle',
        security: plaintext,
        failures: 0,
        wantsNothing: false,
        timer: undefined,
      });
      dialNext();
    },
    hasDialledUs({ text }) {
      incoming.add(text);
    },
    disconnected({ text }) {
      incoming.delete(text);
      const each = known.get(text);
      if (each?.state === 'idle') dialLater(each);
    },
    stop() {
      isStopped = true;
      for (const each of known.values()) clearTimeout(each.timer);
      known.clear();
    },
  };
}
