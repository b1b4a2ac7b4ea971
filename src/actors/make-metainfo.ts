// makeMetainfo: reads a file or folder and hashes it into metainfo.
import { realpath } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { fromPromise } from 'xstate';
import type { PlacedTorrent } from '../../machines/vocabulary.js';
import { HelperError } from '../errors.js';
import { makeMetainfo } from '../metainfo/make-metainfo.js';
import type { Surroundings } from '../surroundings.js';

export const makeMetainfoActor = ({ settings, announce }: Surroundings) =>
  fromPromise<PlacedTorrent, { path: string }>(async ({ input, signal }) => {
    await refuseToHoldTorrentDir(input.path, settings.torrentDir);
    const { metainfo, contentPath } = await makeMetainfo(
      { path: input.path, isPrivate: !settings.isPublic, announce },
      signal,
    );
    return { torrent: metainfo, contentPath, peers: [] };
  });

/** A .torrent file that is written into what it describes makes other content of it, and so another torrent each time. */
async function refuseToHoldTorrentDir(path: string, torrentDir: string): Promise<void> {
  const content = await realpath(path).catch(() => undefined);
  if (content === undefined) return;
  const below = relative(content, torrentDir);
  if (below.startsWith('..') || isAbsolute(below)) return;
  throw new HelperError(
    'TORRENT_UNWRITABLE',
    `the .torrent file of ${path} would be written into what it describes, at ${torrentDir}; choose a --torrent-dir outside of it`,
  );
}
