// With transmission.
import { tellTransfers } from './tell-transfers.js';
import { transmissionClient } from './transmission.js';
import { useTwoMachines } from './two-machines.js';

tellTransfers(transmissionClient, useTwoMachines('10.77.1'));
