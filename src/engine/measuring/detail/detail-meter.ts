// Looks at what a swarm is made of, again and again while somebody asks for it. Between two looks it remembers what each peer had
// moved, which goes with the peer.
import type { PeerMeasure, SwarmDetail, TrackerMeasure } from '../../../../machines/types.js';
import { swarmDetailLimits } from '../../../limits.js';
import { plainAddress } from '../../../net/ip-address.js';
import type { SwarmPeer } from '../../data-path/swarm-peer.js';
import { sourceKinds } from '../../dialling/known-peers/peer-source.js';
import { RateWindow } from '../rate-window.js';
import { peerClient } from './peer-client.js';
import { peerFlags } from './peer-flags.js';
import { type PieceMapSource, type PiecesOfPeer, pieceMap } from './piece-map.js';

/** As much of a peer's connection as is looked at. */
type WireOfPeer = Pick<
  SwarmPeer['connection']['wire'],
  | ('amInterested' | 'peerChoking' | 'peerInterested' | 'amChoking')
  | ('peerExtendedHandshake' | 'peerId' | 'remoteAddress' | 'remotePort')
>;

export interface MeasuredPeer
  extends Pick<SwarmPeer, 'givenBytes' | 'takenBytes' | 'askedBlocks' | 'owedBlocks'> {
  readonly isSnubbing: boolean;
  readonly pieces: PiecesOfPeer;
  readonly connection: Pick<SwarmPeer['connection'], 'source' | 'isEncrypted'> & {
    readonly wire: WireOfPeer;
  };
}

/** A swarm as it stands. */
export interface DetailSource extends Omit<PieceMapSource, 'peers'> {
  readonly peers: ReadonlySet<MeasuredPeer>;
  readonly trackers: readonly TrackerMeasure[];
}

interface PeerRates {
  readonly down: RateWindow;
  readonly up: RateWindow;
}

export class DetailMeter {
  readonly #look: () => DetailSource;
  readonly #rates = new WeakMap<MeasuredPeer, PeerRates>();

  constructor(look: () => DetailSource) {
    this.#look = look;
  }

  /** `nowMs`: as performance.now() has it, later than before. */
  read(nowMs: number): SwarmDetail {
    const { peers, trackers, ...content } = this.#look();
    return {
      pieces: pieceMap({ ...content, peers: [...peers].map(({ pieces }) => pieces) }),
      peers: busiest([...peers].map((peer) => this.#measure(peer, nowMs))),
      trackers: trackers.slice(0, swarmDetailLimits.trackers),
    };
  }

  #measure(peer: MeasuredPeer, nowMs: number): PeerMeasure {
    const { connection, givenBytes, takenBytes } = peer;
    const { wire } = connection;
    const { down, up } = this.#ratesOf(peer, nowMs);
    const source = sourceKinds.find((kind) => kind === connection.source) ?? 'incoming';
    return {
      address: addressOf(wire),
      client: peerClient(wire.peerExtendedHandshake.v, wire.peerId),
      source,
      flags: peerFlags({
        amInterested: wire.amInterested,
        peerChoking: wire.peerChoking,
        peerInterested: wire.peerInterested,
        amChoking: wire.amChoking,
        isSnubbing: peer.isSnubbing,
        isIncoming: source === 'incoming',
        isOfDht: source === 'dht',
        isExchanged: source === 'exchange',
        isEncrypted: connection.isEncrypted,
      }),
      pieces: peer.pieces.count,
      bytesDown: givenBytes,
      bytesUp: takenBytes,
      downBytesPerSecond: down.look(nowMs, givenBytes),
      upBytesPerSecond: up.look(nowMs, takenBytes),
      blocksAsked: peer.askedBlocks,
      blocksOwed: peer.owedBlocks,
    };
  }

  #ratesOf(peer: MeasuredPeer, nowMs: number): PeerRates {
    const known = this.#rates.get(peer);
    if (known !== undefined) return known;
    const rates = {
      down: new RateWindow(nowMs, peer.givenBytes),
      up: new RateWindow(nowMs, peer.takenBytes),
    };
    this.#rates.set(peer, rates);
    return rates;
  }
}

function addressOf({ remoteAddress = '', remotePort = 0 }: WireOfPeer): string {
  const host = plainAddress(remoteAddress);
  return `${host.includes(':') ? `[${host}]` : host}:${remotePort}`;
}

/** In the order in which they came, where there are not too many. */
function busiest(peers: readonly PeerMeasure[]): readonly PeerMeasure[] {
  if (peers.length <= swarmDetailLimits.peers) return peers;
  const rate = (peer: PeerMeasure) => peer.downBytesPerSecond + peer.upBytesPerSecond;
  const moved = (peer: PeerMeasure) => peer.bytesDown + peer.bytesUp;
  return [...peers]
    .sort((one, other) => rate(other) - rate(one) || moved(other) - moved(one))
    .slice(0, swarmDetailLimits.peers);
}
