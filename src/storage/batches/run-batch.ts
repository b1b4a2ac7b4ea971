// Does what a batch of small files asks for, a file after the other, in the thread that runs it: without a promise, and with as
// few questions to the system as tell the truth. What is a file's place in a torrent it does not know.
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
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
import type {
  BatchedFile,
  BatchFailure,
  BatchReport,
  BatchRequest,
  FileBatch,
  KnownFile,
  WholeFile,
  WrittenFile,
  WrittenPart,
} from './file-batch.js';

/** `isTurnOver`: whether to leave the rest for later; asked after each file. */
export function runBatch({ batch, from }: BatchRequest, isTurnOver: () => boolean): BatchReport {
  const run = new BatchRun(batch);
  const stamps = new BigInt64Array(packedLength * (batch.files.length - from));
  let done = 0;
  let failure: BatchFailure | undefined;
  try {
    while (from + done < batch.files.length) {
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

class BatchRun {
  readonly namesMadeIn = new Set<string>();
  readonly #batch: FileBatch;
  readonly #steps = new FolderSteps();
  /** By path. */
  readonly #lookedAt = new Map<string, boolean>();
  readonly #making: FolderMaking;

  constructor(batch: FileBatch) {
    this.#batch = batch;
    let device = batch.kind === 'make' ? batch.device : undefined;
    this.#making = {
      onNameMade: (folder) => this.namesMadeIn.add(folder),
      device: () => device,
    };
    this.#madeOn = (made) => {
      device ??= made;
    };
  }

  readonly #madeOn: (device: bigint) => void;

  next(nth: number): FileStamp | undefined {
    const batch = this.#batch;
    switch (batch.kind) {
      case 'make':
        return this.#at(batch.files, nth, (file, folder) => this.#make(file, folder));
      case 'write':
        return this.#at(batch.files, nth, (file, folder) => this.#write(file, folder));
      case 'sync':
        return this.#at(batch.files, nth, (file, folder) => this.#sync(file, folder));
      case 'look':
        return this.#at(batch.files, nth, ({ name }, folder) => this.#look(name, folder));
      case 'whole':
        return this.#at(batch.files, nth, (file, folder) => this.#mustBeWhole(file, folder));
      case 'published':
        return this.#at(batch.files, nth, (file, folder) => lookAtPublished(file, folder));
    }
  }

  end(): void {
    this.#steps.leave();
  }

  #at<F extends BatchedFile>(
    files: readonly F[],
    nth: number,
    task: (file: F, folder: FolderPath) => FileStamp | undefined,
  ): FileStamp | undefined {
    const file = files[nth];
    const folder = this.#batch.folders[file?.folder ?? -1];
    if (!file || !folder) throw new HelperError('INTERNAL', 'bug: a file of a batch has no folder');
    return task(file, folder);
  }

  #make({ name }: BatchedFile, folder: FolderPath): FileStamp {
    const path = join(pathOfFolder(folder), name);
    try {
      const opened = join(this.#steps.enter(folder, this.#making), name);
      const descriptor = openSync(opened, openFlags.create);
      const stamp = this.#closing(descriptor, () =>
        stampOf(fstatSync(descriptor, { bigint: true })),
      );
      this.#mustBeWhatWasOpened(name, folder, stamp);
      this.#madeOn(stamp.device);
      this.namesMadeIn.add(dirname(path));
      return stamp;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
      const stats = lookHere(path);
      if (stats && !stats.isFile()) throw inTheWay(path, stats, 'a file');
      throw destinationExists(path, 'appeared where the download would write');
    }
  }

  #write(file: WrittenPart, folder: FolderPath): undefined {
    this.#withKnown(file, folder, (descriptor) =>
      writeFullyHere(descriptor, file.parts, file.positionBytes),
    );
  }

  #sync(file: WrittenFile, folder: FolderPath): FileStamp {
    const stamp = this.#withKnown(file, folder, (descriptor) => {
      fsyncSync(descriptor);
      return stampOf(fstatSync(descriptor, { bigint: true }));
    });
    const path = join(pathOfFolder(folder), file.name);
    if (stamp.sizeBytes < file.endBytes) throw fileTooShort(path, file.endBytes);
    mustLieHere(path, stamp, this.#look(file.name, folder));
    return stamp;
  }

  #mustBeWhole({ name, identity, lengthBytes }: WholeFile, folder: FolderPath): undefined {
    const path = join(pathOfFolder(folder), name);
    const stamp = mustLieHere(path, identity, this.#look(name, folder));
    if (stamp.sizeBytes < lengthBytes) throw fileTooShort(path, lengthBytes);
  }

  /** By its path, and that of each folder above it, once a batch. */
  #look(name: string, { root, names }: FolderPath): FileStamp | undefined {
    let path = root;
    for (const each of names) {
      path = join(path, each);
      const isThere = this.#lookedAt.get(path) ?? isFolderHere(path);
      this.#lookedAt.set(path, isThere);
      if (!isThere) return undefined;
    }
    path = join(path, name);
    const stats = lookHere(path);
    if (stats && !stats.isFile()) throw inTheWay(path, stats, 'a file');
    return stats && stampOf(stats);
  }

  #withKnown<T>(
    { name, identity, mayBeShared }: KnownFile,
    folder: FolderPath,
    task: (descriptor: number) => T,
  ): T {
    const path = join(pathOfFolder(folder), name);
    const descriptor = openRegularHere(join(this.#steps.enter(folder), name), path);
    return this.#closing(descriptor, () => {
      const stats = fstatSync(descriptor, { bigint: true });
      if (!stats.isFile()) throw inTheWay(path, stats, 'a file');
      const stamp = stampOf(stats);
      if (!isSameFile(stamp, identity)) throw takenPlace(path);
      if (stamp.linkCount > 1 && !mayBeShared) throw sharedFile(path);
      this.#mustBeWhatWasOpened(name, folder, stamp);
      return task(descriptor);
    });
  }

  /** That a file cannot be closed may be the first that is told of a full disk. */
  #closing<T>(descriptor: number, task: () => T): T {
    try {
      return task();
    } finally {
      closeSync(descriptor);
    }
  }

  /** Where a folder can be swapped for a link between the look and the opening. */
  #mustBeWhatWasOpened(name: string, folder: FolderPath, opened: FileStamp): void {
    if (canHoldFolders) return;
    const there = this.#look(name, folder);
    if (there && isSameFile(there, opened)) return;
    throw destinationExists(join(pathOfFolder(folder), name), 'is not what was opened there');
  }
}

