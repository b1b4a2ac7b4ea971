// What is remembered of the addresses that we dial, all torrents together: how many connections are half-open there, and
// at which ports nobody answered. So nobody is flooded whom others name with a thousand ports. Knows nothing of torrents.
import { dialLimits } from '../../limits.js';
import { addressKey } from '../../net/address-class.js';
import { isOwnAddress } from '../../net/own-addresses.js';
import type { PeerAddress } from '../../net/peer-address.js';

/** `busy`: not yet. `exhausted`: nobody answers there, and this port is not to be tried. */
export type AddressState = 'free' | 'busy' | 'exhausted';

export interface DialledAddresses {
  /** `mostFailedPorts`: what may fail there until it is exhausted, which does not hold for ports that have answered. */
  stateOf(address: PeerAddress, mostFailedPorts: number): AddressState;
  /** One that was busy: `onFree` is called once when it may be dialled again, unless others that wait for it come first. */
  waitFor(address: PeerAddress, onFree: () => void): void;
  /** Whether nobody answered there within the last hour. */
  hasFailed(address: PeerAddress): boolean;
  /** A connection is being made. It counts as failed until a peer answers; not where any number may fail. */
  dial(address: PeerAddress, mostFailedPorts: number): AddressDial;
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
  halfOpen: number;
  /** Not over yet, and no peer so far. */
  unproven: number;
  /** Ports where no peer has answered so far, and since when. */
  readonly silent: Map<string, number>;
  /** The one that answered longest ago comes first. */
  readonly good: Set<string>;
  readonly waiting: Set<() => void>;
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
      halfOpen: 0,
      unproven: 0,
      silent: new Map(),
      good: new Set(),
      waiting: new Set(),
    };
    records.delete(key);
    records.set(key, record);
    for (const [oldest, { unproven }] of records) {
      if (records.size <= dialLimits.rememberedAddresses) break;
      if (unproven === 0) records.delete(oldest);
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
      return record.halfOpen < mostHalfOpen(address) ? 'free' : 'busy';
    },
    waitFor: (address, onFree) => void find(address)?.waiting.add(onFree),
    hasFailed: (address) => find(address)?.silent.has(address.text) ?? false,
    dial(address, mostFailedPorts) {
      const { text } = address;
      const record = remember(address);
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
        },
      };
    },
  };
}

/** No more of them than may dial: there may be thousands. */
function wake({ halfOpen, waiting }: AddressRecord, address: PeerAddress): void {
  for (const onFree of [...waiting].slice(0, mostHalfOpen(address) - halfOpen)) {
    waiting.delete(onFree);
    onFree();
  }
}

function mostHalfOpen({ host }: PeerAddress): number {
  return isOwnAddress(host) ? dialLimits.halfOpenPerOwnAddress : dialLimits.halfOpenPerAddress;
}
