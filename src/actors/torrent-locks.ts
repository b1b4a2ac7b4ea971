// Which job has locked which torrent, and which path on disk, so that a torrent is joined once and no file has two writers.
import { HelperError } from '../errors.js';
import type { MetainfoMemory } from '../memory/metainfo-memory.js';

export interface LockRequest {
  readonly jobId: number;
  readonly infoHash: string;
  readonly contentPath: string;
  readonly role: 'seed' | 'download';
}

export interface TorrentLocks {
  /**
   * Locks a torrent and its path, until the returned function is called.
   * Throws DUPLICATE if another job has locked the torrent, DESTINATION_EXISTS if another one writes to, or seeds from,
   * the path that this one would write to. A job is never in its own way: while its content is relocated, it locks two.
   */
  lock(request: LockRequest): () => void;
  /** As `lock`, for as long as the job lives, in or out of the swarm: of several such locks of a job the last one counts. */
  lockForJob(request: LockRequest): void;
  /** The job is over. */
  releaseJob(jobId: number): void;
}

export function createTorrentLocks(): TorrentLocks {
  const byInfoHash = new Map<string, readonly LockRequest[]>();
  const byPath = new Map<string, readonly LockRequest[]>();
  const byJob = new Map<number, () => void>();
  const torrentLocks: TorrentLocks = {
    lock(request) {
      const { jobId, infoHash, contentPath, role } = request;
      const isOthers = (other: LockRequest) => other.jobId !== jobId;
      const same = byInfoHash.get(infoHash)?.find(isOthers);
      if (same) {
        throw new HelperError(
          'DUPLICATE',
          `job ${same.jobId} holds the same torrent (${infoHash}); remove:${same.jobId} first, or leave it to that job`,
        );
      }
      const eitherWrites = (other: LockRequest) => [other.role, role].includes('download');
      const user = byPath.get(contentPath)?.find((other) => isOthers(other) && eitherWrites(other));
      if (user) {
        throw new HelperError(
          'DESTINATION_EXISTS',
          `${contentPath} is in use by job ${user.jobId}; choose another folder for one of them`,
        );
      }
      add(byInfoHash, infoHash, request);
      add(byPath, contentPath, request);
      return () => {
        remove(byInfoHash, infoHash, request);
        remove(byPath, contentPath, request);
      };
    },
    lockForJob(request) {
      const release = torrentLocks.lock(request);
      byJob.get(request.jobId)?.();
      byJob.set(request.jobId, release);
    },
    releaseJob(jobId) {
      byJob.get(jobId)?.();
      byJob.delete(jobId);
    },
  };
  return torrentLocks;
}

type Locked = Map<string, readonly LockRequest[]>;

function add(locked: Locked, key: string, request: LockRequest): void {
  locked.set(key, [...(locked.get(key) ?? []), request]);
}

function remove(locked: Locked, key: string, request: LockRequest): void {
  const left = locked.get(key)?.filter((other) => other !== request) ?? [];
  if (left.length > 0) locked.set(key, left);
  else locked.delete(key);
}

interface JobResources {
  readonly torrentLocks: TorrentLocks;
  readonly metainfoMemory: MetainfoMemory;
}

/** A job is over: what it has locked, and the memory of its metainfo, are free. */
export function releaseJob({ torrentLocks, metainfoMemory }: JobResources, jobId: number): void {
  torrentLocks.releaseJob(jobId);
  metainfoMemory.releaseJob(jobId);
}
