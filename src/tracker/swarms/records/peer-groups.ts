// The peers of a swarm by who announced them: alone, or in a crowd, which is a ring. One of each group stands for it in the
// list of its family, where the crowds come first; so that who names many ports has one entry among those that are drawn,
// and is found when room is to be made.

import { ownSender } from '../../senders/peer-counts.js';
import { behind, type Family, familyWords, peerWords, swarmWords } from './layout.js';
import { NumberLists } from './number-lists.js';
import type { RecordTable } from './record-table.js';
import { Rings } from './rings.js';

export class PeerGroups {
  readonly #swarms: RecordTable;
  readonly #peers: RecordTable;
  readonly #crowds: Rings;
  readonly #lists = new NumberLists();

  constructor(swarms: RecordTable, peers: RecordTable) {
    this.#swarms = swarms;
    this.#peers = peers;
    this.#crowds = new Rings(peers, peerWords.crowd);
  }

  size(swarm: number, family: Family): number {
    return this.#swarms.get(swarm, family + familyWords.groups);
  }

  /** How many of the groups are crowds: those first in the list. */
  crowds(swarm: number, family: Family): number {
    return this.#swarms.get(swarm, family + familyWords.crowds);
  }

  /** Who stands for the group at that position. */
  at(swarm: number, family: Family, position: number): number {
    return this.#lists.get(this.#swarms.get(swarm, family + familyWords.block), position);
  }

  /** One of the peers on this machine, or 0. */
  own(swarm: number, family: Family): number {
    const position = this.#swarms.get(swarm, family + familyWords.ownPlace) - 1;
    return position < 0 ? 0 : this.at(swarm, family, position);
  }

  /** Who stands for the last group of all; there must be one. */
  last(swarm: number): number {
    const family = this.size(swarm, swarmWords.ipv4) > 0 ? swarmWords.ipv4 : swarmWords.ipv6;
    return this.at(swarm, family, this.size(swarm, family) - 1);
  }

  /** The next of the same crowd, around and around. */
  nextOf(peer: number): number {
    return this.#crowds.next(peer);
  }

  /** How many its crowd has: `most` where there are more. */
  crowdSize(peer: number, most: number): number {
    let size = 1;
    for (let next = this.nextOf(peer); next !== peer && size < most; next = this.nextOf(next))
      size += 1;
    return size;
  }

  /** Lets the next of its crowd stand for it, and returns that one. */
  turn(swarm: number, family: Family, peer: number): number {
    const next = this.nextOf(peer);
    if (next === peer) return peer;
    this.#put(swarm, family, this.#peers.get(peer, peerWords.position), next);
    this.#peers.set(peer, peerWords.position, behind);
    return next;
  }

  /** @param fellow another peer of its sender and family, or 0 */
  add(swarm: number, family: Family, peer: number, fellow: number): void {
    if (fellow === 0) {
      this.#crowds.begin(peer);
      this.#append(swarm, family, peer);
      return;
    }
    if (this.nextOf(fellow) === fellow) {
      const position = this.#peers.get(fellow, peerWords.position);
      const crowds = this.crowds(swarm, family);
      this.#swap(swarm, family, position, crowds);
      this.#swarms.set(swarm, family + familyWords.crowds, crowds + 1);
    }
    this.#crowds.insert(peer, fellow);
    this.#peers.set(peer, peerWords.position, behind);
  }

  remove(swarm: number, family: Family, peer: number): void {
    const next = this.nextOf(peer);
    if (next === peer) {
      this.#dropLast(swarm, family, this.#peers.get(peer, peerWords.position));
      if (this.#peers.get(peer, peerWords.sender) === ownSender) {
        this.#swarms.set(swarm, family + familyWords.ownPlace, 0);
      }
      return;
    }
    if (this.#peers.get(peer, peerWords.position) !== behind) this.turn(swarm, family, peer);
    this.#crowds.remove(peer);
    if (this.nextOf(next) === next) {
      const crowds = this.crowds(swarm, family) - 1;
      this.#swap(swarm, family, this.#peers.get(next, peerWords.position), crowds);
      this.#swarms.set(swarm, family + familyWords.crowds, crowds);
    }
  }

  #append(swarm: number, family: Family, peer: number): void {
    const size = this.size(swarm, family);
    const capacity = this.#swarms.get(swarm, family + familyWords.capacity);
    if (size === capacity) this.#resize(swarm, family, Math.max(1, capacity * 2));
    this.#swarms.set(swarm, family + familyWords.groups, size + 1);
    this.#put(swarm, family, size, peer);
  }

  /** The last takes its position; not before a quarter is left is the list halved, lest it be moved to and fro. */
  #dropLast(swarm: number, family: Family, position: number): void {
    const last = this.size(swarm, family) - 1;
    if (position !== last) this.#put(swarm, family, position, this.at(swarm, family, last));
    this.#swarms.set(swarm, family + familyWords.groups, last);
    const capacity = this.#swarms.get(swarm, family + familyWords.capacity);
    if (last <= capacity / 4) this.#resize(swarm, family, last === 0 ? 0 : capacity / 2);
  }

  #resize(swarm: number, family: Family, to: number): void {
    const block = this.#swarms.get(swarm, family + familyWords.block);
    const capacity = this.#swarms.get(swarm, family + familyWords.capacity);
    const size = this.size(swarm, family);
    const moved = this.#lists.move(block, capacity, to, size);
    this.#swarms.set(swarm, family + familyWords.block, moved);
    this.#swarms.set(swarm, family + familyWords.capacity, to);
  }

  #swap(swarm: number, family: Family, a: number, b: number): void {
    const [atA, atB] = [this.at(swarm, family, a), this.at(swarm, family, b)];
    this.#put(swarm, family, a, atB);
    this.#put(swarm, family, b, atA);
  }

  #put(swarm: number, family: Family, position: number, peer: number): void {
    this.#lists.set(this.#swarms.get(swarm, family + familyWords.block), position, peer);
    this.#peers.set(peer, peerWords.position, position);
    if (this.#peers.get(peer, peerWords.sender) === ownSender) {
      this.#swarms.set(swarm, family + familyWords.ownPlace, position + 1);
    }
  }
}
