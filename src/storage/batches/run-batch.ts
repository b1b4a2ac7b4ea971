// Does what a batch of small files asks for, a file after the other, in the thread that runs it: without a promise, and with as
// few questions to the system as tell the truth. What is a file's place in a torrent it does not know.
import {
  accessSync,
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  statSync,
  writevSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { HelperError, systemCode } from '../../errors.js';
import { openFlags } from '../../files/open-flags.js';
import { withoutFirst } from '../disk/file-io.js';
import {
  type FileStamp,
  isSameFile,
  packedLength,
  packStamp,
  stampOf,
} from '../disk/file-stamp.js';
import { inTheWay, obstacleCodes } from '../disk/look-at.js';
import {
  destinationExists,
  fileTooShort,
  noLongerThere,
  noRegularFile,
  sharedFile,
  takenPlace,
} from '../disk/storage-errors.js';
import { type FolderMaking, FolderSteps, lookHere } from '../folders/folder-steps.js';
import { canHoldFolders, type FolderPath, pathOfFolder } from '../folders/folder-walk.js';
import {
  type BatchFailure,
  type BatchReport,
  type BatchRequest,
  type FileBatch,
  type KnownIdentity,
  knownLength,
} from './file-batch.js';

/** `isTurnOver`: whether to leave the rest for later; asked after each file. */
export function runBatch({ batch, from }: BatchRequest, isTurnOver: () => boolean): BatchReport {
  const run = new BatchRun(batch);
  const stamps = new BigInt64Array(packedLength * (batch.folderOf.length - from));
  let done = 0;
  let failure: BatchFailure | undefined;
  try {
    while (from + done < batch.folderOf.length) {
      const stamp = run.next(from + done);
      if (stamp !== undefined) packStamp(stamp, stamps, packedLength * done);
      done += 1;
      if (isTurnOver()) break;
    }
  } catch (error) {
    failure = failureOf(error);
  } finally {
    run.end();
  }
  return { done, stamps, failure, namesMadeIn: [...run.namesMadeIn] };
}

/** One of a batch. */
interface BatchFile {
  readonly nth: number;
  readonly folder: FolderPath;
  readonly name: string;
  /** What a person calls it. */
  readonly path: string;
  /** Where a write to it begins or ended, or how long it is. */
  readonly bytes: number;
}

class BatchRun {
  readonly namesMadeIn = new Set<string>();
  readonly #batch: FileBatch;
  readonly #names: readonly string[];
  readonly #steps = new FolderSteps();
  readonly #paths: readonly string[];
  /** By path. */
  readonly #lookedAt = new Map<string, boolean>();
  readonly #areThere = new Map<FolderPath, boolean>();
  readonly #making: FolderMaking;
  readonly #bytes: Uint8Array;
  #device: bigint | undefined;
  #part = 0;

  constructor(batch: FileBatch) {
    this.#batch = batch;
    this.#names = batch.names.split('/');
    this.#paths = batch.folders.map(pathOfFolder);
    this.#device = batch.device;
    this.#bytes = new Uint8Array(batch.content?.memory ?? new ArrayBuffer(0));
    this.#making = {
      onNameMade: (folder) => this.namesMadeIn.add(folder),
      device: () => this.#device,
    };
  }

  next(nth: number): FileStamp | undefined {
    const file = this.#file(nth);
    switch (this.#batch.kind) {
      case 'make':
        return this.#make(file);
      case 'write':
        return this.#write(file);
      case 'read':
        return this.#read(file, this.#openKnown(file, openFlags.read));
      case 'readPublished':
        return this.#read(file, openSync(file.path, openFlags.readThroughLinks));
      case 'sync':
        return this.#sync(file);
      case 'look':
        return this.#look(file);
      case 'whole':
        return this.#mustBeWhole(file);
      case 'published':
        return lookAtPublished(file);
    }
  }

  end(): void {
    this.#steps.leave();
  }

  #file(nth: number): BatchFile {
    const { folders, folderOf, bytes } = this.#batch;
    const number = folderOf[nth] ?? -1;
    const [folder, above, name] = [folders[number], this.#paths[number], this.#names[nth]];
    if (!folder || !above || !name) throw new Error('a file of a batch has no place');
    return { nth, folder, name, path: join(above, name), bytes: bytes[nth] ?? 0 };
  }

  #make(file: BatchFile): FileStamp {
    const { folder, name, path } = file;
    try {
      const opened = join(this.#steps.enter(folder, this.#making), name);
      const descriptor = openSync(opened, openFlags.create);
      const stamp = closing(descriptor, () => stampOf(fstatSync(descriptor, { bigint: true })));
      this.#mustBeWhatWasOpened(file, stamp);
      this.#device ??= stamp.device;
      this.namesMadeIn.add(dirname(path));
      return stamp;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
      const stats = lookHere(path);
      if (stats && !stats.isFile()) throw inTheWay(path, stats, 'a file');
      throw destinationExists(path, 'appeared where the download would write');
    }
  }

  #write(file: BatchFile): undefined {
    const parts = this.#partsOf(file.nth);
    this.#withKnown(file, (descriptor) => writeFullyHere(descriptor, parts, file.bytes));
  }

  /** All of it: what is too short is a failure. */
  #read(file: BatchFile, descriptor: number): FileStamp {
    return closing(descriptor, () => {
      this.#mustBeKnown(file, fstatSync(descriptor, { bigint: true }));
      let position = file.bytes;
      for (const part of this.#partsOf(file.nth)) {
        readFullyHere(descriptor, part, position, file.path);
        position += part.length;
      }
      return stampOf(fstatSync(descriptor, { bigint: true }));
    });
  }

  /** They are asked for in the order of the files. */
  #partsOf(nth: number): readonly Uint8Array[] {
    const { parts } = this.#batch.content ?? { parts: new Float64Array() };
    const found: Uint8Array[] = [];
    for (; this.#part < parts.length; this.#part += 3) {
      const [file = 0, start = 0, length = 0] = parts.subarray(this.#part, this.#part + 3);
      if (file > nth) break;
      if (file === nth) found.push(this.#bytes.subarray(start, start + length));
    }
    return found;
  }

  #sync(file: BatchFile): FileStamp {
    const stamp = this.#withKnown(file, (descriptor) => {
      fsyncSync(descriptor);
      return stampOf(fstatSync(descriptor, { bigint: true }));
    });
    if (stamp.sizeBytes < file.bytes) throw fileTooShort(file.path, file.bytes);
    mustLieHere(file, stamp, this.#look(file));
    return stamp;
  }

  #mustBeWhole(file: BatchFile): undefined {
    const stamp = mustLieHere(file, this.#identityOf(file), this.#look(file));
    if (stamp.sizeBytes < file.bytes) throw fileTooShort(file.path, file.bytes);
  }

  /** By its path, and that of each folder above it, once a batch. */
  #look({ folder, path }: BatchFile): FileStamp | undefined {
    const isThere = this.#areThere.get(folder) ?? this.#isThere(folder);
    this.#areThere.set(folder, isThere);
    if (!isThere) return undefined;
    const stats = lookHere(path);
    if (stats && !stats.isFile()) throw inTheWay(path, stats, 'a file');
    return stats && stampOf(stats);
  }

  #isThere({ root, names }: FolderPath): boolean {
    return names.every((_, depth) => {
      const path = join(root, ...names.slice(0, depth + 1));
      const isThere = this.#lookedAt.get(path) ?? isFolderHere(path);
      this.#lookedAt.set(path, isThere);
      return isThere;
    });
  }

  #identityOf({ nth }: BatchFile): KnownIdentity {
    const of = (field: number) => this.#batch.known[knownLength * nth + field] ?? 0n;
    return {
      device: BigInt.asUintN(64, of(0)),
      inode: BigInt.asUintN(64, of(1)),
      birthNs: of(2),
    };
  }

  /** To be written to. */
  #withKnown<T>(file: BatchFile, task: (descriptor: number) => T): T {
    const descriptor = this.#openKnown(file, openFlags.write);
    return closing(descriptor, () => {
      const stamp = this.#mustBeKnown(file, fstatSync(descriptor, { bigint: true }));
      const mayBeShared = this.#batch.known[knownLength * file.nth + 3] === 1n;
      if (stamp.linkCount > 1 && !mayBeShared) throw sharedFile(file.path);
      this.#mustBeWhatWasOpened(file, stamp);
      return task(descriptor);
    });
  }

  #openKnown({ folder, name, path }: BatchFile, flags: number): number {
    return openRegularHere(join(this.#steps.enter(folder), name), path, flags);
  }

  #mustBeKnown(file: BatchFile, stats: BigIntStats): FileStamp {
    if (!stats.isFile()) throw inTheWay(file.path, stats, 'a file');
    const [stamp, identity] = [stampOf(stats), this.#identityOf(file)];
    if (identity.inode !== 0n && !isSameFile(stamp, identity)) throw takenPlace(file.path);
    return stamp;
  }

  /** Where a folder can be swapped for a link between the look and the opening. */
  #mustBeWhatWasOpened(file: BatchFile, opened: FileStamp): void {
    if (canHoldFolders) return;
    const there = this.#look(file);
    if (there && isSameFile(there, opened)) return;
    throw destinationExists(file.path, 'is not what was opened there');
  }
}

