// The connections that the whole engine may make: half-open ones, and all. The torrents that want one take turns, and those
// with peers never tried come before those that try theirs again. Whom a torrent dials is its own affair.
import { dialLimits } from '../../limits.js';
import { bindToTorrent } from '../torrent-context.js';
import { displacedBy, isUseless, type OutgoingConnection, type Owner } from './displaced.js';
import type { DialTurn } from './known-peers/known-peers.js';

export interface DialSlots {
  /** A torrent takes part, and is asked when it may dial once it has said that it wants to. */
  enter(contender: Contender): TorrentSlots;
}

export interface Contender {
  /** Dials one peer, and takes a slot for it. False: nobody is to be dialled, or not before it says again that it wants to. */
  dial(turn: DialTurn): boolean;
  /** It has no connection that is of any use, whoever made it. */
  isStarving(): boolean;
}

/** One torrent's. */
export interface TorrentSlots {
  /** There is somebody to dial, as far as it is known. */
  want(): void;
  take(occupant: Occupant): DialSlot;
  /** It wants no more. What it has taken it gives back by itself. */
  leave(): void;
}

export interface Occupant {
  /** What it has brought so far; anything that grows while it is of use. */
  readonly usefulBytes: number;
  /** Another has its slot now. */
  displace(): void;
}

/** Of one connection. Each may be called again. */
export interface DialSlot {
  /** It is no longer half-open. */
  connected(): void;
  /** A peer is there: if there are too many now, one goes. */
  proven(): void;
  release(): void;
}

interface Participant extends Owner {
  readonly contender: Contender;
  readonly connections: Set<Slot>;
  halfOpen: number;
  /** Whether it may still dial somebody, as far as it is known. */
  readonly canDial: Record<DialTurn, boolean>;
}

interface Slot extends OutgoingConnection {
  readonly owner: Participant;
  readonly occupant: Occupant;
  usefulBytes: number;
  isHalfOpen: boolean;
}

const lookEveryMs = 10_000;
const turns: readonly DialTurn[] = ['first', 'again'];

/** `connections`: how many in all. `nowMs`: a clock, for tests. */
export function createDialSlots(
  connections: number = dialLimits.connections,
  nowMs: () => number = () => performance.now(),
): DialSlots {
  /** Only for torrents that have less than their share. */
  const reserved = Math.min(dialLimits.halfOpen, connections / 2);
  const participants = new Set<Participant>();
  /** Whose turn it is comes first. */
  const wanting = new Set<Participant>();
  const slots = new Set<Slot>();
  let halfOpen = 0;
  /** Of all connections, that of each torrent that has or wants some. */
  let share = connections;
  let isWoken = false;
  let timer: NodeJS.Timeout | undefined;

  /** The last slots are for those that have less than their share. */
  const isRoomFor = ({ connections: own }: Participant): boolean => {
    if (own.size >= dialLimits.connectionsPerTorrent) return false;
    if (slots.size < connections - reserved) return true;
    return slots.size < connections && own.size < share;
  };

  /** For one that has none, or some that are of no use, others are tried; one goes for each that is good. */
  const mayReplace = ({ connections: own, contender }: Participant): boolean => {
    if (slots.size >= connections + reserved) return false;
    const proven = [...own].filter(({ isProven }) => isProven);
    if (proven.length === 0 && contender.isStarving()) return true;
    const useless = proven.filter((slot) => isUseless(slot, nowMs()));
    return own.size - proven.length < useless.length;
  };

  const mayDial = (each: Participant): boolean =>
    halfOpen < dialLimits.halfOpen &&
    each.halfOpen < dialLimits.halfOpenPerTorrent &&
    (isRoomFor(each) || mayReplace(each));

  const giveTurns = (turn: DialTurn) => {
    // Whoever has had its turn comes again after all others.
    for (const each of wanting) {
      if (halfOpen >= dialLimits.halfOpen) return;
      if (!mayDial(each)) continue;
      const { canDial } = each;
      canDial[turn] = each.contender.dial(turn);
      if (canDial[turn] || !(canDial.first || canDial.again)) wanting.delete(each);
      if (canDial[turn]) wanting.add(each);
    }
  };

  // In no torrent's name, whoever was the first to need it.
  const run = bindToTorrent(() => {
    isWoken = false;
    const doShare = (each: Participant) => each.connections.size > 0 || wanting.has(each);
    share = connections / [...participants].filter(doShare).length;
    for (const turn of turns) giveTurns(turn);
  });

  const wake = () => {
    if (isWoken || wanting.size === 0) return;
    isWoken = true;
    queueMicrotask(run);
  };

  const want = (each: Participant) => {
    each.canDial.first = true;
    each.canDial.again = true;
    if (participants.has(each)) wanting.add(each);
    wake();
  };

  const look = bindToTorrent(() => {
    for (const slot of slots) {
      const { usefulBytes } = slot.occupant;
      if (usefulBytes !== slot.usefulBytes) slot.usefulAtMs = nowMs();
      slot.usefulBytes = usefulBytes;
    }
    // Whoever was told that it might dial, and did not, has kept others waiting.
    for (const each of participants) want(each);
  });

  const take = (owner: Participant, occupant: Occupant): DialSlot => {
    const atMs = nowMs();
    const slot: Slot = {
      owner,
      occupant,
      sinceMs: atMs,
      usefulAtMs: atMs,
      usefulBytes: 0,
      isHalfOpen: true,
      isProven: false,
    };
    slots.add(slot);
    owner.connections.add(slot);
    owner.halfOpen += 1;
    halfOpen += 1;
    if (slots.size === 1) timer = setInterval(look, lookEveryMs).unref();
    const connected = () => {
      if (!slot.isHalfOpen) return;
      slot.isHalfOpen = false;
      owner.halfOpen -= 1;
      halfOpen -= 1;
      wake();
    };
    return {
      connected,
      proven() {
        if (slot.isProven || !slots.has(slot)) return;
        connected();
        slot.isProven = true;
        slot.usefulAtMs = nowMs();
        const displaced = displacedBy(slot, participants, { connections, nowMs: nowMs() });
        for (const each of slots) if (each === displaced) each.occupant.displace();
      },
      release() {
        if (!slots.delete(slot)) return;
        owner.connections.delete(slot);
        connected();
        if (slots.size === 0) clearInterval(timer);
        wake();
      },
    };
  };

  return {
    enter(contender) {
      const canDial = { first: true, again: true };
      const own: Participant = { contender, connections: new Set(), halfOpen: 0, canDial };
      participants.add(own);
      return {
        want: () => want(own),
        take: (occupant) => take(own, occupant),
        leave() {
          participants.delete(own);
          wanting.delete(own);
        },
      };
    },
  };
}
