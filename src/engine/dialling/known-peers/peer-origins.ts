// Who named the peers that one torrent knows: users, trackers, the DHT and other peers take turns, and so does everybody of
// a kind. So whoever names thousands delays and displaces nobody's peers but their own.
import { addressKey } from '../../../net/address-class.js';
import { type PeerSource, type SourceKind, sourceKinds } from './peer-source.js';

export class PeerOrigins<T> {
  /** Whose turn it is comes first, among the kinds and within each. */
  readonly #kinds = new Map<SourceKind, Map<string, PeerOrigin<T>>>(
    sourceKinds.map((kind) => [kind, new Map()]),
  );

  of(source: PeerSource): PeerOrigin<T> | undefined {
    return this.#kinds.get(source.kind)?.get(originKey(source));
  }

  add(peer: T, source: PeerSource): PeerOrigin<T> {
    const origin = this.of(source) ?? { peers: new Set(), untried: new Set(), failed: new Set() };
    origin.peers.add(peer);
    this.#kinds.get(source.kind)?.set(originKey(source), origin);
    return origin;
  }

  delete(peer: T, source: PeerSource): void {
    const origin = this.of(source);
    for (const peers of origin === undefined ? [] : Object.values(origin)) peers.delete(peer);
    if (origin?.peers.size === 0) this.#kinds.get(source.kind)?.delete(originKey(source));
  }

  /** Those never tried, by the turn of whoever named them. */
  *untried(): Iterable<ReadonlySet<T>> {
    for (const origins of [...this.#kinds.values()]) {
      for (const { untried } of [...origins.values()]) yield untried;
    }
  }

  get hasUntried(): boolean {
    for (const origins of this.#kinds.values()) {
      for (const { untried } of origins.values()) if (untried.size > 0) return true;
    }
    return false;
  }

  tookTurn(source: PeerSource): void {
    const origins = this.#kinds.get(source.kind);
    const origin = this.of(source);
    if (origins === undefined || origin === undefined) return;
    toTheEnd(origins, originKey(source), origin);
    toTheEnd(this.#kinds, source.kind, origins);
  }

  /**
   * Who makes room for a peer that `source` names: of the kind with the most peers, and whoever named the most of these, a
   * dead one, or else one never tried; not for another of the same origin.
   */
  toDisplace(source: PeerSource): T | undefined {
    const kind = largest(this.#kinds.values(), (origins) =>
      [...origins.values()].reduce((sum, { peers }) => sum + peers.size, 0),
    );
    const origin = largest(kind?.values() ?? [], ({ peers }) => peers.size);
    const [dead] = origin?.failed ?? [];
    const [untried] = origin === this.of(source) ? [] : (origin?.untried ?? []);
    return dead ?? untried;
  }
}

/** The one named longest ago comes first. */
export interface PeerOrigin<T> {
  readonly peers: Set<T>;
  readonly untried: Set<T>;
  /** Never reached so far. */
  readonly failed: Set<T>;
}

function originKey({ from }: PeerSource): string {
  return from === undefined ? '' : addressKey(from);
}

function toTheEnd<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  map.delete(key);
  map.set(key, value);
}

function largest<T>(all: Iterable<T>, sizeOf: (each: T) => number): T | undefined {
  let found: { readonly each: T; readonly size: number } | undefined;
  for (const each of all) {
    const size = sizeOf(each);
    if (found === undefined || size > found.size) found = { each, size };
  }
  return found?.each;
}
