// Which addresses are this machine's, and which of them are our own peer port: those we know from our options and
// interfaces, and those that turned out to be.
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { addressKey } from './address-class.js';
import { isLoopback, plainAddress } from './ip-address.js';
import type { PeerAddress } from './peer-address.js';

export interface OwnAddresses {
  has(address: PeerAddress): boolean;
  /** Our own peer id answered there: never dial it again. */
  learn(address: PeerAddress): void;
}

const mostLearned = 1000;
/** To ask for them takes long enough not to do so for every peer. */
const assignedLastMs = 10_000;

let assigned: ReadonlySet<string> = new Set();
let assignedAtMs = Number.NEGATIVE_INFINITY;

/** Whether `address`, without a zone, is a loopback address or one of this machine's interfaces. */
export function isOwnAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  return isLoopback(address) || interfaceAddresses().has(address);
}

/** Who counts as one where strangers are limited; undefined for an address of this machine, where many may live. */
export function strangerKey(address: string): string | undefined {
  return isOwnAddress(plainAddress(address)) ? undefined : addressKey(address);
}

export function createOwnAddresses(options: {
  readonly host: string;
  readonly listen: string;
  readonly peerPort: number;
}): OwnAddresses {
  const learned = new Set<string>();
  const hosts = new Set([options.host, options.listen]);
  const listensEverywhere = options.listen === '0.0.0.0' || options.listen === '::';
  return {
    has({ host, port, text }) {
      if (learned.has(text)) return true;
      if (port !== options.peerPort) return false;
      return hosts.has(host) || (listensEverywhere && isOwnAddress(host));
    },
    learn({ text }) {
      if (learned.size < mostLearned) learned.add(text);
    },
  };
}

function interfaceAddresses(): ReadonlySet<string> {
  if (performance.now() - assignedAtMs > assignedLastMs) {
    const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    assigned = new Set(all.map(({ address }) => address));
    assignedAtMs = performance.now();
  }
  return assigned;
}
