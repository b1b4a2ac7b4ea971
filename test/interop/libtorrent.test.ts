// With libtorrent.
import { libtorrentClient } from './clients/libtorrent.js';
import { loopback } from './machines/machine.js';
import { describeTransfers } from './story/describe-transfers.js';

describeTransfers(libtorrentClient, () => ({ ours: loopback, theirs: loopback }));
