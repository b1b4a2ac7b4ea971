// The content of a download together with its resume information: checked when the torrent is joined, put on record
// while it grows, and closed in good order.

import type { WriteJournal } from '../../engine/data-path/download/write-batch.js';
import type { HelperError } from '../../errors.js';
import { type CheckResult, checkContent } from '../check/check-files.js';
import { lookForParent } from '../layout/file-status.js';
import type { TorrentStorage } from '../torrent-storage.js';
import { createCheckpointTimer } from './checkpoint-timer.js';
import type { ResumeSubject } from './resume-data.js';
import type { ResumeStore } from './resume-store.js';

export interface ResumableStorageOptions extends ResumeSubject {
  readonly resume: ResumeStore;
  readonly store: TorrentStorage;
  readonly onWarning: (error: HelperError) => void;
  /** What was written could not be made safe, or the disk is in trouble otherwise. */
  readonly onFailure: (thrown: unknown) => void;
}

/** Opens and closes at most once. */
export interface ResumableStorage extends WriteJournal {
  /** Finds out what is there, reading no more than has to be read. Rejects as `checkContent`. */
  check(signal: AbortSignal): Promise<CheckResult>;
  /** Everything is written: makes it safe on disk, and says so on record. Rejects with a DISK_ code. */
  complete(): Promise<void>;
  /** Call it when no write is under way, nor will be. Leaves the store open. Never rejects. */
  end(): Promise<void>;
}

/** Never rejects. */
export async function openResumableStorage(
  options: ResumableStorageOptions,
): Promise<ResumableStorage> {
  const { metainfo, contentPath, store } = options;
  const { keeper, close } = await options.resume.open(options, options.onWarning);
  const flush = () => store.flush();
  const timer = createCheckpointTimer(() => keeper.save(flush), options.onFailure);
  let isChecked = false;

  return {
    async check(signal) {
      // What was there is gone with its folder: so is the disk, and another must not take its place.
      if (keeper.hadPieces) await lookForParent(contentPath);
      const judge = keeper.judge.bind(keeper);
      const found = await checkContent({ metainfo, contentPath, store, signal, judge });
      store.adopt(found.stamps.keys(), found.read);
      await keeper.begin(found, store);
      isChecked = true;
      const isComplete = found.verifiedBytes === metainfo.lengthBytes;
      // At once, and beside the download: from here on, what lies there is known to be ours.
      if (!isComplete && !keeper.isSaved) keeper.save(flush).catch(options.onFailure);
      return found;
    },
    writes: (indices) => keeper.writes(indices),
    wrote(indices) {
      keeper.wrote(indices);
      timer.progressed();
    },
    complete: () => keeper.save(() => store.complete()),
    async end() {
      timer.stop();
      if (isChecked) await keeper.end(flush).catch(() => {});
      close();
    },
  };
}
