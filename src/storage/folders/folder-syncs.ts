// Has the disk confirm the names in a folder: once for all who wait for the same, as do a thousand downloads into one folder.
import { constants } from 'node:fs';
import { coalesce } from '../../async/coalesce.js';
import { cannotSyncDirectory } from '../../files/sync-directory.js';
import { openFile, syncFile } from '../disk/file-io.js';
import type { FilePool } from '../disk/file-pool.js';
import { writeFailed } from '../disk/storage-errors.js';

interface FolderSync {
  waiting: number;
  readonly sync: () => Promise<void>;
}

export class FolderSyncs {
  readonly #handles: FilePool;
  readonly #syncs = new Map<string, FolderSync>();

  /** Folders are opened among `handles`, and closed at once. */
  constructor(handles: FilePool) {
    this.#handles = handles;
  }

  /** Resolves when the disk has all names that were made there before. Rejects with a DISK_ code. */
  async sync(path: string): Promise<void> {
    const shared = this.#syncs.get(path) ?? {
      waiting: 0,
      sync: coalesce(() => this.#sync(path)),
    };
    this.#syncs.set(path, shared);
    shared.waiting += 1;
    try {
      await shared.sync();
    } finally {
      shared.waiting -= 1;
      if (shared.waiting === 0) this.#syncs.delete(path);
    }
  }

  async #sync(path: string): Promise<void> {
    const folder = {
      owner: this,
      open: () => openFile(path, constants.O_RDONLY),
      closeFailed: () => {},
    };
    try {
      await this.#handles.use(folder, syncFile);
    } catch (error) {
      if (!cannotSyncDirectory(error)) throw writeFailed(path, error);
    } finally {
      this.#handles.reopen([folder]);
    }
  }
}
