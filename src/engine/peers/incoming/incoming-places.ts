// Which of those who dial us have a place, and whose place goes to another when all are taken. What counts is how many an
// address has, then the bytes of blocks that came or went, and not what a peer says of itself. Knows no sockets.
import { incomingLimits } from '../../../limits.js';

export interface Dialled {
  /** Who counts as one; undefined: this machine, where each counts for itself. */
  readonly address: string | undefined;
  /** Of blocks, since it connected, either way. */
  readonly blockBytes: number;
  /** It wants blocks, and is choked: others have their turn. */
  readonly isWaiting: boolean;
  /** Must not call back. */
  close(): void;
}

export interface PlacesOptions {
  /** Of those that have named a torrent. */
  readonly connections: number;
  /** Of those that have not. */
  readonly unnamed: number;
  /** A clock, for tests. */
  readonly nowMs?: () => number;
}

/** Who counts as one. */
type Who = string | Dialled;

interface AdmittedPeer {
  readonly peer: Dialled;
  readonly who: Who;
  readonly infoHash: string;
  readonly sinceMs: number;
  /** As it was looked at last. */
  blockBytes: number;
  movedAtMs: number;
  /** Half of what there was is forgotten at each look. */
  recentBytes: number;
}

export class IncomingPlaces {
  readonly #options: PlacesOptions;
  readonly #nowMs: () => number;
  /** They have not named a torrent; the oldest first. */
  readonly #unnamed = new Set<Dialled>();
  readonly #places = new Map<Dialled, AdmittedPeer>();

  constructor(options: PlacesOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  get count(): number {
    return this.#unnamed.size + this.#places.size;
  }

  /** It may name a torrent. Somebody else may have to go for that who has not: the oldest of the address with most. */
  arrived(peer: Dialled): void {
    this.#unnamed.add(peer);
    const unnamed = [...this.#unnamed];
    const siblings = unnamed.filter((other) => isSameAddress(peer, other));
    if (siblings.length > incomingLimits.unnamedPerAddress) this.#end(siblings[0]);
    else if (unnamed.length > this.#options.unnamed) {
      const counts = countBy(unnamed, whoIs);
      this.#end(unnamed.reduce((a, b) => (countOf(counts, b) > countOf(counts, a) ? b : a)));
    }
  }

  /** It wants this torrent. False: there is no place for it, and it is to be closed. */
  named(peer: Dialled, infoHash: string): boolean {
    const who = whoIs(peer);
    const ofTorrent = (admitted: AdmittedPeer) => admitted.infoHash === infoHash;
    const ofAddress = (admitted: AdmittedPeer) => admitted.who === who;
    const hasPlace =
      this.#hasRoom(
        who,
        incomingLimits.connectionsPerAddressAndTorrent,
        (p) => ofTorrent(p) && ofAddress(p),
      ) &&
      this.#hasRoom(who, incomingLimits.connectionsPerAddress, ofAddress) &&
      this.#hasRoom(who, incomingLimits.connectionsPerTorrent, ofTorrent) &&
      this.#hasRoom(who, this.#options.connections, () => true);
    if (!hasPlace) return false;
    const { blockBytes } = peer;
    const sinceMs = this.#nowMs();
    const admitted = {
      peer,
      who,
      infoHash,
      sinceMs,
      blockBytes,
      movedAtMs: sinceMs,
      recentBytes: 0,
    };
    this.#places.set(peer, admitted);
    return true;
  }

  /** It has said all that one says first. */
  shookHands(peer: Dialled): void {
    this.#unnamed.delete(peer);
  }

  left(peer: Dialled): void {
    this.#unnamed.delete(peer);
    this.#places.delete(peer);
  }

  closeUnnamed(): void {
    for (const peer of [...this.#unnamed]) this.#end(peer);
  }

  /** Sees who has given or taken something. To be called every ten seconds. */
  look(): void {
    const nowMs = this.#nowMs();
    for (const admitted of this.#places.values()) {
      const { blockBytes } = admitted.peer;
      const movedBytes = blockBytes - admitted.blockBytes;
      if (movedBytes > 0) admitted.movedAtMs = nowMs;
      admitted.recentBytes = admitted.recentBytes / 2 + movedBytes;
      admitted.blockBytes = blockBytes;
    }
  }

  #hasRoom(who: Who, most: number, isAmong: (admitted: AdmittedPeer) => boolean): boolean {
    const among = [...this.#places.values()].filter(isAmong);
    if (among.length < most) return true;
    const victim = this.#useless(who, among) ?? crowding(who, among);
    this.#end(victim?.peer);
    return victim !== undefined;
  }

  /** The one that has been useless longest, of the address with most. Nobody makes way for an address that has as many. */
  #useless(who: Who, among: readonly AdmittedPeer[]): AdmittedPeer | undefined {
    const counts = countBy(among, (admitted) => admitted.who);
    const own = counts.get(who) ?? 0;
    const nowMs = this.#nowMs();
    return among
      .filter((admitted) => isUseless(admitted, nowMs))
      .filter((admitted) => admitted.who === who || (counts.get(admitted.who) ?? 0) > own)
      .sort(
        (a, b) => (counts.get(b.who) ?? 0) - (counts.get(a.who) ?? 0) || a.movedAtMs - b.movedAtMs,
      )
      .at(0);
  }

  #end(peer: Dialled | undefined): void {
    if (peer === undefined) return;
    this.left(peer);
    peer.close();
  }
}

function isUseless({ peer, sinceMs, movedAtMs }: AdmittedPeer, nowMs: number): boolean {
  if (nowMs - sinceMs < incomingLimits.graceMs) return false;
  const idleMs = nowMs - movedAtMs;
  const hasMoved = movedAtMs > sinceMs && idleMs < incomingLimits.usefulMs;
  return !hasMoved && !(peer.isWaiting && idleMs < incomingLimits.turnMs);
}

/** All are of use, or have just come: the one that is of least use, of an address that has two more than the newcomer's. */
function crowding(who: Who, among: readonly AdmittedPeer[]): AdmittedPeer | undefined {
  const counts = countBy(among, (admitted) => admitted.who);
  const own = counts.get(who) ?? 0;
  const most = Math.max(...counts.values());
  if (most < own + 2) return undefined;
  return among
    .filter((admitted) => counts.get(admitted.who) === most)
    .reduce((a, b) => (b.recentBytes <= a.recentBytes ? b : a));
}

function whoIs(peer: Dialled): Who {
  return peer.address ?? peer;
}

function isSameAddress(a: Dialled, b: Dialled): boolean {
  return a.address !== undefined && a.address === b.address;
}

function countBy<T>(all: readonly T[], whoOf: (each: T) => Who): ReadonlyMap<Who, number> {
  const counts = new Map<Who, number>();
  for (const each of all) counts.set(whoOf(each), (counts.get(whoOf(each)) ?? 0) + 1);
  return counts;
}

function countOf(counts: ReadonlyMap<Who, number>, peer: Dialled): number {
  return counts.get(whoIs(peer)) ?? 0;
}
