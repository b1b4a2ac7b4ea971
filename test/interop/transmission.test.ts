// With transmission.

import { useTwoMachines } from '../support/network/two-machines.js';
import { transmissionClient } from './clients/transmission.js';
import { describeTransfers } from './story/describe-transfers.js';

describeTransfers(transmissionClient, useTwoMachines('10.77.1'));
