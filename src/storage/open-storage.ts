// Makes an engine's storage: its open files, and what it remembers of downloads.

import { type ConcurrencyLimit, limitConcurrency } from '../async/limit-concurrency.js';
import { checkPublished } from './check/check-published.js';
import { createDisk, type Disk } from './content/disk.js';
import { openTorrentStorage } from './content/torrent-storage.js';
import { ensureFreeSpace } from './disk/free-space.js';
import { isNothingAt } from './disk/is-nothing-at.js';
import { everyPiece } from './layout/bitfield.js';
import { isBeingRelocated } from './layout/relocation-marker.js';
import { isBeingRelocatedFrom, relocationPlanPath } from './layout/relocation-plan.js';
import { openResumableStorage } from './resumable-storage.js';
import { resumePaths } from './resume/resume-files.js';
import { ResumeStore } from './resume/resume-store.js';
import type { ResumableStorage, Storage, StorageRequest, TorrentStorage } from './storage.js';
import { ContentWatch } from './watch/content-watch.js';
import { digestStamps } from './watch/stamp-digest.js';
import { watchContent } from './watch/watched-content.js';

/** So many stamps may lie unpacked. */
const fewFiles = 8;

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
      if (role === 'seed') return openPublished(request, disk, limit);
      const isNew = await isNothingAt([contentPath, ...statePaths(stateDir, request)]);
      const isMoving = !isNew && (await isMovingContent(stateDir, request));
      const watch = new ContentWatch({ ...request, limit });
      const isShared = isMoving ? () => false : disk.isShared;
      const content = openTorrentStorage({ ...request, disk, isShared, watch });
      const { threads } = disk;
      const files = { content, watch, resume, isShared, threads, isNew };
      return openResumableStorage({ ...request, ...files, verifyLimit });
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

/**
 * What was published is known to be good: whether it is there is looked at, but not read. All else that it takes to read it
 * is made when somebody does, for there may be thousands whom nobody asks for.
 */
async function openPublished(
  request: StorageRequest,
  disk: Disk,
  limit: ConcurrencyLimit,
): Promise<ResumableStorage> {
  const { metainfo, contentPath, role, onUnreadable, changes } = request;
  let stamps = await checkPublished(metainfo, contentPath, request.signal, disk.threads);
  const wasRewritten =
    request.stamps !== undefined &&
    request.stamps !== (await digestStamps(metainfo.files.map((file) => stamps.get(file))));
  let opened: { readonly content: TorrentStorage; readonly watch: ContentWatch } | undefined;
  const open = () => {
    if (opened !== undefined) return opened;
    const watch = new ContentWatch({ metainfo, contentPath, role, changes, limit });
    const files = openTorrentStorage({ metainfo, contentPath, role, onUnreadable, disk, watch });
    watch.begin(stamps, files);
    opened = { content: watchContent(files, watch), watch };
    stamps = new Map();
    return opened;
  };
  // The watch holds stamps in less memory than they take as they are.
  if (metainfo.files.length > fewFiles) open();
  return {
    get content() {
      return open().content;
    },
    journal: undefined,
    check: async () => ({
      bitfield: everyPiece(metainfo.pieceCount),
      verifiedBytes: metainfo.lengthBytes,
    }),
    async complete() {
      if (wasRewritten) open().watch.doubtAll();
    },
    verify: () => open().watch.verify(),
    lookAgain: (index) => opened?.watch.lookAgain(index),
    lookForLost: () => opened?.watch.lookForLost(),
    async close() {
      await opened?.content.close();
    },
  };
}
