// The files of a torrent that was published. What was published is known to be good: whether it is there is looked at, but not
// read. All else that it takes to read it is made when somebody does, for there may be thousands whom nobody asks for.
import type { ConcurrencyLimit } from '../async/limit-concurrency.js';
import { checkPublished } from './check/check-published.js';
import type { Disk } from './content/disk.js';
import { openTorrentStorage } from './content/torrent-storage.js';
import { everyPiece } from './layout/bitfield.js';
import type { CheckedPieces, ResumableStorage, StorageRequest, TorrentStorage } from './storage.js';
import { ContentWatch } from './watch/content-watch.js';
import { digestStamps } from './watch/stamp-digest.js';
import { StampTable } from './watch/stamp-table.js';
import { watchContent } from './watch/watched-content.js';

/** What all torrents share. */
export interface PublishedParts {
  readonly disk: Disk;
  readonly limit: ConcurrencyLimit;
}

type PublishedFiles = Pick<
  StorageRequest,
  'metainfo' | 'contentPath' | 'role' | 'onUnreadable' | 'changes'
>;

/** How the files were when they were looked at. */
interface Seen {
  readonly stamps: StampTable;
  /** Since they were hashed. */
  readonly wereRewritten: boolean;
}

interface Opened {
  readonly content: TorrentStorage;
  readonly watch: ContentWatch;
}

/** Rejects as `checkPublished` does. */
export async function openPublishedStorage(
  parts: PublishedParts,
  request: StorageRequest,
): Promise<ResumableStorage> {
  const { metainfo, contentPath, role, onUnreadable, changes, signal } = request;
  const found = await checkPublished(metainfo, contentPath, signal, parts.disk.threads);
  const wereRewritten =
    request.stamps !== undefined &&
    request.stamps !== (await digestStamps(metainfo.files.map((file) => found.get(file))));
  const seen = { stamps: new StampTable(metainfo, found), wereRewritten };
  return new PublishedStorage(parts, { metainfo, contentPath, role, onUnreadable, changes }, seen);
}

class PublishedStorage implements ResumableStorage {
  readonly #parts: PublishedParts;
  readonly #files: PublishedFiles;
  readonly #seen: Seen;
  #opened: Opened | undefined;

  constructor(parts: PublishedParts, files: PublishedFiles, seen: Seen) {
    this.#parts = parts;
    this.#files = files;
    this.#seen = seen;
  }

  get content(): TorrentStorage {
    return this.#open().content;
  }

  get journal(): undefined {
    return undefined;
  }

  async check(): Promise<CheckedPieces> {
    const { pieceCount, lengthBytes } = this.#files.metainfo;
    return { bitfield: everyPiece(pieceCount), verifiedBytes: lengthBytes };
  }

  async complete(): Promise<void> {
    if (this.#seen.wereRewritten) this.#open().watch.doubtAll();
  }

  verify(): Promise<void> {
    return this.#open().watch.verify();
  }

  lookAgain(index: number): void {
    this.#opened?.watch.lookAgain(index);
  }

  lookForLost(): void {
    this.#opened?.watch.lookForLost();
  }

  async close(): Promise<void> {
    await this.#opened?.content.close();
  }

  #open(): Opened {
    this.#opened ??= openFiles(this.#parts, this.#files, this.#seen);
    return this.#opened;
  }
}

function openFiles(
  { disk, limit }: PublishedParts,
  files: PublishedFiles,
  { stamps }: Seen,
): Opened {
  const watch = new ContentWatch({ limit, ...files });
  const content = openTorrentStorage({ disk, ...files, watch });
  watch.begin(stamps.unpack(), content);
  return { content: watchContent(content, watch), watch };
}
