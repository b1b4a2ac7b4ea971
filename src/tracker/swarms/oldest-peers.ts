// Which peer of a swarm makes room for another. Looks at so many, however many there are.

import { families } from './records/layout.js';
import type { PeerGroups } from './records/peer-groups.js';
import type { PeerRecords } from './records/peer-records.js';

const looks = 64;

/** Of the sender with most peers the one heard of longest ago, or 0. Those that came alone go last. */
export function firstToGo(groups: PeerGroups, peers: PeerRecords, swarm: number): number {
  return oldestOfLargestCrowd(groups, peers, swarm) || oldestAlone(groups, peers, swarm);
}

function oldestOfLargestCrowd(groups: PeerGroups, peers: PeerRecords, swarm: number): number {
  let [largest, most] = [0, 1];
  for (const family of families) {
    const crowds = groups.crowds(swarm, family);
    const start = Math.floor(Math.random() * crowds);
    for (let look = 0; look < Math.min(crowds, looks); look++) {
      const peer = groups.at(swarm, family, (start + look) % crowds);
      const size = groups.crowdSize(peer, 2 * looks);
      if (size > most) [largest, most] = [peer, size];
    }
  }
  let oldest = largest;
  for (let [peer, left] = [largest, most]; left > 1; left--) {
    peer = groups.nextOf(peer);
    oldest = peers.older(oldest, peer);
  }
  return oldest;
}

function oldestAlone(groups: PeerGroups, peers: PeerRecords, swarm: number): number {
  let oldest = 0;
  for (const family of families) {
    const size = groups.size(swarm, family);
    const start = Math.floor(Math.random() * size);
    for (let look = 0; look < Math.min(size, looks); look++) {
      oldest = peers.older(oldest, groups.at(swarm, family, (start + look) % size));
    }
  }
  return oldest;
}