/** That a file cannot be closed may be the first that is told of a full disk. */
function closing<T>(descriptor: number, task: () => T): T {
  try {
    return task();
  } finally {
    closeSync(descriptor);
  }
}

function isFolderHere(path: string): boolean {
  const stats = lookHere(path);
  if (stats && !stats.isDirectory()) throw inTheWay(path, stats, 'a folder');
  return stats !== undefined;
}

function mustLieHere(
  { path }: BatchFile,
  identity: KnownIdentity,
  there: FileStamp | undefined,
): FileStamp {
  if (there === undefined) throw noLongerThere(path);
  if (!isSameFile(there, identity)) throw takenPlace(path);
  return there;
}

function lookAtPublished({ path, bytes }: BatchFile): FileStamp {
  const stats = statSync(path, { bigint: true });
  if (!stats.isFile()) throw noRegularFile(path);
  const stamp = stampOf(stats);
  if (stamp.sizeBytes < bytes) throw fileTooShort(path, bytes);
  accessSync(path, constants.R_OK);
  return stamp;
}

function openRegularHere(path: string, named: string, flags: number): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    const stats = obstacleCodes.has(systemCode(error)) ? lookHere(path) : undefined;
    throw stats && !stats.isFile() ? inTheWay(named, stats, 'a file') : error;
  }
}

function readFullyHere(
  descriptor: number,
  target: Uint8Array,
  positionBytes: number,
  path: string,
): void {
  for (let done = 0; done < target.length; ) {
    const count = readSync(descriptor, target, done, target.length - done, positionBytes + done);
    if (count === 0) throw fileTooShort(path, positionBytes + target.length);
    done += count;
  }
}

function writeFullyHere(
  descriptor: number,
  parts: readonly Uint8Array[],
  positionBytes: number,
): void {
  let done = 0;
  for (let left = parts; left.length > 0; ) {
    const count = writevSync(descriptor, [...left], positionBytes + done);
    done += count;
    left = withoutFirst(left, count);
  }
}

function failureOf(error: unknown): BatchFailure {
  const code = systemCode(error);
  if (code === undefined || !(error instanceof Error)) throw error; // a bug; the thread ends of it
  return { of: error instanceof HelperError ? 'helper' : 'system', code, message: error.message };
}
