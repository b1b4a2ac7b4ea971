// With aria2.
import { aria2Client } from './aria2.js';
import { loopback } from './machine.js';
import { tellTransfers } from './tell-transfers.js';

tellTransfers(aria2Client, () => ({ ours: loopback, theirs: loopback }));
