// The connections that the whole engine may make: half-open ones, and all. The torrents that want one take turns, and those
// with peers never tried come before those that try theirs again. Whom a torrent dials is its own affair.
import { dialLimits } from '../../limits.js';
import { bindToTorrent } from '../torrent-context.js';
import type { Contender, DialSlot, DialSlots, Occupant } from './contender.js';
import {
  displaceable,
  displacedBy,
  isUseless,
  type OutgoingConnection,
  type Owner,
} from './displaced.js';
import type { DialTurn } from './known-peers/known-peers.js';

interface Participant extends Owner {
  readonly contender: Contender;
  readonly connections: Set<Slot>;
  halfOpen: number;
  proven: number;
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
  /** Those with connections: never more than there are of these, however many torrents there are. */
  const holding = new Set<Participant>();
  /** Whose turn it is comes first. */
  const wanting = new Set<Participant>();
  const slots = new Set<Slot>();
  let halfOpen = 0;
  let proven = 0;
  /** How many have a proven one. */
  let served = 0;
  /** Of all connections, that of each torrent that has or wants some. Reckoned when a turn first needs it. */
  let share: number | undefined;
  /** Of all connections, with those that are tried in the place of others. Likewise. */
  let most: number | undefined;
  let isWoken = false;
  let timer: NodeJS.Timeout | undefined;

  const areFewLeft = () => slots.size >= connections - reserved;
  const areTooMany = (owner: Participant) =>
    slots.size > connections || owner.connections.size > dialLimits.connectionsPerTorrent;

  /** The last slots are for those that have less than their share. */
  const isRoomFor = ({ connections: own }: Participant): boolean => {
    if (own.size >= dialLimits.connectionsPerTorrent) return false;
    if (!areFewLeft()) return true;
    return slots.size < connections && own.size < shareOfEach();
  };

  const shareOfEach = (): number => {
    if (share !== undefined) return share;
    let sharers = wanting.size;
    for (const each of holding) if (!wanting.has(each)) sharers += 1;
    share = connections / sharers;
    return share;
  };

  const mostToTry = (): number => {
    most ??= connections + Math.min(reserved, spare());
    return most;
  };

  /** How many can be displaced for torrents that have none. Looks at them only where one may have had its turn. */
  const spare = (): number => {
    const [oldest] = slots;
    const isAnyOld = oldest !== undefined && nowMs() - oldest.sinceMs >= dialLimits.uselessMs;
    return isAnyOld ? displaceable(holding, nowMs()) : proven - served;
  };

  /** For torrents that have no connection. */
  const isRoomForNewcomers = (): boolean =>
    slots.size < connections || slots.size < Math.min(connections + reserved, mostToTry());

  /** For one that has none, or some that are of no use, others are tried; one goes for each that is good. */
  const mayReplace = (each: Participant): boolean => {
    if (slots.size >= connections + reserved) return false;
    if (each.proven === 0) return slots.size < mostToTry() && each.contender.isStarving();
    const useless = [...each.connections].filter((slot) => isUseless(slot, nowMs()));
    return each.connections.size - each.proven < useless.length;
  };

  const mayDial = (each: Participant): boolean =>
    halfOpen < dialLimits.halfOpen &&
    each.halfOpen < dialLimits.halfOpenPerTorrent &&
    (isRoomFor(each) || mayReplace(each));

  /** Says whether it has dialled. */
  const giveTurn = (each: Participant, turn: DialTurn): boolean => {
    if (!mayDial(each)) return false;
    const { canDial, contender } = each;
    const hasDialled = contender.dial(turn);
    for (const any of turns) canDial[any] &&= contender.has(any);
    canDial[turn] &&= hasDialled;
    const mayAgain = canDial.first || canDial.again;
    // Whoever has had its turn comes again after all others.
    if (hasDialled || !mayAgain) wanting.delete(each);
    if (hasDialled && mayAgain) wanting.add(each);
    return hasDialled;
  };

  const giveTurns = (turn: DialTurn) => {
    for (const each of wanting) {
      if (halfOpen >= dialLimits.halfOpen || !isRoomForNewcomers()) break;
      giveTurn(each, turn);
    }
    // Those without a connection, who may be thousands, are not even looked at where there is none for them.
    let hasDialled = wanting.size > 0;
    while (hasDialled && halfOpen < dialLimits.halfOpen) {
      hasDialled = false;
      for (const each of holding) {
        if (wanting.has(each) && giveTurn(each, turn)) hasDialled = true;
      }
    }
  };

  // In no torrent's name, whoever was the first to need it.
  const run = bindToTorrent(() => {
    isWoken = false;
    share = undefined;
    most = undefined;
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
    const isThere = participants.has(each);
    if (isThere) wanting.add(each);
    wake();
    return isThere;
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
    holding.add(owner);
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
        proven += 1;
        owner.proven += 1;
        if (owner.proven === 1) served += 1;
        slot.usefulAtMs = nowMs();
        if (!areTooMany(owner)) return;
        const displaced = displacedBy(slot, holding, { connections, nowMs: nowMs() });
        for (const each of slots) if (each === displaced) each.occupant.displace();
      },
      release() {
        if (!slots.delete(slot)) return;
        if (slot.isProven) {
          proven -= 1;
          owner.proven -= 1;
          if (owner.proven === 0) served -= 1;
        }
        owner.connections.delete(slot);
        if (owner.connections.size === 0) holding.delete(owner);
        connected();
        if (slots.size === 0) clearInterval(timer);
        wake();
      },
    };
  };

  return {
    enter(contender) {
      const canDial = { first: true, again: true };
      const own = { contender, connections: new Set<Slot>(), halfOpen: 0, proven: 0, canDial };
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
