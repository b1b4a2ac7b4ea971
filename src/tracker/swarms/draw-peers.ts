// In which order the peers of a swarm are told of: one of each sender at random, then what else the crowds have, in turns.

import { type Family, families, swarmWords } from './records/layout.js';
import type { PeerGroups } from './records/peer-groups.js';
import { shuffled } from './shuffled.js';

interface Crowd {
  readonly family: Family;
  /** Who was shown first. */
  readonly first: number;
  next: number;
}

/** Shows peers to `wantsMore` until it does not. Costs as much as is shown, however many there are. */
export function drawPeers(
  groups: PeerGroups,
  swarm: number,
  only: Family | undefined,
  wantsMore: (peer: number) => boolean,
): void {
  const crowds: Crowd[] = [];
  const next = positions(groups, swarm, only);
  for (let family = next.family(); family !== undefined; family = next.family()) {
    const peer = groups.at(swarm, family, next.position(family));
    const after = groups.turn(swarm, family, peer);
    if (after !== peer) crowds.push({ family, first: peer, next: after });
    if (!wantsMore(peer)) return;
  }
  for (
    let left = crowds;
    left.length > 0;
    left = left.filter(({ first, next }) => next !== first)
  ) {
    for (const crowd of left) {
      const peer = crowd.next;
      crowd.next = groups.turn(swarm, crowd.family, peer);
      if (!wantsMore(peer)) return;
    }
  }
}

/** Both families as one, each as likely as it has groups left. */
function positions(groups: PeerGroups, swarm: number, only: Family | undefined) {
  const { ipv4, ipv6 } = swarmWords;
  const [ipv4Groups = 0, ipv6Groups = 0] = families.map((family) =>
    only === undefined || only === family ? groups.size(swarm, family) : 0,
  );
  const [nextIpv4, nextIpv6] = [shuffled(ipv4Groups), shuffled(ipv6Groups)];
  let [ipv4Left, ipv6Left] = [ipv4Groups, ipv6Groups];
  return {
    family(): Family | undefined {
      const left = ipv4Left + ipv6Left;
      if (left === 0) return undefined;
      if (ipv6Left === 0 || (ipv4Left > 0 && Math.random() * left < ipv4Left)) {
        ipv4Left -= 1;
        return ipv4;
      }
      ipv6Left -= 1;
      return ipv6;
    },
    position: (family: Family) => (family === ipv4 ? nextIpv4() : nextIpv6()) ?? 0,
  };
}
