// Reads the files of a job in a hashing thread, one open at a time. Each is compared with its scan when it is opened, unless it is small, and
// when it is closed: whichever thread closes a file last has seen that nothing changed while any of them read it.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { openFlags } from '../../../files/open-flags.js';
import { identityOf } from '../content/scan-content.js';
import { isIdentityOf, lengthOf, pathOf, type SharedFiles } from './shared-files.js';

/** The code of what is thrown for a file that is no longer the one that was scanned. */
export const changedCode = 'CHANGED';

const readAtOnceBytes = 64 * 1024;

export class SharedFileReader {
  readonly #files: SharedFiles;
  #open: { readonly index: number; readonly descriptor: number } | undefined;
  /** The file that was asked for last: what is thrown is about it. */
  #index = 0;

  constructor(files: SharedFiles) {
    this.#files = files;
  }

  get fileIndex(): number {
    return this.#index;
  }

  /** Fills `target` from `fromByte` of the file on; an empty one has its file checked. Throws system errors. */
  read(index: number, target: Uint8Array, fromByte: number): void {
    const descriptor = this.#openFile(index);
    try {
      this.#fill(descriptor, target, fromByte);
    } catch (error) {
      // Something else may lie there by now, which cannot be read so.
      this.#check(descriptor, index);
      throw error;
    }
  }

  #fill(descriptor: number, target: Uint8Array, fromByte: number): void {
    let done = 0;
    while (done < target.length) {
      const left = target.length - done;
      const bytesRead = readSync(descriptor, target, done, left, fromByte + done);
      if (bytesRead === 0) throw changed();
      done += bytesRead;
    }
  }

  /** Closes the file that is open, and throws if it changed. */
  closeChecked(): void {
    const open = this.#open;
    if (open === undefined) return;
    try {
      this.#check(open.descriptor, open.index);
    } finally {
      this.close();
    }
  }

  /** Closes the file that is open, whatever became of it. */
  close(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined) closeSync(open.descriptor);
  }

  #openFile(index: number): number {
    if (this.#open?.index === index) return this.#open.descriptor;
    this.closeChecked();
    this.#index = index;
    const descriptor = openSync(pathOf(this.#files, index), openFlags.readThroughLinks);
    this.#open = { index, descriptor };
    // One that is read in one go is looked at once, behind it: what changed before shows then, too.
    if (lengthOf(this.#files, index) > readAtOnceBytes) this.#check(descriptor, index);
    return descriptor;
  }

  #check(descriptor: number, index: number): void {
    const now = identityOf(fstatSync(descriptor, { bigint: true }));
    if (!isIdentityOf(this.#files, index, now)) throw changed();
  }
}

function changed(): Error {
  return Object.assign(new Error('it is not as it was scanned'), { code: changedCode });
}
