// With aria2.

import { loopback } from '../support/network/machine.js';
import { aria2Client } from './clients/aria2.js';
import { describeTransfers } from './story/describe-transfers.js';

describeTransfers(aria2Client, () => ({ ours: loopback, theirs: loopback }));
