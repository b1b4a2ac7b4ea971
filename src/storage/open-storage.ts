// Makes an engine's storage: its open files, and what it remembers of downloads.

import { limitConcurrency } from '../async/limit-concurrency.js';
import { checkPublished } from './check/check-published.js';
import { createDisk, type Disk } from './content/disk.js';
import { openTorrentStorage } from './content/torrent-storage.js';
import { ensureFreeSpace } from './disk/free-space.js';
import { everyPiece } from './layout/bitfield.js';
import { isBeingRelocated } from './layout/relocation-marker.js';
import { isBeingRelocatedFrom } from './layout/relocation-plan.js';
import { openResumableStorage } from './resumable-storage.js';
import { ResumeStore } from './resume/resume-store.js';
import type { ResumableStorage, Storage, StorageRequest } from './storage.js';
import { ContentWatch } from './watch/content-watch.js';
import { digestStamps } from './watch/stamp-digest.js';
import { watchContent } from './watch/watched-content.js';

/** Without a state directory nothing is remembered for longer than the engine runs. */
export function openStorage(stateDir: string | undefined): Storage {
  const disk = createDisk();
  const resume = new ResumeStore(stateDir, disk.handles);
  const limit = limitConcurrency(1);
  return {
    async open(request) {
      const { metainfo, contentPath, role, leastFreeBytes } = request;
      if (leastFreeBytes !== undefined) await ensureFreeSpace(contentPath, leastFreeBytes);
      const watch = new ContentWatch({ ...request, limit });
      if (role === 'seed') return openPublished(request, disk, watch);
      const isMoving =
        (await isBeingRelocated(metainfo, contentPath)) ||
        (stateDir !== undefined && (await isBeingRelocatedFrom(stateDir, metainfo, contentPath)));
      const isShared = isMoving ? () => false : disk.isShared;
      const content = openTorrentStorage({ ...request, disk, isShared, watch });
      return openResumableStorage({ ...request, content, watch, resume, isShared });
    },
    close: () => resume.close(),
  };
}

/** What was published is known to be good: whether it is there is looked at, but not read. */
async function openPublished(
  request: StorageRequest,
  disk: Disk,
  watch: ContentWatch,
): Promise<ResumableStorage> {
  const { metainfo, contentPath, signal } = request;
  const stamps = await checkPublished(metainfo, contentPath, signal);
  const files = openTorrentStorage({ ...request, disk, watch });
  watch.begin(stamps, files);
  const content = watchContent(files, watch);
  return {
    content,
    journal: undefined,
    check: async () => ({
      bitfield: everyPiece(metainfo.pieceCount),
      verifiedBytes: metainfo.lengthBytes,
    }),
    async complete() {
      const now = digestStamps(metainfo.files.map((file) => stamps.get(file)));
      if (request.stamps !== undefined && request.stamps !== now) watch.doubtAll();
    },
    lookAgain: (index) => watch.lookAgain(index),
    lookForLost: () => watch.lookForLost(),
    close: () => content.close(),
  };
}
