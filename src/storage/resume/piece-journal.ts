// The pieces whose write has begun since the last record, one number a line, appended before the write. It is never
// synced: it need not outlive the system, only this process; see judge-resume.ts for what then speaks for a piece.
import { constants } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ConcurrencyLimit } from '../../async/limit-concurrency.js';
import { systemCode } from '../../errors.js';
import { makeDirectory } from '../../files/make-directory.js';
import { openFile, writeFully } from '../disk/file-io.js';
import type { FilePool, PooledFile } from '../disk/file-pool.js';

/** Says that the disk refused to confirm what was written: it may hold less than it gives back when asked. */
const unconfirmedLine = 'unconfirmed';

/** A journal as it was found. */
export interface JournalLeft {
  readonly pieces: ReadonlySet<number>;
  /** When a write was last about to begin. */
  readonly mtimeNs: bigint;
  readonly isUnconfirmed: boolean;
}

/** Undefined if it holds anything but whole lines of this torrent. */
export function parseJournal(
  text: string,
  mtimeNs: bigint,
  pieceCount: number,
): JournalLeft | undefined {
  if (text !== '' && !text.endsWith('\n')) return undefined;
  const pieces = new Set<number>();
  let isUnconfirmed = false;
  for (const line of text.split('\n').slice(0, -1)) {
    if (line === unconfirmedLine) isUnconfirmed = true;
    else if (/^\d{1,10}$/.test(line) && Number(line) < pieceCount) pieces.add(Number(line));
    else return undefined;
  }
  return { pieces, mtimeNs, isUnconfirmed };
}

export interface JournalOptions {
  /** Without one it is kept in memory alone. */
  readonly path: string | undefined;
  /** An earlier stay left one there. */
  readonly isThere: boolean;
  /** It is kept open among the others. */
  readonly handles: FilePool;
  readonly atOnce: ConcurrencyLimit;
  readonly onTrouble: (thrown: unknown) => void;
}

/** Nothing here rejects: without a journal, more is read again after an unclean stop, and nothing else is lost. */
export class PieceJournal {
  readonly #options: JournalOptions;
  readonly #begun = new Set<number>();
  #isThere: boolean;
  #file: PooledFile | undefined;
  #unwritten = '';
  #appended: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#isThere = options.isThere;
  }

  /** Pieces whose write has begun in this stay, less those that were cut. */
  get begun(): ReadonlySet<number> {
    return this.#begun;
  }

  /** The writes of these pieces may begin when this resolves. */
  begin(indices: readonly number[]): Promise<void> {
    for (const index of indices) this.#begun.add(index);
    return this.#append(indices.map((index) => `${index}\n`).join(''));
  }

  markUnconfirmed(): Promise<void> {
    return this.#append(`${unconfirmedLine}\n`);
  }

  /** Forgets the pieces that are on record now, and all of earlier stays; with none left, the file is gone. */
  cut(isRecorded: (index: number) => boolean): Promise<void> {
    for (const index of [...this.#begun]) if (isRecorded(index)) this.#begun.delete(index);
    return this.#oneByOne(async (path) => {
      await this.#options.handles.closeOwned(this);
      if (this.#begun.size > 0) {
        await writeFile(`${path}.tmp`, [...this.#begun].map((index) => `${index}\n`).join(''));
        await rename(`${path}.tmp`, path);
      } else if (this.#isThere) {
        await rm(path, { force: true });
      }
      this.#isThere = this.#begun.size > 0;
    });
  }

  /** Lets go of the file, which stays. Never rejects. */
  close(): Promise<void> {
    return this.#oneByOne(() => this.#options.handles.closeOwned(this));
  }

  #append(text: string): Promise<void> {
    this.#unwritten += text;
    // Whatever comes while one append is under way goes with the next.
    this.#appended ??= this.#oneByOne(async (path) => {
      const lines = this.#unwritten;
      this.#unwritten = '';
      this.#appended = undefined;
      this.#isThere = true;
      this.#file ??= { owner: this, open: () => openToAppend(path), closeFailed: () => {} };
      await this.#options.handles.use(this.#file, (descriptor) =>
        writeFully(descriptor, [Buffer.from(lines)], null),
      );
    });
    return this.#appended;
  }

  #oneByOne(deed: (path: string) => Promise<void>): Promise<void> {
    const { path, atOnce, onTrouble } = this.#options;
    if (path === undefined) return Promise.resolve();
    this.#last = this.#last.then(() => atOnce(() => deed(path))).catch(onTrouble);
    return this.#last;
  }
}

async function openToAppend(path: string): Promise<number> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;
  try {
    return await openFile(path, flags);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    await makeDirectory(dirname(path));
    return openFile(path, flags);
  }
}
