// Two machines that reach each other by addresses that are not the loopback one: transmission dials no peer on
// 127.0.0.1. Where namespaces cannot be made, both are this machine.

import { type Machine, thisMachine } from './machine.js';
import { namespaces, useNetwork } from './namespaces.js';
import type { Need } from './need.js';

export interface Machines {
  /** Where the helper and its tracker run. */
  readonly ours: Machine;
  /** Where the other client runs. */
  readonly theirs: Machine;
}

export const twoMachines: Need = {
  isMet: namespaces.isMet || thisMachine() !== undefined,
  otherwise: 'this machine has no address but the loopback one',
};

/** Call the result inside a test. `net` is the part of the addresses that they share, such as `10.77.1`. */
export function useTwoMachines(net: string): () => Machines {
  const network = useNetwork([{ ends: ['ours', 'theirs'], addresses: [`${net}.1`, `${net}.2`] }]);
  return () => {
    if (namespaces.isMet) {
      return { ours: network.machine('ours'), theirs: network.machine('theirs') };
    }
    const machine = thisMachine();
    if (machine === undefined) throw new Error(twoMachines.otherwise);
    return { ours: machine, theirs: machine };
  };
}
