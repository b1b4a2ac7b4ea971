// What a job asks for when its content is to move, with both places held until it is done.
import type { CommitInput } from '../../machines/relocation.js';
import { type Move, moveInto } from '../storage/relocate/relocation.js';
import { metainfoOf } from './located-torrent.js';
import type { TorrentLocks } from './torrent-locks.js';

export interface LockedRelocation {
  readonly move: Move;
  readonly release: () => void;
}

/** Throws as `TorrentLocks.take` does, and holds nothing then. */
export function lockRelocation(
  torrentLocks: TorrentLocks,
  { id, located, dir }: Pick<CommitInput, 'id' | 'located' | 'dir'>,
): LockedRelocation {
  const { metainfo, contentPath } = metainfoOf(located);
  const move = moveInto(dir, metainfo, contentPath);
  const { infoHash } = metainfo;
  const take = (path: string) =>
    torrentLocks.take({ jobId: id, infoHash, contentPath: path, role: 'download' });
  const leaveOld = take(contentPath);
  try {
    const leaveNew = take(move.to);
    return {
      move,
      release: () => {
        leaveOld();
        leaveNew();
      },
    };
  } catch (error) {
    leaveOld();
    throw error;
  }
}
