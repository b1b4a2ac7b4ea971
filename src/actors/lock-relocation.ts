// Which content a job relocates, and where to, with both paths locked until it is done.
import type { CommitInput } from '../../machines/relocation.js';
import { planRelocation, type Relocation } from '../storage/relocate/relocation.js';
import { metainfoOf } from './located-torrent.js';
import type { TorrentLocks } from './torrent-locks.js';

export interface LockedRelocation {
  readonly relocation: Relocation;
  readonly release: () => void;
}

/** Throws as `TorrentLocks.lock` does, and has locked nothing then. */
export function lockRelocation(
  torrentLocks: TorrentLocks,
  { id, located, dir }: Pick<CommitInput, 'id' | 'located' | 'dir'>,
): LockedRelocation {
  const { metainfo, contentPath } = metainfoOf(located);
  const relocation = planRelocation(dir, metainfo, contentPath);
  const { infoHash } = metainfo;
  const lock = (path: string) =>
    torrentLocks.lock({ jobId: id, infoHash, contentPath: path, role: 'download' });
  const releaseOld = lock(contentPath);
  try {
    const releaseNew = lock(relocation.to);
    return {
      relocation,
      release: () => {
        releaseOld();
        releaseNew();
      },
    };
  } catch (error) {
    releaseOld();
    throw error;
  }
}
