// How large a torrent may be: what keeps hostile metainfo from filling the memory, and what our own making keeps to.

/** Files, and the folders between them. The padding files of BEP 47 count. */
export const maxFiles = 200_000;

/** 20 MiB of hashes, and 16 TiB of content at 16 MiB a piece. */
export const maxPieces = 1_048_576;

export const minPieceLengthBytes = 1024;
export const maxPieceLengthBytes = 64 * 1024 * 1024;

/** Announce URLs, all tiers together. */
export const maxAnnounceUrls = 100;

/** What Linux, macOS and Windows allow one name to take; counted in UTF-8, the strictest of the three. */
export const maxNameBytes = 255;
