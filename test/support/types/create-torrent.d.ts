// create-torrent 6 (MIT, https://github.com/webtorrent/create-torrent) has no types. What the tests hold our own
// making of torrents against.
declare module 'create-torrent' {
  export interface CreateTorrentOptions {
    readonly name?: string;
    readonly pieceLength?: number;
    readonly private?: boolean;
    /** An empty list keeps it from adding public trackers. */
    readonly announceList?: readonly (readonly string[])[];
  }

  /** Makes a .torrent file of the file or folder at `path`. */
  export default function createTorrent(
    path: string,
    options: CreateTorrentOptions,
    callback: (error: Error | null, torrent: Uint8Array) => void,
  ): void;
}
