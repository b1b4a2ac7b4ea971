// With transmission.

import { transmissionClient } from './clients/transmission.js';
import { useTwoMachines } from './machines/two-machines.js';
import { describeTransfers } from './story/describe-transfers.js';

describeTransfers(transmissionClient, useTwoMachines('10.77.1'));
