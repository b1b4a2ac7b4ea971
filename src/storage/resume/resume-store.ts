// The resume data of all downloads of one engine: a record a torrent and folder, in the state directory. Where
// that cannot be written the records stay in memory, for as long as the engine runs; the downloads never notice.
import { utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ConcurrencyLimit, limitConcurrency } from '../../async/limit-concurrency.js';
import { HelperError, systemCode } from '../../errors.js';
import { replaceFile } from '../../files/atomic-write.js';
import { inFolder, makePrivateDirectory } from '../../files/make-directory.js';
import type { FilePool } from '../disk/file-pool.js';
import { PieceJournal } from './piece-journal.js';
import { encodeResumeData, type ResumeData, type ResumeSubject } from './resume-data.js';
import {
  pruneResumeData,
  type ResumePaths,
  readResumeData,
  resumeFolder,
  resumePaths,
} from './resume-files.js';
import { ResumeWriter } from './resume-writer.js';
import type { StoredResumeData } from './validate-resume-data.js';

/** The record of so few files is small: what waits then waits for its turn where small files are written. */
const fewFiles = 8;
const fewPieces = 8_192;
const mostInMemory = 1_000;
const mostAtOnce = 16;
const dayMs = 24 * 60 * 60 * 1_000;
/** What is in use is touched now and then, so that it is not taken for forgotten. */
const touchEveryMs = 7 * dayMs;

export class ResumeStore {
  readonly #stateDir: string | undefined;
  readonly #handles: FilePool;
  /** Records that are in no file. */
  readonly #inMemory = new Map<string, ResumeData>();
  readonly #inUse = new Set<ResumePaths>();
  readonly #touching: NodeJS.Timeout;
  readonly #limit = limitConcurrency(mostAtOnce);
  #hasWarned = false;

  /** Without a state directory nothing outlives the engine. Journals are opened among `handles`. */
  constructor(stateDir: string | undefined, handles: FilePool) {
    this.#stateDir = stateDir;
    this.#handles = handles;
    this.#touching = setInterval(() => this.#touchAll(), touchEveryMs).unref();
    if (stateDir !== undefined) void pruneResumeData(stateDir);
  }

  /** Never rejects. Call `close` when the writer has ended. `isNew`: none of its files is there, so none is read. */
  async open(
    subject: ResumeSubject,
    onWarning: (error: HelperError) => void,
    isNew = false,
  ): Promise<{ writer: ResumeWriter; close: () => void }> {
    const { metainfo, contentPath } = subject;
    const paths =
      this.#stateDir === undefined
        ? undefined
        : resumePaths(this.#stateDir, metainfo.infoHash, contentPath);
    const stored = await this.#stored(subject, isNew ? undefined : paths);
    const writer = new ResumeWriter({
      subject,
      stored,
      journal: new PieceJournal({
        path: paths?.journal,
        handles: this.#handles,
        isThere: stored.journal !== undefined,
        limit: this.#limitOf(subject),
        onFailure: (thrown) => this.#warn(thrown, onWarning),
      }),
      write: (record) => this.#write(subject, paths, record, onWarning),
    });
    if (paths) this.#inUse.add(paths);
    return { writer, close: () => void (paths && this.#inUse.delete(paths)) };
  }

  close(): void {
    clearInterval(this.#touching);
  }

  async #stored(subject: ResumeSubject, paths: ResumePaths | undefined): Promise<StoredResumeData> {
    const record = this.#inMemory.get(keyOf(subject));
    if (!paths) return { record };
    const found = await this.#limitOf(subject)(() => readResumeData(paths, subject));
    if (found.touchedAtMs !== undefined && Date.now() - found.touchedAtMs > touchEveryMs) {
      await touch(paths);
    }
    // What could not be written is newer than what was.
    return { record: record ?? found.record, journal: found.journal };
  }

  async #write(
    subject: ResumeSubject,
    paths: ResumePaths | undefined,
    record: ResumeData,
    onWarning: (error: HelperError) => void,
  ): Promise<boolean> {
    const key = keyOf(subject);
    this.#inMemory.delete(key);
    if (paths) {
      try {
        await this.#limitOf(subject)(async () => {
          const bytes = await encodeResumeData(subject, record, new Date());
          await inFolder(
            () => makePrivateDirectory(dirname(paths.record)),
            () => replaceFile(paths.record, bytes),
          );
        });
        this.#hasWarned = false;
        return true;
      } catch (thrown) {
        this.#warn(thrown, onWarning);
      }
    }
    this.#inMemory.set(key, { pieces: record.pieces, stamps: new Map(record.stamps) });
    for (const oldest of this.#inMemory.keys()) {
      if (this.#inMemory.size <= mostInMemory) break;
      this.#inMemory.delete(oldest);
    }
    return !paths;
  }

  #limitOf({ metainfo: { files, pieceCount } }: ResumeSubject): ConcurrencyLimit {
    const isSmall = files.length <= fewFiles && pieceCount <= fewPieces;
    return isSmall ? (task) => task() : this.#limit;
  }

  /** Once, not once a torrent: the folder is the same for all. */
  #warn(thrown: unknown, onWarning: (error: HelperError) => void): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const folder = resumeFolder(this.#stateDir ?? '');
    const reason = systemCode(thrown) ?? String(thrown);
    const what = `${folder} cannot be written (${reason}): downloads go on, but after a restart their data is checked anew; make room there, change its permissions, or choose another --state-dir`;
    onWarning(new HelperError('STATE_UNWRITABLE', what, { cause: thrown }));
  }

  #touchAll(): void {
    for (const paths of this.#inUse) void touch(paths);
  }
}

function keyOf({ metainfo, contentPath }: ResumeSubject): string {
  return `${metainfo.infoHash} ${contentPath}`;
}

async function touch({ record }: ResumePaths): Promise<void> {
  const now = new Date();
  await utimes(record, now, now).catch(() => {});
}
