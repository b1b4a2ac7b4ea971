// The folders that files are opened in, kept open for the next: most files lie beside the one before.
import { FilePool, type PooledFile } from '../disk/file-pool.js';
import {
  canHoldFolders,
  type FolderPath,
  lookThrough,
  openFolder,
  pathOfFolder,
  pathOfOpen,
} from './folder-walk.js';

const mostFolders = 32;

export class FolderPool {
  readonly #handles = new FilePool(mostFolders);
  readonly #folders = new WeakMap<object, Map<string, PooledFile>>();

  /** Runs `task` with a path of the folder that no link can divert; elsewhere than on Linux, look again afterwards. */
  async use<T>(owner: object, path: FolderPath, task: (path: string) => Promise<T>): Promise<T> {
    if (canHoldFolders) {
      const folder = this.#folder(owner, path);
      return this.#handles.use(folder, (descriptor) => task(pathOfOpen(descriptor)));
    }
    await lookThrough(path);
    return task(pathOfFolder(path));
  }

  /** Closes an owner's folders: they may have been moved, or another disk lies over them. None may be in use. */
  closeOwned(owner: object): Promise<void> {
    this.#folders.delete(owner);
    return this.#handles.closeOwned(owner);
  }

  #folder(owner: object, path: FolderPath): PooledFile {
    const known = this.#folders.get(owner) ?? new Map<string, PooledFile>();
    this.#folders.set(owner, known);
    const key = pathOfFolder(path);
    const folder = known.get(key) ?? {
      owner,
      open: () => openFolder(path),
      closeFailed: () => {},
    };
    known.set(key, folder);
    return folder;
  }
}
