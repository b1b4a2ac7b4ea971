// parse-torrent 11 (MIT, https://github.com/webtorrent/parse-torrent) has no types. What the tests hold our own
// torrents and magnet links against.
declare module 'parse-torrent' {
  export interface ParsedTorrent {
    readonly infoHash: string;
    readonly name: string;
    readonly announce: readonly string[];
    readonly length?: number;
    readonly private?: boolean;
    readonly files?: readonly { readonly path: string; readonly length: number }[];
  }

  /** Reads a .torrent file or a magnet link. */
  export default function parseTorrent(torrent: Uint8Array | string): Promise<ParsedTorrent>;
}
