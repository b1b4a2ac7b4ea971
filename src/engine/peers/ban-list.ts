// The ban list: who has misbehaved, and for how long we want nothing to do with them. Strangers are banned by IP address,
// of IPv6 by its /64, for garbage shortly at first, as neighbours may share it. Addresses of this machine never are: there
// only the one address and port is not dialled for a while, longer each time.
import { incomingLimits } from '../../limits.js';
import { addressKey } from '../../net/address-class.js';
import { plainHost } from '../../net/ip-address.js';
import { isOwnAddress } from '../../net/own-addresses.js';

/** Of a peer of this machine; each further one is twice as long. */
const firstOwnBanMs = 60_000;

export interface BanList {
  /** For how long yet a peer is banned, or not to be dialled; 0: not at all. */
  remainingMs(host: string, port?: number): number;
  /** It sent what no peer sends. */
  sentGarbage(host: string, port?: number): void;
  /** It sent a bad block: banned at once. */
  ban(host: string, port?: number): void;
}

interface BanRecord {
  /** When it sent garbage, within the last hour. */
  strikesAtMs: readonly number[];
  /** How often it was banned. */
  timesBanned: number;
  untilMs: number;
}

/** `nowMs`: a clock, for tests. */
export function createBanList(
  ownHosts: readonly string[],
  nowMs: () => number = () => performance.now(),
): BanList {
  /** The one heard of longest ago comes first. */
  const records = new Map<string, BanRecord>();

  const isOwn = (host: string) => ownHosts.includes(host) || isOwnAddress(host);

  /** Undefined: nobody can be told apart by it. */
  const keyOf = (host: string, port: number | undefined): string | undefined => {
    const plain = plainHost(host);
    if (!isOwn(plain)) return addressKey(plain);
    return port === undefined ? undefined : `${plain} ${port}`;
  };

  const change = (key: string, update: (record: BanRecord) => void) => {
    const record = records.get(key) ?? {
      strikesAtMs: [],
      timesBanned: 0,
      untilMs: 0,
    };
    update(record);
    records.delete(key);
    records.set(key, record);
    for (const oldest of records.keys()) {
      if (records.size <= incomingLimits.bannedAddresses) break;
      records.delete(oldest);
    }
  };

  const banFor = (record: BanRecord, firstMs: number) => {
    record.timesBanned += 1;
    const forMs = Math.min(firstMs * 2 ** (record.timesBanned - 1), incomingLimits.banMs);
    record.untilMs = Math.max(record.untilMs, nowMs() + forMs);
  };

  return {
    remainingMs(host, port) {
      const key = keyOf(host, port);
      const record = key === undefined ? undefined : records.get(key);
      return Math.max(0, (record?.untilMs ?? 0) - nowMs());
    },
    sentGarbage(host, port) {
      const key = keyOf(host, port);
      if (key === undefined) return;
      change(key, (record) => {
        const recent = record.strikesAtMs.filter((atMs) => atMs > nowMs() - incomingLimits.banMs);
        record.strikesAtMs = [...recent, nowMs()];
        if (record.strikesAtMs.length < incomingLimits.garbageForBan) return;
        record.strikesAtMs = [];
        banFor(record, isOwn(plainHost(host)) ? firstOwnBanMs : incomingLimits.firstGarbageBanMs);
      });
    },
    ban(host, port) {
      const key = keyOf(host, port);
      const firstMs = isOwn(plainHost(host)) ? firstOwnBanMs : incomingLimits.banMs;
      if (key !== undefined) change(key, (record) => banFor(record, firstMs));
    },
  };
}
