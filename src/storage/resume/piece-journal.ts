// The pieces whose write has begun since the last record, one number a line, and the files that were made for them,
// appended before the write. It is never synced: it need not outlive the system, only this process; see validate-resume-data.ts for what then speaks for a piece.
import { unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { coalesce } from '../../async/coalesce.js';
import { type ConcurrencyLimit, limitConcurrency } from '../../async/limit-concurrency.js';
import { systemCode } from '../../errors.js';
import { replaceFile } from '../../files/atomic-write.js';
import { makePrivateDirectory } from '../../files/make-directory.js';
import { openFlags } from '../../files/open-flags.js';
import type { Metainfo } from '../../metainfo/metainfo.js';
import { openFile, writeFully } from '../disk/file-io.js';
import type { FilePool, PooledFile } from '../disk/file-pool.js';
import type { FileStamp } from '../disk/file-stamp.js';

/** Says that the disk refused to confirm what was written: it may hold less than it gives back when asked. */
const unconfirmedLine = 'unconfirmed';

/** A journal as it was found. */
export interface StoredJournal {
  readonly pieces: ReadonlySet<number>;
  /** When a write was last about to begin. */
  readonly mtimeNs: bigint;
  readonly isUnconfirmed: boolean;
  /** By their index in the torrent. */
  readonly made: ReadonlyMap<number, MadeFile>;
}

export type MadeFile = Pick<FileStamp, 'device' | 'inode' | 'birthNs'>;

/** The file's index in the torrent, then what tells it from others. */
const madePattern = /^made (\d{1,10}) (\d{1,20}) (\d{1,20}) (-?\d{1,20})$/;

/** Undefined if it holds anything but whole lines of this torrent. */
export function parseJournal(
  text: string,
  mtimeNs: bigint,
  { pieceCount, files }: Pick<Metainfo, 'pieceCount' | 'files'>,
): StoredJournal | undefined {
  if (text !== '' && !text.endsWith('\n')) return undefined;
  const pieces = new Set<number>();
  const made = new Map<number, MadeFile>();
  let isUnconfirmed = false;
  for (const line of text.split('\n').slice(0, -1)) {
    const [, file, device, inode, birthNs] = madePattern.exec(line) ?? [];
    if (line === unconfirmedLine) isUnconfirmed = true;
    else if (/^\d{1,10}$/.test(line) && Number(line) < pieceCount) pieces.add(Number(line));
    else if (device && inode && birthNs && Number(file) < files.length) {
      const identity = { device: BigInt(device), inode: BigInt(inode), birthNs: BigInt(birthNs) };
      made.set(Number(file), identity);
    } else return undefined;
  }
  return { pieces, mtimeNs, isUnconfirmed, made };
}

function linesOf(pieces: readonly number[], made: ReadonlyMap<number, MadeFile>): string {
  const madeLines = [...made].map(
    ([index, { device, inode, birthNs }]) => `made ${index} ${device} ${inode} ${birthNs}\n`,
  );
  return [...madeLines, ...pieces.map((index) => `${index}\n`)].join('');
}

export interface JournalOptions {
  /** Without one it is kept in memory alone. */
  readonly path: string | undefined;
  /** There is one of an earlier join. */
  readonly isThere: boolean;
  /** It is kept open among the others. */
  readonly handles: FilePool;
  /** Shared with other journals. */
  readonly limit: ConcurrencyLimit;
  readonly onFailure: (thrown: unknown) => void;
}

/** Nothing here rejects: without a journal, more is read again after an unclean stop, and nothing else is lost. */
export class PieceJournal {
  readonly #options: JournalOptions;
  readonly #begun = new Set<number>();
  readonly #made = new Map<number, MadeFile>();
  #isThere: boolean;
  #file: PooledFile | undefined;
  #unwritten = '';
  readonly #inOrder = limitConcurrency(1);
  /** Whatever comes while one append is under way goes with the next. */
  readonly #appendUnwritten = coalesce(() =>
    this.#run(async (path) => {
      const lines = this.#unwritten;
      this.#unwritten = '';
      if (lines === '') return;
      this.#isThere = true;
      this.#file ??= { owner: this, open: () => openToAppend(path), closeFailed: () => {} };
      await this.#options.handles.use(this.#file, (descriptor) =>
        writeFully(descriptor, [Buffer.from(lines)], null),
      );
    }),
  );

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#isThere = options.isThere;
  }

  /** The writes of these pieces may begin when this resolves, and those to the files that were made for them. */
  begin(
    indices: readonly number[],
    made: ReadonlyMap<number, MadeFile> = new Map(),
  ): Promise<void> {
    for (const index of indices) this.#begun.add(index);
    for (const [index, file] of made) this.#made.set(index, file);
    return this.#append(linesOf(indices, made));
  }

  markUnconfirmed(): Promise<void> {
    return this.#append(`${unconfirmedLine}\n`);
  }

  /** Forgets what is on record now, and all of earlier joins; with nothing left, the file is gone. */
  cut(
    isPieceRecorded: (index: number) => boolean,
    isFileRecorded: (index: number) => boolean = () => true,
  ): Promise<void> {
    for (const index of [...this.#begun]) if (isPieceRecorded(index)) this.#begun.delete(index);
    for (const index of [...this.#made.keys()]) if (isFileRecorded(index)) this.#made.delete(index);
    return this.#run(async (path) => {
      await this.#options.handles.closeOwned(this);
      const isLeft = this.#begun.size > 0 || this.#made.size > 0;
      if (isLeft) {
        const lines = Buffer.from(linesOf([...this.#begun], this.#made));
        await replaceFile(path, lines, 'unsynced');
      } else if (this.#isThere) {
        await removeFile(path);
      }
      this.#isThere = isLeft;
    });
  }

  /** Closes the file, which stays. Never rejects. */
  close(): Promise<void> {
    return this.#run(() => this.#options.handles.closeOwned(this));
  }

  #append(text: string): Promise<void> {
    if (this.#options.path === undefined) return Promise.resolve();
    this.#unwritten += text;
    return this.#appendUnwritten();
  }

  async #run(task: (path: string) => Promise<void>): Promise<void> {
    const { path, limit, onFailure } = this.#options;
    if (path === undefined) return;
    await this.#inOrder(() => limit(() => task(path))).catch(onFailure);
  }
}

/** With a third of the trips to the pool that a removal of whatever lies there takes. */
async function removeFile(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
  });
}

async function openToAppend(path: string): Promise<number> {
  try {
    return await openFile(path, openFlags.append);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    await makePrivateDirectory(dirname(path));
    return openFile(path, openFlags.append);
  }
}
