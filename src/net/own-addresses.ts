// Which addresses are our own peer port: those we know from our options and interfaces, and those that turned out to be.
import { networkInterfaces } from 'node:os';
import type { PeerAddress } from './peer-address.js';

export interface OwnAddresses {
  has(address: PeerAddress): boolean;
  /** Our own peer id answered there: never dial it again. */
  learn(address: PeerAddress): void;
}

const mostLearned = 1000;

export function createOwnAddresses(options: {
  readonly host: string;
  readonly listen: string;
  readonly peerPort: number;
}): OwnAddresses {
  const learned = new Set<string>();
  const hosts = new Set([options.host, options.listen]);
  const listensEverywhere = options.listen === '0.0.0.0' || options.listen === '::';
  if (listensEverywhere) {
    for (const each of Object.values(networkInterfaces()).flat()) if (each) hosts.add(each.address);
  }
  return {
    has({ host, port, text }) {
      if (learned.has(text)) return true;
      if (port !== options.peerPort) return false;
      return hosts.has(host) || (listensEverywhere && host.startsWith('127.'));
    },
    learn({ text }) {
      if (learned.size < mostLearned) learned.add(text);
    },
  };
}
