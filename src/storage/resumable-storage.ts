// The files of a download together with its resume data: checked when the torrent is joined, put on record while it
// grows, and closed in good order.
import { type ConcurrencyLimit, limitConcurrency } from '../async/limit-concurrency.js';
import { untilAborted } from '../async/until-aborted.js';
import { type CheckRequest, checkFiles, untrusted } from './check/check-files.js';
import { ensureParent, ensureSameDisk } from './layout/file-status.js';
import { createCheckpointTimer } from './resume/checkpoint-timer.js';
import type { ResumeStore } from './resume/resume-store.js';
import type { ResumableStorage, StorageRequest, TorrentStorage } from './storage.js';
import type { ContentWatch } from './watch/content-watch.js';
import { watchContent } from './watch/watched-content.js';

export interface ResumableStorageOptions
  extends Pick<StorageRequest, 'metainfo' | 'contentPath' | 'verify' | 'onWarning' | 'onFailure'>,
    Pick<CheckRequest, 'isShared' | 'threads'> {
  readonly resume: ResumeStore;
  /** Shared by all torrents, for checks that read all there is. */
  readonly verifyLimit?: ConcurrencyLimit | undefined;
  /** Closed with it. */
  readonly content: TorrentStorage;
  /** Begins when all of it is there. Closed with it. */
  readonly watch?: ContentWatch | undefined;
  /** Nothing lies where it goes, nor is anything of it in the state directory. */
  readonly isNew?: boolean | undefined;
}

/** Never rejects. */
export async function openResumableStorage(
  options: ResumableStorageOptions,
): Promise<ResumableStorage> {
  const { metainfo, contentPath, verify, watch, isShared, threads, isNew } = options;
  const { verifyLimit = limitConcurrency(1) } = options;
  const content = watch ? watchContent(options.content, watch) : options.content;
  const { writer, close } = await options.resume.open(options, options.onWarning, isNew);
  const flush = () => content.flush();
  const timer = createCheckpointTimer(() => writer.save(flush), options.onFailure);
  let isChecked = false;

  return {
    content,
    journal: {
      async writes(indices) {
        const ranges = indices.map((index) => ({
          offsetBytes: index * metainfo.pieceLengthBytes,
          lengthBytes: metainfo.pieceBytes(index),
        }));
        // Empty still: so whatever holds bytes has been named as ours before.
        await writer.writes(indices, await content.make(ranges));
      },
      wrote(indices) {
        writer.wrote(indices);
        timer.progressed();
      },
    },
    async check(signal) {
      // What was there is gone with its folder: it may come back, and another must not take its place.
      if (writer.hasRecordedPieces) await ensureParent(contentPath);
      const request = { metainfo, contentPath, content, signal, isShared, threads, isNew };
      const knownPieces = writer.knownPieces.bind(writer);
      const found = verify
        ? await untilAborted(
            signal,
            verifyLimit(() =>
              checkFiles({
                ...request,
                knownPieces: (stamps) => untrusted(metainfo, writer.knownPieces(stamps)),
              }),
            ),
          )
        : await checkFiles({ knownPieces, ...request });
      const { stamps, changed, read } = found;
      // A disk that is not mounted leaves its empty folder behind, or none, and another must not take its place.
      if (writer.hadPieces && stamps.size === 0) await ensureSameDisk(contentPath, writer.device);
      content.adopt({ stamps, changed, unconfirmed: read });
      await writer.begin(found, content);
      isChecked = true;
      const isComplete = found.verifiedBytes === metainfo.lengthBytes;
      // At once, and beside the download: from here on, what lies there is known to be ours. Where nothing does, and nothing is
      // known of earlier, the journal will say it.
      const isSaying = stamps.size > 0 || writer.hasStored;
      if (!isComplete && !writer.isSaved && isSaying) writer.save(flush).catch(options.onFailure);
      return found;
    },
    async complete() {
      await writer.save(() => content.complete());
      watch?.begin(writer.stamps, options.content);
    },
    async verify() {
      await watch?.verify();
    },
    lookAgain: (index) => watch?.lookAgain(index),
    lookForLost: () => watch?.lookForLost(),
    async close() {
      timer.stop();
      if (isChecked) await writer.end(flush).catch(() => {});
      close();
      await content.close();
    },
  };
}
