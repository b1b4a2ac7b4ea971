// What is remembered of the addresses that we dial, all torrents together: which connections lead there, how many of them are
// half-open, and at which ports nobody answered. So nobody is flooded whom others name with a thousand ports, and two machines
// that share hundreds of torrents pass them on in turns, where the other side takes only so many. Knows nothing of torrents.
import { dialLimits } from '../../limits.js';
import { addressKey } from '../../net/address-class.js';
import { isOwnAddress } from '../../net/own-addresses.js';
import type { PeerAddress } from '../../net/peer-address.js';
import { AddressConnections } from './address-connections.js';
import type { Occupant } from './contender.js';

/** `busy`: not yet. `exhausted`: nobody answers there, and this port is not to be tried. */
export type AddressState = 'free' | 'busy' | 'exhausted';

export interface DialledAddresses {
  /** `mostFailedPorts`: what may fail there until it is exhausted, which does not hold for ports that have answered. */
  stateOf(address: PeerAddress, mostFailedPorts: number): AddressState;
  /**
   * One that was busy: `onFree` is called once when it may be dialled again, unless others that wait for it come first. It says
   * whether anybody still waits.
   */
  waitFor(address: PeerAddress, onFree: () => boolean): void;
  /** Whether nobody answered there within the last hour. */
  hasFailed(address: PeerAddress): boolean;
  /** A connection is being made. It counts as failed until a peer answers; not where any number may fail. */
  dial(address: PeerAddress, mostFailedPorts: number, occupant: Occupant): AddressDial;
}

/** One connection. Each may be called at any time, and again. */
export interface AddressDial {
  /** It is no longer half-open. */
  answered(): void;
  /** A peer is there. */
  proven(): void;
  /** It is over. `wasSent`: something went there, as far as we know. */
  ended(wasSent: boolean): void;
}

interface AddressRecord {
  readonly connections: AddressConnections;
  halfOpen: number;
  /** Not over yet, and no peer so far. */
  unproven: number;
  /** Ports where no peer has answered so far, and since when. */
  readonly silent: Map<string, number>;
  /** The one that answered longest ago comes first. */
  readonly good: Set<string>;
  readonly waiting: Set<() => boolean>;
}

/** `nowMs`: a clock, for tests. */
export function createDialledAddresses(
  nowMs: () => number = () => performance.now(),
): DialledAddresses {
  /** By address key, the one dialled longest ago first. */
  const records = new Map<string, AddressRecord>();

  const find = ({ host }: PeerAddress): AddressRecord | undefined => {
    const record = records.get(addressKey(host));
    for (const [port, atMs] of record?.silent ?? []) {
      if (atMs < nowMs() - dialLimits.failedPortsMs) record?.silent.delete(port);
    }
    return record;
  };

  const remember = (address: PeerAddress): AddressRecord => {
    const key = addressKey(address.host);
    const record = find(address) ?? {
      connections: new AddressConnections(nowMs),
      halfOpen: 0,
      unproven: 0,
      silent: new Map(),
      good: new Set(),
      waiting: new Set(),
    };
    records.delete(key);
    records.set(key, record);
    for (const [oldest, { connections }] of records) {
      if (records.size <= dialLimits.rememberedAddresses) break;
      if (connections.count === 0) records.delete(oldest);
    }
    return record;
  };

  return {
    stateOf(address, mostFailedPorts) {
      const record = find(address);
      if (record === undefined) return 'free';
      const { silent, good, unproven } = record;
      if (!good.has(address.text) && silent.size >= mostFailedPorts) {
        return unproven > 0 ? 'busy' : 'exhausted';
      }
      return freeSlots(record, address) > 0 ? 'free' : 'busy';
    },
    waitFor(address, onFree) {
      const record = find(address);
      record?.waiting.add(onFree);
      if (record?.connections.count === mostConnections(address)) record.connections.displace();
    },
    hasFailed: (address) => find(address)?.silent.has(address.text) ?? false,
    dial(address, mostFailedPorts, occupant) {
      const { text } = address;
      const record = remember(address);
      record.connections.add(occupant);
      let isHalfOpen = true;
      let isUnproven = true;
      record.halfOpen += 1;
      record.unproven += 1;
      const isCounted = !record.good.has(text) && Number.isFinite(mostFailedPorts);
      if (isCounted) record.silent.set(text, nowMs());
      const answered = () => {
        clearTimeout(timer);
        if (!isHalfOpen) return;
        isHalfOpen = false;
        record.halfOpen -= 1;
        wake(record, address);
      };
      const timer = setTimeout(answered, dialLimits.addressWaitMs).unref();
      const settle = () => {
        answered();
        if (!isUnproven) return false;
        isUnproven = false;
        record.unproven -= 1;
        wake(record, address);
        return true;
      };
      return {
        answered,
        proven() {
          if (!settle()) return;
          record.silent.delete(text);
          record.good.delete(text);
          record.good.add(text);
          for (const oldest of record.good) {
            if (record.good.size <= dialLimits.goodPortsPerAddress) break;
            record.good.delete(oldest);
          }
        },
        ended(wasSent) {
          if (settle() && !wasSent) record.silent.delete(text);
          if (record.connections.delete(occupant)) wake(record, address);
        },
      };
    },
  };
}

/** No more of them than may dial, but for those who wait no more; nor are the others looked at: there may be thousands. */
function wake(record: AddressRecord, address: PeerAddress): void {
  let free = freeSlots(record, address);
  for (const onFree of record.waiting) {
    if (free === 0) return;
    record.waiting.delete(onFree);
    if (onFree()) free -= 1;
  }
}

function freeSlots({ connections, halfOpen }: AddressRecord, address: PeerAddress): number {
  const free = Math.min(
    mostHalfOpen(address) - halfOpen,
    mostConnections(address) - connections.count,
  );
  return Math.max(0, free);
}

function mostHalfOpen({ host }: PeerAddress): number {
  return isOwnAddress(host) ? dialLimits.halfOpenPerOwnAddress : dialLimits.halfOpenPerAddress;
}

function mostConnections({ host }: PeerAddress): number {
  return isOwnAddress(host) ? Number.POSITIVE_INFINITY : dialLimits.connectionsPerAddress;
}
