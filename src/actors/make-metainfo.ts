// makeMetainfo: reads a file or folder and hashes it into metainfo, unless that was done before and nothing changed.
import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { fromPromise } from 'xstate';
import type { MakeInput } from '../../machines/torrent-steps.js';
import type { LocatedTorrent } from '../../machines/types.js';
import { HelperError } from '../errors.js';
import type { ScannedFile } from '../metainfo/create/content/scan-content.js';
import { hashCacheIn } from '../metainfo/create/hash-cache.js';
import { makeMetainfo } from '../metainfo/create/make-metainfo.js';
import { digestStamps } from '../storage/watch/stamp-digest.js';
import type { Dependencies } from './dependencies.js';

export const makeMetainfoActor = (dependencies: Dependencies) => {
  const { options, announce, stateDir, hashingThreads: threads } = dependencies;
  /** What is being read, and by which job. */
  const underWay = new Map<string, { readonly id: number }>();
  const hashCache = stateDir === undefined ? undefined : hashCacheIn(stateDir);
  return fromPromise<LocatedTorrent, MakeInput>(async ({ input, signal }) => {
    const { path, contentPath = path } = input;
    // Taken before anything is waited for, so that of two jobs for one path the later one is the second.
    const reading = resolve(contentPath);
    refuseTwice(input, underWay.get(reading));
    underWay.set(reading, input);
    try {
      await refuseToHoldTorrentDir(contentPath, options.torrentDir);
      const made = await makeMetainfo(
        {
          path,
          contentPath,
          isPrivate: !options.isPublic,
          announce: announce.known,
          torrentDir: options.torrentDir,
          hashCache,
          threads,
        },
        signal,
      );
      const { metainfo: torrent, contentPath: foundPath, files } = made;
      return { torrent, contentPath: foundPath, peers: [], stamps: digestOf(files) };
    } finally {
      // A job that was paused and resumed may be at it again by now.
      if (underWay.get(reading) === input) underWay.delete(reading);
    }
  });
};

function digestOf(files: readonly ScannedFile[]): string {
  const stamps = files.map(({ identity, lengthBytes, changedNs }) => ({
    device: identity.device,
    inode: identity.inode,
    sizeBytes: lengthBytes,
    mtimeNs: identity.modifiedNs,
    ctimeNs: changedNs,
  }));
  return digestStamps(stamps);
}

function refuseTwice(asked: { id: number; path: string }, other?: { readonly id: number }): void {
  if (other === undefined || other.id === asked.id) return;
  throw new HelperError(
    'DUPLICATE',
    `job ${other.id} is making a torrent of ${asked.path} already; leave it to that job`,
  );
}

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
