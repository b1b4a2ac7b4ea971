// Finds out who sent a bad piece. webtorrent checks every piece and fetches a bad one again, but of the same peers, and
// does not say whose it was. Here a piece that one peer sent alone convicts it; one that several sent is fetched from
// a single peer the next time, another one if there is any, so that it comes out in the end.
import type { EventEmitter } from 'node:events';
import type Wire from 'bittorrent-protocol';
import type { Piece, Torrent } from 'webtorrent';
import type { Bans } from './peers/ban-list.js';
import { listenPortOf } from './peers/listen-port.js';

/** How long a piece that was bad before stays with one peer that sends nothing of it. */
const patienceMs = 10_000;

interface Delivered {
  readonly piece: Piece;
  readonly senders: readonly Wire[];
}

/** A piece that was bad and is being fetched again. */
interface Retrial {
  readonly suspects: ReadonlySet<Wire>;
  holder: Wire | undefined;
  heardAtMs: number;
}

/** As much of a torrent as is looked at here. */
type Judged = Pick<Torrent, 'wires' | 'pieces' | '_request'> & Pick<EventEmitter, 'on'>;

/** Those of all torrents, for a convict may be there in several. */
interface Everyone {
  readonly torrents: readonly Pick<Torrent, 'wires'>[];
}

const judges = new WeakMap<Judged, PieceJudge>();

/** Watches what comes over `wire`. Must run before any block comes. */
export function judgePieces(wire: Wire, torrent: Judged, client: Everyone, bans: Bans): void {
  const judge = judges.get(torrent) ?? new PieceJudge(torrent, client, bans);
  judges.set(torrent, judge);
  judge.watch(wire);
}

class PieceJudge {
  readonly #torrent: Judged;
  readonly #client: Everyone;
  readonly #bans: Bans;
  /** Complete, and being verified. */
  readonly #delivered = new Map<number, Delivered>();
  readonly #retrials = new Map<number, Retrial>();

  constructor(torrent: Judged, client: Everyone, bans: Bans) {
    this.#torrent = torrent;
    this.#client = client;
    this.#bans = bans;
    torrent.on('verified', (index: number) => this.#onGood(index));
    // Told of a bad piece in words alone: which one it was, `#delivered` knows.
    torrent.on('warning', () => this.#onWarning());
    const request = torrent._request;
    torrent._request = (wire, index, hotswap) => {
      const retrial = this.#retrials.get(index);
      if (retrial === undefined) return request.call(torrent, wire, index, hotswap);
      if (!this.#mayRetry(retrial, wire, index)) return false;
      const isAsked = request.call(torrent, wire, index, hotswap);
      if (isAsked && retrial.holder !== wire) {
        retrial.holder = wire;
        retrial.heardAtMs = performance.now();
      }
      return isAsked;
    };
  }

  watch(wire: Wire): void {
    const onPiece = wire._onPiece;
    wire._onPiece = (index, offset, block) => {
      const piece = this.#torrent.pieces[index];
      // Filled with each block that is taken, and let go of by the piece once it is complete.
      const senders = piece?.sources;
      onPiece.call(wire, index, offset, block);
      if (piece && senders && piece.sources === null)
        this.#delivered.set(index, { piece, senders });
      const retrial = this.#retrials.get(index);
      if (retrial?.holder === wire) retrial.heardAtMs = performance.now();
    };
  }

  #onGood(index: number): void {
    const senders = this.#delivered.get(index)?.senders ?? [];
    this.#delivered.delete(index);
    this.#retrials.delete(index);
    for (const wire of senders) {
      if (wire.remoteAddress !== undefined) {
        this.#bans.tookPart('good', wire.remoteAddress, listenPortOf(wire));
      }
    }
  }

  #onWarning(): void {
    for (const [index, { piece, senders }] of this.#delivered) {
      const now = this.#torrent.pieces[index];
      if (now === piece || now === null) continue;
      this.#delivered.delete(index);
      this.#retrials.set(index, {
        suspects: new Set(senders),
        holder: undefined,
        heardAtMs: 0,
      });
      this.#accuse(senders);
    }
  }

  #accuse(senders: readonly Wire[]): void {
    for (const wire of senders) {
      const { remoteAddress } = wire;
      if (remoteAddress === undefined) continue;
      const port = listenPortOf(wire);
      if (senders.length === 1) this.#bans.convict(remoteAddress, port);
      else if (!this.#bans.tookPart('bad', remoteAddress, port)) continue;
      wire.destroy();
      this.#hangUpOnBanned();
    }
  }

  /** They may be there in other torrents too. */
  #hangUpOnBanned(): void {
    for (const { wires } of this.#client.torrents) {
      for (const wire of [...wires]) {
        const { remoteAddress } = wire;
        if (remoteAddress === undefined) continue;
        if (this.#bans.remainingMs(remoteAddress, listenPortOf(wire)) > 0) wire.destroy();
      }
    }
  }

  #mayRetry({ suspects, holder, heardAtMs }: Retrial, wire: Wire, index: number): boolean {
    if (holder === wire) return true;
    const { wires } = this.#torrent;
    const isHeld = holder !== undefined && wires.includes(holder) && !holder.peerChoking;
    if (isHeld && performance.now() - heardAtMs < patienceMs) return false;
    if (!suspects.has(wire)) return true;
    const isUnsuspected = (other: Wire) =>
      !suspects.has(other) && !other.peerChoking && other.peerPieces.get(index);
    return !wires.some(isUnsuspected);
  }
}
