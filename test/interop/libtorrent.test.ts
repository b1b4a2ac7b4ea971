// With libtorrent.

import { loopback } from '../support/network/machine.js';
import { libtorrentClient } from './clients/libtorrent.js';
import { describeTransfers } from './story/describe-transfers.js';

describeTransfers(libtorrentClient, () => ({ ours: loopback, theirs: loopback }));
