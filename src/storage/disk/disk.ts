// What all torrents of one engine share of the disk: open files, and who writes where.
import { resolve } from 'node:path';
import { FilePool } from './file-pool.js';
import { destinationExists } from './storage-errors.js';

export interface DiskOptions {
  readonly maxOpenFiles?: number;
}

export interface Disk {
  readonly handles: FilePool;
  readonly writers: Writers;
}

export function createDisk({ maxOpenFiles = 128 }: DiskOptions = {}): Disk {
  return {
    handles: new FilePool(maxOpenFiles),
    writers: new Writers(),
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
