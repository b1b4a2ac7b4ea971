// Tells whether a request comes from this machine: such a peer may name the address others reach it by.
import { networkInterfaces } from 'node:os';

/** Whether `address`, as `plainAddress` gives it, is a loopback address or one of this machine's interfaces. */
export function isOwnAddress(address: string): boolean {
  if (address.startsWith('127.') || address === '::1') return true;
  return Object.values(networkInterfaces()).some((assigned) =>
    assigned?.some((own) => own.address === address),
  );
}

/** A socket's address without what a dual-stack socket (`::ffff:`) or a link-local one (`%zone`) adds. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}
