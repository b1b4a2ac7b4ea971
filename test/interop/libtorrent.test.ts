// With libtorrent.
import { libtorrentClient } from './libtorrent.js';
import { loopback } from './machine.js';
import { tellTransfers } from './tell-transfers.js';

tellTransfers(libtorrentClient, () => ({ ours: loopback, theirs: loopback }));
