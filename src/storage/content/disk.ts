// What all torrents of one engine share of the disk: open files, and who writes where.
import { resolve } from 'node:path';
import { BatchThreads } from '../batches/batch-threads.js';
import { FilePool } from '../disk/file-pool.js';
import type { FileStamp } from '../disk/file-stamp.js';
import { MadeFiles } from '../disk/made-files.js';
import { destinationExists } from '../disk/storage-errors.js';
import { FolderPool } from '../folders/folder-pool.js';
import { FolderSyncs } from '../folders/folder-syncs.js';

export interface DiskOptions {
  readonly maxOpenFiles?: number;
  readonly threads?: BatchThreads;
}

export interface Disk {
  readonly handles: FilePool;
  readonly folders: FolderPool;
  readonly folderSyncs: FolderSyncs;
  /** For small files, many at once. Started when there are. */
  readonly threads: BatchThreads;
  readonly writers: Writers;
  readonly made: MadeFiles;
  /** Whether the file has other names, and is not one that was made here in this life. */
  readonly isShared: (stamp: FileStamp) => boolean;
}

export function createDisk({ maxOpenFiles = 128, threads }: DiskOptions = {}): Disk {
  const made = new MadeFiles();
  const handles = new FilePool(maxOpenFiles);
  return {
    handles,
    folders: new FolderPool(),
    folderSyncs: new FolderSyncs(handles),
    threads: threads ?? new BatchThreads(),
    writers: new Writers(),
    made,
    isShared: (stamp) => stamp.linkCount > 1 && !made.has(stamp),
  };
}

/** Who writes to which content path: two torrents never write one file. */
export class Writers {
  readonly #owners = new Map<string, object>();

  /** Throws DESTINATION_EXISTS if another torrent of this engine writes there. */
  lock(contentPath: string, owner: object): void {
    const path = resolve(contentPath);
    const holder = this.#owners.get(path) ?? owner;
    if (holder !== owner) {
      throw destinationExists(contentPath, 'is being written by another download');
    }
    this.#owners.set(path, owner);
  }

  release(contentPath: string, owner: object): void {
    const path = resolve(contentPath);
    if (this.#owners.get(path) === owner) this.#owners.delete(path);
  }
}
