// A .torrent file as the helper makes it, where the story wants nobody to seed it yet.
import { makeMetainfo } from '../../../src/metainfo/create/make-metainfo.js';
import { writeTorrentFile } from '../../../src/metainfo/create/write-torrent-file.js';
import type { Story } from './story.js';

export interface MadeTorrent {
  readonly torrentFile: string;
  readonly infoHash: string;
}

/** libtorrent and transmission give the metadata of a public torrent alone. */
export async function makeTorrent(
  story: Story,
  content: string,
  announceUrls: readonly string[],
  kind: 'private' | 'public' = 'private',
  pieceLengthBytes?: number,
): Promise<MadeTorrent> {
  const announce = announceUrls.map((url) => [url]);
  const { metainfo } = await makeMetainfo(
    { path: content, isPrivate: kind === 'private', announce, pieceLengthBytes },
    new AbortController().signal,
  );
  const dir = await story.newFolder('torrents');
  const torrentFile = await writeTorrentFile({ metainfo, announce, dir });
  return { torrentFile, infoHash: metainfo.infoHash };
}
