// Metainfo that was handed over as bytes instead of by a source: in memory until its torrent is known, or a file has it. What waits
// in memory has a limit, all of it together.
import { createHash } from 'node:crypto';
import type { GivenMetainfo } from '../../machines/types.js';
import { HelperError } from '../errors.js';
import { readBoundedFile } from '../files/read-bounded-file.js';
import { metainfoLimits } from '../limits.js';

/** What waits in memory now, of one helper. */
export interface WaitingBytes {
  lengthBytes: number;
}

export class MetainfoBytes implements GivenMetainfo {
  readonly digest: string;
  #bytes: Uint8Array | undefined;
  #path: string | undefined;
  #waiting: WaitingBytes | undefined;

  private constructor(digest: string) {
    this.digest = digest;
  }

  /** It has a copy of its own from `wait` on. Throws TOO_LARGE. */
  static of(bytes: Uint8Array): MetainfoBytes {
    if (bytes.length > metainfoLimits.torrentFileBytes) {
      throw new HelperError('TOO_LARGE', 'the metainfo is larger than 32 MiB');
    }
    const given = new MetainfoBytes(sha256(bytes));
    given.#bytes = bytes;
    return given;
  }

  /** As it was saved in an earlier life. */
  static at(path: string, digest: string): MetainfoBytes {
    const saved = new MetainfoBytes(digest);
    saved.#path = path;
    return saved;
  }

  /** Until it is released. Throws WAITING_FOR_MEMORY where too many wait already. */
  wait(waiting: WaitingBytes): void {
    if (!this.#bytes || this.#waiting) return;
    const lengthBytes = waiting.lengthBytes + this.#bytes.length;
    if (lengthBytes > metainfoLimits.waitingBytes) {
      const message = `${waiting.lengthBytes} bytes of metainfo that was handed over wait for their turn; wait for the jobs to begin, or name files instead`;
      throw new HelperError('WAITING_FOR_MEMORY', message);
    }
    this.#bytes = new Uint8Array(this.#bytes);
    this.#waiting = waiting;
    waiting.lengthBytes = lengthBytes;
  }

  /** What is in no file yet. */
  get unsaved(): Uint8Array | undefined {
    return this.#path === undefined ? this.#bytes : undefined;
  }

  /** A file has it from now on. */
  savedAt(path: string): void {
    this.#path = path;
    this.release();
  }

  /** Nobody will ask for it again; or a file has it. */
  release(): void {
    if (this.#waiting && this.#bytes) this.#waiting.lengthBytes -= this.#bytes.length;
    this.#bytes = undefined;
  }

  async read(signal: AbortSignal, onBytes: (bytes: number) => void): Promise<Uint8Array> {
    if (this.#bytes) {
      onBytes(this.#bytes.length);
      return this.#bytes;
    }
    const { torrentFileBytes } = metainfoLimits;
    const path = this.#path ?? '';
    const options = { signal, onBytes };
    const bytes = this.#path && (await readBoundedFile(path, torrentFileBytes, options));
    if (bytes && sha256(bytes) === this.digest) return bytes;
    const message = 'the metainfo that was handed over was not saved; hand it over again';
    throw new HelperError('TORRENT_NOT_FOUND', message);
  }

  toJSON() {
    return { digest: this.digest };
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