function isFolderHere(path: string): boolean {
  const stats = lookHere(path);
  if (stats && !stats.isDirectory()) throw inTheWay(path, stats, 'a folder');
  return stats !== undefined;
}

function mustLieHere(
  path: string,
  identity: KnownFile['identity'],
  there: FileStamp | undefined,
): FileStamp {
  if (there === undefined) throw noLongerThere(path);
  if (!isSameFile(there, identity)) throw takenPlace(path);
  return there;
}

function lookAtPublished(
  { name, lengthBytes }: { readonly name: string; readonly lengthBytes: number },
  folder: FolderPath,
): FileStamp {
  const path = join(pathOfFolder(folder), name);
  const stats = statSync(path, { bigint: true });
  if (!stats.isFile()) throw noRegularFile(path);
  const stamp = stampOf(stats);
  if (stamp.sizeBytes < lengthBytes) throw fileTooShort(path, lengthBytes);
  accessSync(path, constants.R_OK);
  return stamp;
}

function openRegularHere(path: string, named: string): number {
  try {
    return openSync(path, openFlags.write);
  } catch (error) {
    const stats = obstacleCodes.has(systemCode(error)) ? lookHere(path) : undefined;
    throw stats && !stats.isFile() ? inTheWay(named, stats, 'a file') : error;
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
