// Makes an engine's storage: its open files, and what it remembers of downloads.

import { limitConcurrency } from '../async/limit-concurrency.js';
import { createDisk } from './content/disk.js';
import { openTorrentStorage } from './content/torrent-storage.js';
import { ensureFreeSpace } from './disk/free-space.js';
import { isNothingAt } from './disk/look-at.js';
import { isBeingRelocated } from './layout/relocation-marker.js';
import { isBeingRelocatedFrom, relocationPlanPath } from './layout/relocation-plan.js';
import { openPublishedStorage } from './published-storage.js';
import { openResumableStorage } from './resumable-storage.js';
import { resumePaths } from './resume/resume-files.js';
import { ResumeStore } from './resume/resume-store.js';
import type { Storage, StorageRequest } from './storage.js';
import { ContentWatch } from './watch/content-watch.js';

/** Without a state directory nothing is remembered for longer than the engine runs. */
export function openStorage(stateDir: string | undefined): Storage {
  const disk = createDisk();
  const resume = new ResumeStore(stateDir, disk.handles);
  const limit = limitConcurrency(1);
  const verifyLimit = limitConcurrency(1);
  return {
    async open(request) {
      const { contentPath, role, leastFreeBytes } = request;
      if (leastFreeBytes !== undefined) await ensureFreeSpace(contentPath, leastFreeBytes);
      if (role === 'seed') return openPublishedStorage({ disk, limit }, request);
      const isNew = await isNothingAt([contentPath, ...statePaths(stateDir, request)]);
      const isMoving = !isNew && (await isMovingContent(stateDir, request));
      const watch = new ContentWatch({ limit, ...request });
      const isShared = isMoving ? () => false : disk.isShared;
      const content = openTorrentStorage({ disk, ...request, isShared, watch });
      const { threads } = disk;
      const files = { content, watch, resume, isShared, threads, isNew };
      return openResumableStorage({ verifyLimit, ...request, ...files });
    },
    close() {
      resume.close();
      disk.threads.close();
    },
  };
}

/** Where anything may lie that is known of a download from before. */
function statePaths(stateDir: string | undefined, request: StorageRequest): readonly string[] {
  if (stateDir === undefined) return [];
  const { metainfo, contentPath } = request;
  const { record, journal } = resumePaths(stateDir, metainfo.infoHash, contentPath);
  return [record, journal, relocationPlanPath(stateDir, metainfo)];
}

async function isMovingContent(
  stateDir: string | undefined,
  { metainfo, contentPath }: StorageRequest,
): Promise<boolean> {
  if (await isBeingRelocated(metainfo, contentPath)) return true;
  return stateDir !== undefined && isBeingRelocatedFrom(stateDir, metainfo, contentPath);
}
