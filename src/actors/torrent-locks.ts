// Which job has locked which torrent, and which path on disk, so that a torrent is joined once and no file has two writers.
import { type EventObject, fromCallback } from 'xstate';
import { HelperError } from '../errors.js';
import type { MetainfoMemory } from '../memory/metainfo-memory.js';
import type { CleanupRegistry } from './cleanup-registry.js';

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
  const locked = new Set<LockRequest>();
  const byJob = new Map<number, () => void>();
  const torrentLocks: TorrentLocks = {
    lock(request) {
      for (const other of locked) {
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
      locked.add(request);
      return () => locked.delete(request);
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

interface JobResources {
  readonly torrentLocks: TorrentLocks;
  readonly metainfoMemory: MetainfoMemory;
  readonly cleanups: CleanupRegistry;
}

/** holdTorrentLocks: releases what a job has locked, and the memory of its metainfo, when the job is over. */
export const holdTorrentLocksActor = ({ torrentLocks, metainfoMemory, cleanups }: JobResources) =>
  fromCallback<EventObject, { id: number }>(({ input: { id } }) => {
    const release = () => {
      torrentLocks.releaseJob(id);
      metainfoMemory.releaseJob(id);
    };
    const released = cleanups.add(id, release);
    return () => {
      released();
      release();
    };
  });
