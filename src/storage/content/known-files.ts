// Which file is at each place of a download: as it was found, made, or last synced. It opens those and no others, for a path
// may lead to anybody's; and it knows which are not to be written to.
import { unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { forEachConcurrent } from '../../async/for-each-concurrent.js';
import type { HelperError } from '../../errors.js';
import type { MetainfoFile } from '../../metainfo/metainfo.js';
import { closeFile } from '../disk/file-io.js';
import { type FileStamp, isSameFile, stampOf } from '../disk/file-stamp.js';
import { lookAt } from '../disk/look-at.js';
import {
  changedSince,
  fileTooShort,
  otherDisk,
  sharedFile,
  takenPlace,
} from '../disk/storage-errors.js';
import { type OnNameMade, withinFolder } from '../folders/folder-walk.js';
import { filePath, folderOf } from '../layout/file-layout.js';
import { ensureParent, type SeenFolders } from '../layout/file-status.js';
import type { FileStamps, FoundFiles, StorageRequest } from '../storage.js';
import type { Disk } from './disk.js';
import {
  createDownloaded,
  type DownloadedFile,
  type OpenedFile,
  openDownloaded,
} from './open-file.js';
import { mustLieThere } from './unsynced-files.js';

export interface KnownFilesOptions extends Pick<StorageRequest, 'metainfo' | 'contentPath'> {
  readonly disk: Disk;
  /** Whose open folders they are. */
  readonly owner: object;
  /** Whether what is written to the file would change under names that somebody else gave it; the disk's rule if left out. */
  readonly isShared?: ((stamp: FileStamp) => boolean) | undefined;
  readonly onNameMade: OnNameMade;
}

/** Says why nothing is written to a file. */
export type Refusal = (path: string) => HelperError;

/** Looking is quick on a local disk, and takes a round trip on a network's. */
const looksAtOnce = 4;

export class KnownFiles {
  readonly #options: KnownFilesOptions;
  /** One that goes missing later is not made anew. */
  readonly #stamps = new Map<MetainfoFile, FileStamp>();
  readonly #refusals = new Map<MetainfoFile, Refusal>();
  /** Made here, and holding nothing verified yet. */
  readonly #unverified = new Set<MetainfoFile>();
  /** What the first file that was made is on. */
  #device: bigint | undefined;

  constructor(options: KnownFilesOptions) {
    this.#options = options;
  }

  /** Undefined if it was missing when one looked. */
  get(file: MetainfoFile): FileStamp | undefined {
    return this.#stamps.get(file);
  }

  /** They were complete and somebody has changed them, or they have other names. */
  refusalOf(file: MetainfoFile): Refusal | undefined {
    return this.#refusals.get(file);
  }

  adopt({ stamps, changed }: Pick<FoundFiles, 'stamps' | 'changed'>): void {
    for (const [file, stamp] of stamps) {
      this.#stamps.set(file, stamp);
      if (this.#isShared(stamp)) this.#refusals.set(file, sharedFile);
    }
    for (const file of changed) this.#refusals.set(file, changedSince);
  }

  /** What the first file that was made is on. */
  get device(): bigint | undefined {
    return this.#device;
  }

  /** Whether names that the file may have by now do not keep it from being written to. */
  mayBeShared(stamp: FileStamp): boolean {
    return !this.#isShared({ ...stamp, linkCount: 2 });
  }

  /** It was missing, and is there now, empty. */
  made(file: MetainfoFile, stamp: FileStamp): void {
    this.#device ??= stamp.device;
    this.#options.disk.made.add(stamp);
    this.#stamps.set(file, stamp);
    this.#unverified.add(file);
  }

  synced(stamps: FileStamps): void {
    for (const [file, stamp] of stamps) this.#stamps.set(file, stamp);
  }

  /** What was written to the file is good. */
  markVerified(file: MetainfoFile): void {
    this.#unverified.delete(file);
  }

  /** `anyFile`: whatever lies there will do. Rejects with a system error, or with DESTINATION_EXISTS. */
  async openForReading(file: MetainfoFile, anyFile: boolean): Promise<OpenedFile> {
    const known = anyFile ? undefined : this.#stamps.get(file);
    const opened = await openDownloaded(this.#downloaded(file), 'read');
    if (known === undefined || isSameFile(opened.stamp, known)) return opened;
    return this.#refuse(file, opened, takenPlace);
  }

  /** Makes the file if it was missing. Rejects as `openForReading`. */
  async openForWriting(file: MetainfoFile): Promise<OpenedFile> {
    const known = this.#stamps.get(file);
    if (known === undefined) return this.#create(file);
    const opened = await openDownloaded(this.#downloaded(file), 'write');
    if (!isSameFile(opened.stamp, known)) return this.#refuse(file, opened, takenPlace);
    return this.#isShared(opened.stamp) ? this.#refuse(file, opened, sharedFile) : opened;
  }

  /** Rejects with a DISK_ code or DESTINATION_EXISTS unless each of these lies whole at its path. */
  async mustBeThere(files: readonly MetainfoFile[]): Promise<void> {
    const { contentPath } = this.#options;
    const seen: SeenFolders = new Map();
    await forEachConcurrent(looksAtOnce, files, async (file) => {
      const stamp = await mustLieThere(contentPath, file, this.#stamps.get(file), seen);
      if (stamp.sizeBytes < file.lengthBytes) {
        throw fileTooShort(this.#path(file), file.lengthBytes);
      }
    });
  }

  /** It is complete, and will not be written again. */
  complete(file: MetainfoFile): void {
    const stamp = this.#stamps.get(file);
    if (stamp) this.#options.disk.made.forget(stamp);
  }

  /**
   * Takes away what was made and holds nothing verified: it would be taken for somebody else's at the next attempt. Never
   * rejects.
   */
  async removeUnverified(): Promise<void> {
    for (const file of this.#unverified) await this.#remove(file).catch(() => {});
  }

  async #create(file: MetainfoFile): Promise<OpenedFile> {
    const { onNameMade } = this.#options;
    const beforeFolder = () => this.#ensureDisk();
    const created = await createDownloaded(this.#downloaded(file), { onNameMade, beforeFolder });
    this.made(file, created.stamp);
    return created;
  }

  async #refuse(file: MetainfoFile, { descriptor }: OpenedFile, refusal: Refusal): Promise<never> {
    await closeFile(descriptor);
    throw refusal(this.#path(file));
  }

  /** With files of ours in it, the folder was there: if it is gone, its disk is, and another must not take its place. */
  async #ensureDisk(): Promise<void> {
    const { contentPath } = this.#options;
    if (this.#stamps.size === 0) return;
    const device = await ensureParent(contentPath);
    if (device !== (this.#device ?? device)) throw otherDisk(contentPath);
  }

  /** Unless another file has its place by now. */
  async #remove(file: MetainfoFile): Promise<void> {
    const made = this.#stamps.get(file);
    await withinFolder(folderOf(this.#options.contentPath, file), async (folder) => {
      const path = join(folder, basename(this.#path(file)));
      const there = await lookAt(path);
      if (made && there && isSameFile(stampOf(there), made)) await unlink(path);
    });
  }

  #isShared(stamp: FileStamp): boolean {
    const { disk, isShared = disk.isShared } = this.#options;
    return isShared(stamp);
  }

  #downloaded(file: MetainfoFile): DownloadedFile {
    const { contentPath, disk, owner } = this.#options;
    return { contentPath, file, folders: disk.folders, owner };
  }

  #path(file: MetainfoFile): string {
    return filePath(this.#options.contentPath, file);
  }
}
