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
  /**
   * As `lockForJob`, for jobs of an earlier life, so that none takes from another what that had, by being quicker. One that is
   * refused hears of it when its turn comes.
   */
  lockAgain(requests: Iterable<LockRequest>): void;
  /** The job is over. */
  releaseJob(jobId: number): void;
}

export function createTorrentLocks(): TorrentLocks {
  const byInfoHash: Locked = new Map();
  const byPath: Locked = new Map();
  const byJob = new Map<number, LockRequest>();
  const lock = (request: LockRequest) => {
    const { infoHash, contentPath } = request;
    refuse(request, byInfoHash.get(infoHash), byPath.get(contentPath));
    add(byInfoHash, infoHash, request);
    add(byPath, contentPath, request);
  };
  const release = (request: LockRequest | undefined) => {
    if (request === undefined) return;
    remove(byInfoHash, request.infoHash, request);
    remove(byPath, request.contentPath, request);
  };
  const lockForJob = (request: LockRequest) => {
    lock(request);
    release(byJob.get(request.jobId));
    byJob.set(request.jobId, request);
  };
  return {
    lock(request) {
      lock(request);
      return () => release(request);
    },
    lockForJob,
    lockAgain(requests) {
      for (const request of requests) {
        try {
          lockForJob(request);
        } catch (error) {
          if (!(error instanceof HelperError)) throw error;
        }
      }
    },
    releaseJob(jobId) {
      release(byJob.get(jobId));
      byJob.delete(jobId);
    },
  };
}

/** Throws if another job's lock is in the way. */
function refuse(request: LockRequest, ofTorrent: Locks = [], ofPath: Locks = []): void {
  const { jobId, infoHash, contentPath, role } = request;
  const isOthers = (other: LockRequest) => other.jobId !== jobId;
  const same = ofTorrent.find(isOthers);
  if (same) {
    throw new HelperError(
      'DUPLICATE',
      `job ${same.jobId} holds the same torrent (${infoHash}); remove:${same.jobId} first, or leave it to that job`,
    );
  }
  const eitherWrites = (other: LockRequest) => [other.role, role].includes('download');
  const user = ofPath.find((other) => isOthers(other) && eitherWrites(other));
  if (user) {
    throw new HelperError(
      'DESTINATION_EXISTS',
      `${contentPath} is in use by job ${user.jobId}; choose another folder for one of them`,
    );
  }
}

type Locks = readonly LockRequest[];
type Locked = Map<string, Locks>;

function add(locked: Locked, key: string, request: LockRequest): void {
  const others = locked.get(key);
  locked.set(key, others ? [...others, request] : [request]);
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
