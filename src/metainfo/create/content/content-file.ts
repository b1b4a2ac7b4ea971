// One file of the content while its pieces are hashed: opened when first read, compared with its scan when opened and
// when its last byte was read, then closed. So a file that changes meanwhile is found out.
import { type FileHandle, open } from 'node:fs/promises';
import { systemCode } from '../../../errors.js';
import { openFlags } from '../../../files/open-flags.js';
import { contentChanged, contentError } from './content-error.js';
import { type FileIdentity, identityOf, type ScannedFile } from './scan-content.js';

export class ContentFile {
  readonly #scanned: ScannedFile;
  /** The files that are open now, for whoever has to close them when reading breaks off. */
  readonly #openFiles: Set<ContentFile>;
  #bytesLeft: number;
  #handle: Promise<FileHandle> | undefined;

  constructor(scanned: ScannedFile, openFiles: Set<ContentFile>) {
    this.#scanned = scanned;
    this.#openFiles = openFiles;
    this.#bytesLeft = scanned.lengthBytes;
  }

  /**
   * Fills `target` with the bytes from `fromByte` on. Several reads may run at once, but no byte is to be read twice:
   * with the last of them the file is closed. Rejects with HelperError CONTENT_CHANGED or CONTENT_UNREADABLE.
   */
  async read(target: Uint8Array, fromByte: number): Promise<void> {
    try {
      this.#handle ??= this.#open();
      const handle = await this.#handle;
      await this.#fill(handle, target, fromByte);
      this.#bytesLeft -= target.length;
      if (this.#bytesLeft > 0) return;
      await this.#check(handle);
      await this.close();
    } catch (error) {
      // It was there when it was scanned.
      if (systemCode(error) === 'ENOENT') throw contentChanged(this.#scanned.diskPath);
      throw contentError(this.#scanned.diskPath, error);
    }
  }

  /** Never rejects: nothing was written. No read may be under way. */
  async close(): Promise<void> {
    const opening = this.#handle;
    this.#handle = undefined;
    this.#openFiles.delete(this);
    await opening?.then((handle) => handle.close()).catch(() => {});
  }

  async #open(): Promise<FileHandle> {
    const handle = await open(this.#scanned.diskPath, openFlags.readThroughLinks);
    try {
      await this.#check(handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
    this.#openFiles.add(this);
    return handle;
  }

  async #fill(handle: FileHandle, target: Uint8Array, fromByte: number): Promise<void> {
    let done = 0;
    while (done < target.length) {
      const left = target.length - done;
      const { bytesRead } = await handle.read(target, done, left, fromByte + done);
      if (bytesRead === 0) throw contentChanged(this.#scanned.diskPath);
      done += bytesRead;
    }
  }

  async #check(handle: FileHandle): Promise<void> {
    const now = identityOf(await handle.stat({ bigint: true }));
    if (!isSame(now, this.#scanned.identity)) throw contentChanged(this.#scanned.diskPath);
  }
}

function isSame(a: FileIdentity, b: FileIdentity): boolean {
  return (
    a.device === b.device &&
    a.inode === b.inode &&
    a.sizeBytes === b.sizeBytes &&
    a.modifiedNs === b.modifiedNs
  );
}
