// The peers of a tracker that has one swarm.

import { expect } from 'vitest';
import type { PeerCounts } from '../../../src/tracker/senders/peer-counts.js';
import type { AcceptedAnnounce } from '../../../src/tracker/swarms/accepted-announce.js';
import { swarmTable, swarmWords } from '../../../src/tracker/swarms/records/layout.js';
import { ToldPeers } from '../../../src/tracker/swarms/told-peers.js';
import { type SwarmLimits, TrackedPeers } from '../../../src/tracker/swarms/tracked-peers.js';
import { addressesIn } from './tracked-announce.js';

export class TrackedSwarm {
  readonly #table = swarmTable();
  readonly #swarm = this.#table.add(0);
  readonly #peers: TrackedPeers;

  constructor(limits: SwarmLimits, counts: PeerCounts) {
    this.#peers = new TrackedPeers(this.#table, limits, counts);
  }

  get size(): number {
    expect(this.#table.get(this.#swarm, swarmWords.peers)).toBe(this.#peers.size);
    return this.#peers.size;
  }

  get complete(): number {
    return this.#table.get(this.#swarm, swarmWords.complete);
  }

  get incomplete(): number {
    return this.size - this.complete;
  }

  get downloaded(): number {
    return this.#table.get(this.#swarm, swarmWords.downloaded);
  }

  announce(announce: AcceptedAnnounce, nowMs: number): void {
    this.#peers.announce(this.#swarm, announce, nowMs);
  }

  addressesFor(asking: AcceptedAnnounce): readonly string[] {
    const told = new ToldPeers();
    told.clear(asking.numWant);
    this.#peers.tell(this.#swarm, asking, told);
    return addressesIn(told);
  }

  /** Forgets the peers that last announced before `sinceMs`. */
  expire(sinceMs: number): void {
    while (this.#peers.forgetSilent(sinceMs, 0) !== 0);
  }

  clear(): void {
    this.#peers.clear(this.#swarm);
  }
}
