// How large a .torrent file may be: far beyond any in use, and small enough to hold in memory.

export const maxTorrentBytes = 32 * 1024 * 1024;
