// Writes the resume data of one download while it is in its swarm. The order is what makes it true: a piece is
// in the journal before it is written, and on record only after the disk has confirmed it.
import { limitConcurrency } from '../../async/limit-concurrency.js';
import type { MetainfoFile } from '../../metainfo/metainfo.js';
import type { CheckResult, KnownPieces } from '../check/check-files.js';
import { type FileStamp, isUnchanged } from '../disk/file-stamp.js';
import { createBitfield, hasPiece, setPiece } from '../layout/bitfield.js';
import { fileIndexAt } from '../layout/file-layout.js';
import type { FileStamps, TorrentStorage } from '../storage.js';
import type { PieceJournal } from './piece-journal.js';
import type { ResumeData, ResumeSubject } from './resume-data.js';
import { type StoredResumeData, validateResumeData } from './validate-resume-data.js';

/** At once: a piece may be far longer than there is memory for. */
const mostWrittenAgainBytes = 2 ** 20;

export interface ResumeWriterParts {
  readonly subject: ResumeSubject;
  readonly stored: StoredResumeData;
  readonly journal: PieceJournal;
  /** Puts the record in its place; false if it could not. */
  readonly write: (record: ResumeData) => Promise<boolean>;
}

export class ResumeWriter {
  readonly #parts: ResumeWriterParts;
  /** What is written and verified now. */
  #pieces: Uint8Array;
  #stamps = new Map<MetainfoFile, FileStamp>();
  #isSaved = true;
  readonly #inOrder = limitConcurrency(1);

  constructor(parts: ResumeWriterParts) {
    this.#parts = parts;
    this.#pieces = createBitfield(parts.subject.metainfo.pieceCount);
  }

  /** Whether an earlier join had got anything, and put it on record. */
  get hasRecordedPieces(): boolean {
    return this.#parts.stored.record?.pieces.some((byte) => byte !== 0) ?? false;
  }

  /** Whether anything is known of an earlier join. */
  get hasStored(): boolean {
    const { record, journal } = this.#parts.stored;
    return record !== undefined || journal !== undefined;
  }

  /** Whether an earlier join had got anything. */
  get hadPieces(): boolean {
    const { journal } = this.#parts.stored;
    const wasWriting = typeof journal === 'object' && journal.pieces.size > 0;
    return wasWriting || this.hasRecordedPieces;
  }

  /** The disk that an earlier join wrote to, as far as it is known. */
  get device(): bigint | undefined {
    const { record, journal } = this.#parts.stored;
    const made = typeof journal === 'object' ? journal.made.values() : [];
    for (const { device } of [...made, ...(record?.stamps.values() ?? [])]) return device;
    return undefined;
  }

  /** Whether the record says all there is to say. */
  get isSaved(): boolean {
    return this.#isSaved;
  }

  /** The files as they were found, or written last. */
  get stamps(): FileStamps {
    return this.#stamps;
  }

  knownPieces(stamps: FileStamps): KnownPieces {
    return validateResumeData(this.#parts.subject.metainfo, this.#parts.stored, stamps);
  }

  /**
   * Takes over what the check found. Pieces that the disk refused to confirm in an earlier join are written once more:
   * the system may have given back what the disk does not hold.
   */
  async begin({ bitfield, stamps }: CheckResult, content: TorrentStorage): Promise<void> {
    const { record, journal } = this.#parts.stored;
    this.#pieces = bitfield.slice();
    this.#stamps = new Map(stamps);
    this.#isSaved =
      journal === undefined &&
      record !== undefined &&
      Buffer.compare(record.pieces, bitfield) === 0 &&
      this.#areStampsOf(record, stamps);
    if (journal === undefined || journal === 'damaged' || !journal.isUnconfirmed) return;
    for (const index of journal.pieces) {
      if (hasPiece(bitfield, index)) await this.#writeAgain(index, content);
    }
  }

  /** The writes of these pieces, and to the files `made` for them, may begin when this resolves. Never rejects. */
  writes(indices: readonly number[], made: FileStamps): Promise<void> {
    const { files } = this.#parts.subject.metainfo;
    const indexed = [...made].map(
      ([{ offsetBytes }, stamp]) => [fileIndexAt(files, offsetBytes), stamp] as const,
    );
    return this.#parts.journal.begin(indices, new Map(indexed));
  }

  wrote(indices: readonly number[]): void {
    for (const index of indices) setPiece(this.#pieces, index);
    this.#isSaved = false;
  }

  /**
   * Rejects as `sync` does, which must have the disk confirm what was written before, and tell the stamps of the files that
   * were written to; then nothing was recorded.
   */
  save(sync: () => Promise<FileStamps>): Promise<void> {
    return this.#inOrder(() => this.#save(sync));
  }

  /** The last to be called, when no write is under way any more. Rejects as `save`. */
  async end(sync: () => Promise<FileStamps>): Promise<void> {
    await this.#inOrder(async () => {});
    try {
      if (!this.#isSaved) await this.save(sync);
    } finally {
      // What is not on record by now was not written.
      if (this.#isSaved) await this.#parts.journal.cut(() => true);
      else await this.#parts.journal.close();
    }
  }

  async #save(sync: () => Promise<FileStamps>): Promise<void> {
    const { journal, write, subject } = this.#parts;
    const pieces = this.#pieces.slice();
    const wasSaved = this.#isSaved;
    this.#isSaved = true;
    try {
      // Files that were not written to have the stamps they had: so a change that somebody else made is seen at the next join.
      for (const [file, stamp] of await sync()) this.#stamps.set(file, stamp);
    } catch (error) {
      this.#isSaved = false;
      await journal.markUnconfirmed();
      throw error;
    }
    if (wasSaved) return;
    if (await write({ pieces, stamps: this.#stamps })) {
      const isFileRecorded = (index: number) => {
        const file = subject.metainfo.files[index];
        return file !== undefined && this.#stamps.has(file);
      };
      await journal.cut((index) => hasPiece(pieces, index), isFileRecorded);
    } else {
      this.#isSaved = false;
    }
  }

  #areStampsOf(record: ResumeData, stamps: FileStamps): boolean {
    return this.#parts.subject.metainfo.files.every((file) => {
      const [then, now] = [record.stamps.get(file), stamps.get(file)];
      const isSame = then && now ? isUnchanged(then, now) : then === now;
      return isSame || file.lengthBytes === 0;
    });
  }

  async #writeAgain(index: number, content: TorrentStorage): Promise<void> {
    const { metainfo } = this.#parts.subject;
    const lengthBytes = metainfo.pieceBytes(index);
    const buffer = new Uint8Array(Math.min(mostWrittenAgainBytes, lengthBytes));
    await this.writes([index], new Map());
    for (let done = 0; done < lengthBytes; done += buffer.length) {
      const offsetBytes = index * metainfo.pieceLengthBytes + done;
      const part = buffer.subarray(0, lengthBytes - done);
      await content.readInto(offsetBytes, part);
      await content.write(offsetBytes, part);
    }
  }
}
