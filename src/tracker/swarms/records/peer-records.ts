// What is remembered of each peer, and how it is found: by its swarm, who announced it, and its address.
import { KeyedHash, mixed } from '../../senders/keyed-hash.js';
import { ownSender } from '../../senders/peer-counts.js';
import { addressWords, type Family, familyOf, peerTable, peerWords, swarmWords } from './layout.js';
import { Rings } from './rings.js';

/** The record that is none: in the ring of all it stands before the oldest, and its address is the one that was named last. */
const named = 0;

export class PeerRecords {
  readonly table = peerTable();
  readonly #ages = new Rings(this.table, peerWords.age);
  readonly #addresses = new KeyedHash();
  readonly #ids = new KeyedHash();

  constructor() {
    this.#ages.begin(named);
  }

  /** The one heard of longest ago, or 0. */
  get oldest(): number {
    return this.#ages.next(named);
  }

  get(peer: number, word: number): number {
    return this.table.get(peer, word);
  }

  familyOf(peer: number): Family {
    const { ipv4, ipv6 } = swarmWords;
    return this.get(peer, peerWords.family) === ipv6 ? ipv6 : ipv4;
  }

  isComplete(peer: number): boolean {
    return this.get(peer, peerWords.isComplete) !== 0;
  }

  /** `hasId` and `isAtNamed` are about this one from now on. */
  name(address: Uint8Array): void {
    const { address: start, family } = peerWords;
    for (let word = start; word < start + addressWords; word++) this.table.set(named, word, 0);
    this.table.bytes.set(address, this.addressStart(named));
    this.table.set(named, family, familyOf(address.length));
  }

  isAtNamed(peer: number): boolean {
    return this.isSameAddress(peer, named);
  }

  isSameAddress(a: number, b: number): boolean {
    const { address, family } = peerWords;
    for (let word = address; word < address + addressWords; word++) {
      if (this.get(a, word) !== this.get(b, word)) return false;
    }
    return this.get(a, family) === this.get(b, family);
  }

  /** Or 0. */
  find(swarm: number, sender: number, address: Uint8Array): number {
    this.name(address);
    let peer = this.table.first(this.#hashOf(swarm, sender, address));
    while (peer !== 0 && !(this.#isOf(peer, swarm, sender) && this.isAtNamed(peer))) {
      peer = this.table.next(peer);
    }
    return peer;
  }

  /** The first, or the one after `last`, of those of a sender elsewhere in a swarm, or 0. */
  nextOfSender(swarm: number, sender: number, last = 0): number {
    let peer = last === 0 ? this.table.first(mixed(sender, swarm)) : this.table.next(last);
    while (peer !== 0 && !this.#isOf(peer, swarm, sender)) peer = this.table.next(peer);
    return peer;
  }

  /** There must be none of that address by that sender. It is to be heard of at once. */
  add(swarm: number, sender: number, address: Uint8Array, isComplete: boolean): number {
    const peer = this.table.add(this.#hashOf(swarm, sender, address));
    this.table.set(peer, peerWords.swarm, swarm);
    this.table.set(peer, peerWords.sender, sender);
    this.table.set(peer, peerWords.isComplete, isComplete ? 1 : 0);
    this.table.set(peer, peerWords.family, familyOf(address.length));
    this.table.bytes.set(address, this.addressStart(peer));
    this.#ages.begin(peer);
    return peer;
  }

  remove(peer: number): void {
    this.#ages.remove(peer);
    this.table.remove(peer);
  }

  /** It announced just now. */
  hear(peer: number, peerId: Uint8Array, nowMs: number): void {
    this.table.set(peer, peerWords.idHash, this.idHashOf(peerId));
    this.table.set(peer, peerWords.announcedAtMs, nowMs);
    this.#ages.remove(peer);
    this.#ages.insert(peer, named);
  }

  idHashOf(peerId: Uint8Array): number {
    return this.#ids.ofBytes(peerId);
  }

  /** The one of two that announced longer ago; 0 is none. */
  older(a: number, b: number): number {
    if (a === 0) return b;
    return this.#silentMs(a, this.get(b, peerWords.announcedAtMs)) >= 0 ? a : b;
  }

  isSilent(peer: number, nowMs: number, ttlMs: number): boolean {
    return this.#silentMs(peer, Math.floor(nowMs)) > ttlMs;
  }

  /** Where its compact address begins among the bytes of all. */
  addressStart(peer: number): number {
    return 4 * (peer + peerWords.address);
  }

  /** The clock counts in 32 bits, so that it may go round. */
  #silentMs(peer: number, nowMs: number): number {
    return (nowMs - this.get(peer, peerWords.announcedAtMs)) | 0;
  }

  /** All peers of a sender elsewhere have one hash in a swarm, and so are found with nothing more written down. */
  #hashOf(swarm: number, sender: number, address: Uint8Array): number {
    return mixed(sender === ownSender ? this.#addresses.ofBytes(address) : sender, swarm);
  }

  #isOf(peer: number, swarm: number, sender: number): boolean {
    return this.get(peer, peerWords.swarm) === swarm && this.get(peer, peerWords.sender) === sender;
  }
}
