// Whom the info dictionary of one torrent is fetched from: of one or two peers at a time, each of them all of it, since only
// the whole can be told to be good. Who is slow makes way for those who wait, and gets twice as long when its turn
// comes round; who sent a bad one is not asked again.
import type Wire from 'bittorrent-protocol';
import { metadataLimits } from '../../limits.js';
import { plainAddress } from '../../net/ip-address.js';
import { strangerKey } from '../../net/own-addresses.js';
import type { IncompleteBytes } from '../data-path/budgets/incomplete-bytes.js';
import { listenPortOf } from '../data-path/wire/peer-identity.js';
import { MetadataPeer } from './metadata-peer.js';

const tickMs = 500;
const mostRemembered = 1_000;
/** More would be hours. */
const mostDoublings = 8;

export interface MetadataTurnsOptions {
  readonly infoHash: string;
  /** Unfinished metadata, of all searches. */
  readonly incomplete: IncompleteBytes;
  readonly onFound: (info: Uint8Array) => void;
  /** A clock, for tests. */
  readonly nowMs?: () => number;
}

export class MetadataTurns {
  readonly #options: MetadataTurnsOptions;
  readonly #nowMs: () => number;
  readonly #asked = new Set<MetadataPeer>();
  readonly #waiting = new Set<MetadataPeer>();
  /** How often it was an address's turn, whatever the connection; the one that was first comes first. */
  readonly #turns = new Map<string, number>();
  readonly #liars = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: MetadataTurnsOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** Must run while webtorrent sets the connection up, before any message is read. */
  add(wire: Wire): void {
    const { infoHash, incomplete } = this.#options;
    const peer = new MetadataPeer(wire, {
      infoHash,
      incomplete,
      nowMs: this.#nowMs,
      onReady: (ready) => this.#wait(ready),
      // Not at once again: whoever has room now may be done soon.
      onGivenUp: (given) => this.#putBack(given),
      onWhole: (_, info) => {
        this.close();
        this.#options.onFound(info);
      },
      onBad: (liar) => this.#strike(liar),
    });
    peer.connection?.onClose(() => this.#remove(peer));
  }

  /** Asks nobody any more. */
  close(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    for (const peer of this.#asked) peer.end();
    this.#asked.clear();
    this.#waiting.clear();
  }

  /** Public for tests. */
  tick(): void {
    const nowMs = this.#nowMs();
    for (const peer of [...this.#asked]) {
      const times = 2 ** Math.min(peer.turns - 1, mostDoublings);
      const isStalled = nowMs - peer.heardAtMs >= times * metadataLimits.stalledMs;
      const isLong = nowMs - peer.beganAtMs >= times * metadataLimits.turnMs;
      if ((isStalled || isLong) && this.#waiting.size > 0) this.#putBack(peer);
      else if (isStalled) peer.askAgain();
    }
    this.#askNext();
  }

  #wait(peer: MetadataPeer): void {
    const key = keyOf(peer.wire);
    if (this.#isOver || (key !== undefined && this.#liars.has(key))) return;
    peer.turns = (key === undefined ? undefined : this.#turns.get(key)) ?? 0;
    this.#waiting.add(peer);
    this.#askNext();
  }

  #askNext(): void {
    while (this.#asked.size < metadataLimits.peersAtOnce) {
      const peer = this.#next;
      if (peer === undefined) return;
      this.#waiting.delete(peer);
      this.#asked.add(peer);
      this.#count(peer);
      this.#timer ??= setInterval(() => this.tick(), tickMs).unref();
      peer.begin();
    }
  }

  /** Whose turn it was least often; of these, whoever waits longest. */
  get #next(): MetadataPeer | undefined {
    let next: MetadataPeer | undefined;
    for (const peer of this.#waiting) {
      if (next === undefined || peer.turns < next.turns) next = peer;
    }
    return next;
  }

  #count(peer: MetadataPeer): void {
    peer.turns += 1;
    const key = keyOf(peer.wire);
    if (key === undefined) return;
    this.#turns.delete(key);
    this.#turns.set(key, peer.turns);
    for (const oldest of this.#turns.keys()) {
      if (this.#turns.size <= mostRemembered) break;
      this.#turns.delete(oldest);
    }
  }

  #putBack(peer: MetadataPeer): void {
    this.#asked.delete(peer);
    peer.end();
    if (!this.#isOver) this.#waiting.add(peer);
  }

  #strike(liar: MetadataPeer): void {
    const key = keyOf(liar.wire);
    if (key !== undefined && this.#liars.size < mostRemembered) this.#liars.add(key);
    this.#remove(liar);
    liar.connection?.hangUp();
  }

  #remove(peer: MetadataPeer): void {
    this.#waiting.delete(peer);
    if (this.#asked.delete(peer)) peer.end();
    if (!this.#isOver) this.#askNext();
  }
}

/** Whom it is known by when it comes back; on this machine, where many live, by its port. */
function keyOf(wire: Wire): string | undefined {
  const { remoteAddress } = wire;
  if (remoteAddress === undefined) return undefined;
  const stranger = strangerKey(remoteAddress);
  if (stranger !== undefined) return stranger;
  const port = listenPortOf(wire);
  return port === undefined ? undefined : `${plainAddress(remoteAddress)} ${port}`;
}
