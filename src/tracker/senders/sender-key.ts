// Who counts as one where a stranger may take only so much: an address, or this machine as a whole, where many live who
// may take what there is.
import { randomInt } from 'node:crypto';
import { addressKey } from '../../net/address-class.js';
import { plainAddress } from '../../net/ip-address.js';

export const thisMachine = 'this machine';

/** @param address of the socket at the other end */
export function senderKeyOf(address: string, isOwnAddress: (plain: string) => boolean): string {
  const plain = plainSender(address);
  if (plain.startsWith('127.') || isOwnAddress(plain)) return thisMachine;
  return plain.includes(':') ? addressKey(plain) : plain;
}

/** As `plainAddress`, for what a socket calls the other end: most are IPv4, of which nothing is to be left out. */
export function plainSender(address: string): string {
  return address.includes(':') ? plainAddress(address) : address;
}

const fnvPrime = 0x01000193;

/**
 * Which of `count` counters, a power of two, is a sender's. Others may share it, so that nothing is remembered a sender;
 * nobody finds out who.
 */
export function senderCounters(count: number): (senderKey: string) => number {
  const seed = randomInt(2 ** 32);
  return (senderKey) => {
    // FNV-1a, and its high bits once more.
    let hash = seed;
    for (let index = 0; index < senderKey.length; index++) {
      hash = Math.imul(hash ^ senderKey.charCodeAt(index), fnvPrime);
    }
    return (hash ^ (hash >>> 16)) & (count - 1);
  };
}
