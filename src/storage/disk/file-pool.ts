// The open files of all torrents of one engine: never more than a given number, the least recently used closed first,
// none while it is in use. When all are in use, callers wait in the order they came.
// Where the system allows fewer, the pool makes do with fewer.
// A task must not ask for a second file while it holds one, or the pool could wait for itself.
import { isFilesExhausted } from '../../files/disk-error-code.js';
import { closeFile } from './file-io.js';

/** A file that can be opened again and again. Its identity is its key: one object a file and access mode. */
export interface PooledFile {
  /** Whose file this is: all of an owner's files are closed together. */
  readonly owner: object;
  /** Resolves with a descriptor, which the pool closes. */
  open(): Promise<number>;
  /** Hears that closing failed: what was written through the handle may be lost. */
  closeFailed(error: unknown): void;
}

interface Handle {
  readonly descriptor: Promise<number>;
  users: number;
  /** Nobody uses it anew: it is closed with its last use. */
  isStale: boolean;
}

interface Waiter {
  readonly file: PooledFile;
  readonly granted: (handle: Handle) => void;
}

const shareOfFilesOpen = 3 / 4;

export class FilePool {
  #maxOpenFiles: number;
  /** The least recently used first. */
  readonly #handles = new Map<PooledFile, Handle>();
  readonly #waiting: Waiter[] = [];
  /** Descriptors being opened, open, or being closed. */
  #openFiles = 0;

  constructor(maxOpenFiles: number) {
    this.#maxOpenFiles = Math.max(1, maxOpenFiles);
  }

  get openFiles(): number {
    return this.#openFiles;
  }

  /** Runs `task` with an open descriptor of `file`. Rejects as `open` or `task` does. */
  async use<T>(file: PooledFile, task: (descriptor: number) => Promise<T>): Promise<T> {
    const handle = await this.#acquire(file);
    try {
      return await task(await handle.descriptor);
    } finally {
      handle.users--;
      if (handle.isStale) await this.#closeStale(file, handle);
      this.#serveWaiting();
    }
  }

  /** Another file may lie at their paths by now: whoever uses them next opens them anew. */
  reopen(files: Iterable<PooledFile>): void {
    for (const file of files) {
      const handle = this.#handles.get(file);
      if (handle === undefined) continue;
      this.#handles.delete(file);
      handle.isStale = true;
      void this.#closeStale(file, handle);
    }
  }

  /** Closes an owner's handles. None of them may be in use. */
  async closeOwned(owner: object): Promise<void> {
    const owned: [PooledFile, Handle][] = [];
    for (const each of this.#handles) if (each[0].owner === owner) owned.push(each);
    if (owned.length === 0) return;
    await Promise.all(
      owned.map(async ([file, handle]) => {
        this.#handles.delete(file);
        await close(file, handle);
        this.#openFiles--;
        this.#serveWaiting();
      }),
    );
  }

  async #closeStale(file: PooledFile, handle: Handle): Promise<void> {
    if (handle.users > 0) return;
    await close(file, handle);
    this.#openFiles--;
    this.#serveWaiting();
  }

  #acquire(file: PooledFile): Handle | Promise<Handle> {
    // Whoever comes while others wait goes behind them, even if its file is open: else a busy file starves them.
    const handle = this.#waiting.length === 0 ? this.#grant(file) : undefined;
    return handle ?? new Promise((granted) => this.#waiting.push({ file, granted }));
  }

  #grant(file: PooledFile): Handle | undefined {
    const open = this.#handles.get(file);
    if (open) {
      open.users++;
      this.#handles.delete(file);
      this.#handles.set(file, open);
      return open;
    }
    if (this.#openFiles < this.#maxOpenFiles) {
      this.#openFiles++;
      return this.#add(file, this.#open(file));
    }
    for (const [idleFile, idle] of this.#handles) {
      if (idle.users > 0) continue;
      this.#handles.delete(idleFile);
      return this.#add(
        file,
        close(idleFile, idle).then(() => this.#open(file)),
      );
    }
    return undefined;
  }

  #add(file: PooledFile, descriptor: Promise<number>): Handle {
    const handle = { descriptor, users: 1, isStale: false };
    this.#handles.set(file, handle);
    descriptor.catch(() => {
      if (this.#handles.get(file) === handle) this.#handles.delete(file);
      // There is nothing to close.
      handle.isStale = false;
      this.#openFiles--;
      this.#serveWaiting();
    });
    return handle;
  }

  async #open(file: PooledFile): Promise<number> {
    try {
      return await file.open();
    } catch (error) {
      if (!isFilesExhausted(error)) throw error;
      // Some are left to sockets, which cannot wait.
      this.#maxOpenFiles = Math.max(1, Math.floor(this.#openFiles * shareOfFilesOpen));
      if (!(await this.#closeIdle())) throw error;
      return file.open();
    }
  }

  /** As many as are too many; false if there are none. */
  async #closeIdle(): Promise<boolean> {
    const idle = [...this.#handles].filter(([, { users }]) => users === 0);
    const tooMany = idle.slice(0, this.#openFiles - this.#maxOpenFiles);
    for (const [file] of tooMany) this.#handles.delete(file);
    await Promise.all(tooMany.map(([file, handle]) => close(file, handle)));
    this.#openFiles -= tooMany.length;
    return tooMany.length > 0;
  }

  #serveWaiting(): void {
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const handle = this.#grant(first.file);
      if (!handle) return;
      this.#waiting.shift();
      first.granted(handle);
    }
  }
}

async function close(file: PooledFile, handle: Handle): Promise<void> {
  try {
    await closeFile(await handle.descriptor);
  } catch (error) {
    file.closeFailed(error);
  }
}
