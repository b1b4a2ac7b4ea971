// Who holds which torrent and which place on disk, so that a torrent is joined once and no file has two writers.
import { HelperError } from '../errors.js';

export interface LockRequest {
  readonly jobId: number;
  readonly infoHash: string;
  readonly contentPath: string;
  readonly role: 'seed' | 'download';
}

export interface TorrentLocks {
  /**
   * Takes a torrent and its place, until the returned function is called.
   * Throws DUPLICATE if another job holds the torrent, DESTINATION_EXISTS if another one writes to, or seeds from,
   * the place that this one would write to. A job is never in its own way: while its content moves, it holds two places.
   */
  take(request: LockRequest): () => void;
  /** As `take`, for as long as the job lives, in or out of the swarm: a job holds one place so, the one held last. */
  hold(request: LockRequest): void;
  /** The job is over. */
  letGo(jobId: number): void;
}

export function createTorrentLocks(): TorrentLocks {
  const held = new Set<LockRequest>();
  const byJob = new Map<number, () => void>();
  const torrentLocks: TorrentLocks = {
    take(request) {
      for (const other of held) {
        if (other.jobId === request.jobId) continue;
        if (other.infoHash === request.infoHash) {
          throw new HelperError(
            'DUPLICATE',
            `job ${other.jobId} holds the same torrent (${request.infoHash}); remove:${other.jobId} first, or leave it to that job`,
          );
        }
        const eitherWrites = other.role === 'download' || request.role === 'download';
        if (eitherWrites && other.contentPath === request.contentPath) {
          throw new HelperError(
            'DESTINATION_EXISTS',
            `${request.contentPath} is in use by job ${other.jobId}; choose another folder for one of them`,
          );
        }
      }
      held.add(request);
      return () => held.delete(request);
    },
    hold(request) {
      const release = torrentLocks.take(request);
      byJob.get(request.jobId)?.();
      byJob.set(request.jobId, release);
    },
    letGo(jobId) {
      byJob.get(jobId)?.();
      byJob.delete(jobId);
    },
  };
  return torrentLocks;
}
