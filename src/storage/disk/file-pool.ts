// The open files of all torrents of one engine: never more than a given number, the least recently used closed first,
// none while it is in use. When all are in use, callers wait in the order they came. What nobody has used for a while is closed:
// it would keep its disk from being unmounted, and a removed file its room. Where the system allows fewer, the pool makes do.
// A task must not ask for a second file while it holds one, or the pool could wait for itself.
import { AsyncLocalStorage } from 'node:async_hooks';
import { isFilesExhausted } from '../../files/disk-error-code.js';
import { diskLimits } from '../../limits.js';
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
  /** Since the pool last looked for what nobody uses. */
  wasUsed: boolean;
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
  /** Until when, and whose. */
  readonly #closing = new Map<Promise<void>, object>();
  /** Looks for what nobody uses while any is open; in no torrent's name, whoever opened the first. */
  #looking: NodeJS.Timeout | undefined;
  readonly #inNobodysName = AsyncLocalStorage.snapshot();

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
      handle.wasUsed = true;
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

  /** Resolves when none of an owner's files is open. None may be in use. */
  async closeOwned(owner: object): Promise<void> {
    const closing: Promise<void>[] = [];
    for (const [closed, whose] of this.#closing) if (whose === owner) closing.push(closed);
    for (const [file, handle] of this.#handles) {
      if (file.owner === owner) closing.push(this.#closeIdle(file, handle));
    }
    if (closing.length > 0) await Promise.all(closing);
  }

  async #closeStale(file: PooledFile, handle: Handle): Promise<void> {
    if (handle.users === 0) await this.#closeIdle(file, handle);
  }

  async #closeIdle(file: PooledFile, handle: Handle): Promise<void> {
    await this.#close(file, handle);
    this.#openFiles--;
    this.#serveWaiting();
  }

  /** Whoever uses it next opens it anew. */
  async #close(file: PooledFile, handle: Handle): Promise<void> {
    if (this.#handles.get(file) === handle) this.#handles.delete(file);
    const closed = close(file, handle);
    this.#closing.set(closed, file.owner);
    await closed;
    this.#closing.delete(closed);
  }

  /** One after the other: a disk may take its time for each, and with it one of Node's four threads. */
  async #closeUnused(): Promise<void> {
    for (const [file, handle] of this.#handles) {
      if (handle.users === 0 && !handle.wasUsed) await this.#closeIdle(file, handle);
      else handle.wasUsed = false;
    }
    this.#looking = undefined;
    if (this.#handles.size > 0) this.#lookLater();
  }

  #lookLater(): void {
    this.#looking ??= this.#inNobodysName(() =>
      setTimeout(() => void this.#closeUnused(), diskLimits.unusedFileMs).unref(),
    );
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
      const closed = this.#close(idleFile, idle);
      return this.#add(
        file,
        closed.then(() => this.#open(file)),
      );
    }
    return undefined;
  }

  #add(file: PooledFile, descriptor: Promise<number>): Handle {
    const handle = { descriptor, users: 1, wasUsed: true, isStale: false };
    this.#handles.set(file, handle);
    this.#lookLater();
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
      if (!(await this.#closeTooMany())) throw error;
      return file.open();
    }
  }

  /** As many as are too many, or waits for one that is being closed; false if there are none. */
  async #closeTooMany(): Promise<boolean> {
    const idle = [...this.#handles].filter(([, { users }]) => users === 0);
    const tooMany = idle.slice(0, this.#openFiles - this.#maxOpenFiles);
    if (tooMany.length === 0 && this.#closing.size > 0) {
      await Promise.race(this.#closing.keys());
      return true;
    }
    await Promise.all(tooMany.map(([file, handle]) => this.#close(file, handle)));
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
