// Who counts as one where a stranger may take only so much: an address, or this machine as a whole, where many live who
// may take what there is.
import { addressKey } from '../../net/address-class.js';
import { plainAddress } from '../../net/ip-address.js';

export const thisMachine = 'this machine';

/** @param address of the socket at the other end */
export function senderKeyOf(address: string, isOwnAddress: (plain: string) => boolean): string {
  const plain = plainAddress(address);
  return isOwnAddress(plain) ? thisMachine : addressKey(plain);
}
