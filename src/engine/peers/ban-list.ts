// The ban list: who has misbehaved, and for how long we want nothing to do with them. Strangers are banned by IP address. Addresses
// of this machine never are, for many peers may share them: there only the one address and port is not dialled for a
// while, longer each time.
import { plainHost } from '../../net/ip-address.js';
import { isOwnAddress } from '../../net/own-addresses.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Many honest peers may be behind one address (NAT), and software is buggy: garbage is forgiven twice an hour. */
const strikesForBan = 3;
const banMs = hourMs;
const firstOwnBanMs = minuteMs;
const mostRemembered = 5_000;

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
    if (!isOwn(plain)) return plain;
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
      if (records.size <= mostRemembered) break;
      records.delete(oldest);
    }
  };

  const banRecord = (host: string, record: BanRecord) => {
    record.timesBanned += 1;
    const ownBanMs = Math.min(firstOwnBanMs * 2 ** (record.timesBanned - 1), hourMs);
    record.untilMs = nowMs() + (isOwn(plainHost(host)) ? ownBanMs : banMs);
  };

  return {
    remainingMs(host, port) {
      const plain = plainHost(host);
      const record = records.get(plain) ?? records.get(`${plain} ${port}`);
      return Math.max(0, (record?.untilMs ?? 0) - nowMs());
    },
    sentGarbage(host, port) {
      const key = keyOf(host, port);
      if (key === undefined) return;
      change(key, (record) => {
        const recent = record.strikesAtMs.filter((atMs) => atMs > nowMs() - hourMs);
        record.strikesAtMs = [...recent, nowMs()];
        if (record.strikesAtMs.length < strikesForBan) return;
        record.strikesAtMs = [];
        banRecord(host, record);
      });
    },
    ban(host, port) {
      const key = keyOf(host, port);
      if (key !== undefined) change(key, (record) => banRecord(host, record));
    },
  };
}
