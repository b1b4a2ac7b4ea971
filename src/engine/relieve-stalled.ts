// Asks others for the blocks of a peer that has fallen silent, as soon as others have nothing to do. webtorrent leaves
// a block with whom it was asked of for half a minute, and a download that waits for its last one waits as long.
import type Wire from 'bittorrent-protocol';
import type { Torrent } from 'webtorrent';

const silentMs = 4_000;
const lookEveryMs = 1_000;
const blockBytes = 16 * 2 ** 10;

const reliefs = new WeakMap<Torrent, Relief>();

/** Watches what comes over `wire`, and what is asked of it. Must run before anything is asked. */
export function relieveStalled(wire: Wire, torrent: Torrent): void {
  const relief = reliefs.get(torrent) ?? new Relief(torrent);
  reliefs.set(torrent, relief);
  relief.watch(wire);
}

class Relief {
  readonly #torrent: Torrent;
  /** When each peer last sent a block, or was first asked for one. */
  readonly #heardAtMs = new WeakMap<Wire, number>();
  /** They owe blocks that others were asked for. */
  readonly #relieved = new WeakSet<Wire>();
  #timer: NodeJS.Timeout | undefined;

  constructor(torrent: Torrent) {
    this.#torrent = torrent;
    const request = torrent._request;
    torrent._request = (wire, index, hotswap) => {
      if (this.#relieved.has(wire) && this.#others(wire).length > 0) return false;
      if (wire.requests.length === 0) this.#heardAtMs.set(wire, performance.now());
      const isAsked = request.call(torrent, wire, index, hotswap);
      if (isAsked) this.#timer ??= setInterval(() => this.#look(), lookEveryMs).unref();
      return isAsked;
    };
  }

  watch(wire: Wire): void {
    const onPiece = wire._onPiece;
    wire._onPiece = (index, offset, block) => {
      this.#heardAtMs.set(wire, performance.now());
      this.#relieved.delete(wire);
      onPiece.call(wire, index, offset, block);
    };
  }

  /** Peers that send what they are asked for. */
  #others(wire: Wire): Wire[] {
    return this.#torrent.wires.filter(
      (other) => other !== wire && !other.peerChoking && !this.#relieved.has(other),
    );
  }

  #look(): void {
    const torrent = this.#torrent;
    const asked = torrent.destroyed ? [] : torrent.wires.filter((wire) => wire.requests.length > 0);
    if (asked.length === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    const nowMs = performance.now();
    for (const wire of asked) {
      if (nowMs - (this.#heardAtMs.get(wire) ?? nowMs) >= silentMs) this.#relieve(wire);
    }
    // Nothing else reminds webtorrent of a peer that was passed over a moment ago.
    if (asked.length > 0) torrent._update();
  }

  /** The requests stand: whichever block comes first is taken. */
  #relieve(wire: Wire): void {
    if (this.#relieved.has(wire)) return;
    const { pieces, _reservations: reservations } = this.#torrent;
    const idle = this.#others(wire).filter((other) => other.requests.length === 0);
    for (const { piece: index, offset } of wire.requests) {
      if (!idle.some((other) => other.peerPieces.get(index))) continue;
      this.#relieved.add(wire);
      const reserved = reservations[index];
      const at = reserved?.indexOf(wire) ?? -1;
      if (reserved && at !== -1) reserved[at] = null;
      pieces[index]?.cancel(Math.floor(offset / blockBytes));
    }
  }
}
