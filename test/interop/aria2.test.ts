// With aria2.
import { aria2Client } from './clients/aria2.js';
import { loopback } from './machines/machine.js';
import { describeTransfers } from './story/describe-transfers.js';

describeTransfers(aria2Client, () => ({ ours: loopback, theirs: loopback }));
