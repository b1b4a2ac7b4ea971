// The bytes of one torrent as one long run, read from and written to its files. It knows offsets, not pieces: whoever
// writes has verified what it writes.
import { HelperError } from '../errors.js';
import type { Metainfo, MetainfoFile } from '../metainfo/metainfo.js';
import { type Span, spansOf } from './layout/file-layout.js';
import { type ContentOptions, TorrentFiles } from './torrent-files.js';

/** All of it may be called at any time, many at once. Rejects with a DISK_ code, or CLOSED after `close`. */
export interface TorrentStorage {
  /** Fills `target` with the bytes at `offsetBytes` of the torrent. Rejects if a file is missing or too short. */
  readInto(offsetBytes: number, target: Uint8Array): Promise<void>;
  /** As `readInto`, of more than somebody needs now: that it fails is told to nobody else. */
  readAhead(offsetBytes: number, target: Uint8Array): Promise<void>;
  /**
   * Writes verified bytes, one part behind the other, which must not change meanwhile; for `download` only. Makes
   * folders and files as needed. Rejects with DISK_FULL, or with DESTINATION_EXISTS if a link or another download is in
   * the way; no file then stays behind that holds nothing but what failed.
   */
  write(offsetBytes: number, ...parts: readonly Uint8Array[]): Promise<void>;
  /** As `write`, but a file that holds nothing else does not stay, until `keep` says that the bytes are good. */
  writeUnverified(offsetBytes: number, bytes: Uint8Array): Promise<void>;
  keep(offsetBytes: number, lengthBytes: number): void;
  /**
   * Says which files were there before: one of them that goes missing is not made anew. Of those that are
   * `unconfirmed` something was read and found good, but nobody knows whether the disk has confirmed it: the next
   * flush sees to that.
   */
  adopt(found: Iterable<MetainfoFile>, unconfirmed: Iterable<MetainfoFile>): void;
  /**
   * Resolves when all that was written before survives a power cut (fsync). Once it rejected it always will: only a
   * new check can tell what is there.
   */
  flush(): Promise<void>;
  /** Makes the torrent's empty files, then as `flush`: the download is complete. */
  complete(): Promise<void>;
  /** Lets what runs come to its end, closes the files. Never rejects; twice is once. */
  close(): Promise<void>;
}

/** Touches no file before the first call. */
export function openTorrentStorage(options: ContentOptions): TorrentStorage {
  return new OpenContent(options);
}

class OpenContent implements TorrentStorage {
  readonly #metainfo: Metainfo;
  readonly #role: ContentOptions['role'];
  readonly #files: TorrentFiles;
  #running = 0;
  #closed: Promise<void> | undefined;
  #nothingRuns: (() => void) | undefined;

  constructor(options: ContentOptions) {
    this.#metainfo = options.metainfo;
    this.#role = options.role;
    this.#files = new TorrentFiles(options);
  }

  readInto(offsetBytes: number, target: Uint8Array): Promise<void> {
    return this.#run(() =>
      this.#fill(offsetBytes, target, (span, part) => this.#files.read(span, part)),
    );
  }

  readAhead(offsetBytes: number, target: Uint8Array): Promise<void> {
    return this.#run(() =>
      this.#fill(offsetBytes, target, (span, part) => this.#files.readAhead(span, part)),
    );
  }

  write(offsetBytes: number, ...parts: readonly Uint8Array[]): Promise<void> {
    return this.#run(async () => this.#keep(await this.#write(offsetBytes, parts)));
  }

  writeUnverified(offsetBytes: number, bytes: Uint8Array): Promise<void> {
    return this.#run(async () => {
      await this.#write(offsetBytes, [bytes]);
    });
  }

  keep(offsetBytes: number, lengthBytes: number): void {
    this.#keep(spansOf(this.#metainfo, offsetBytes, lengthBytes));
  }

  adopt(found: Iterable<MetainfoFile>, unconfirmed: Iterable<MetainfoFile>): void {
    this.#files.adopt(found, unconfirmed);
  }

  flush(): Promise<void> {
    return this.#run(async () => {
      if (this.#role === 'download') await this.#files.sync();
    });
  }

  complete(): Promise<void> {
    return this.#run(async () => {
      if (this.#role === 'seed') return;
      await this.#files.makeEmptyFiles();
      await this.#files.sync();
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #write(offsetBytes: number, parts: readonly Uint8Array[]): Promise<readonly Span[]> {
    const lengthBytes = parts.reduce((sum, { length }) => sum + length, 0);
    this.#mustBeInside(offsetBytes, lengthBytes);
    if (this.#role === 'seed') throw new HelperError('INTERNAL', 'bug: a seed is never written');
    const spans = spansOf(this.#metainfo, offsetBytes, lengthBytes);
    const take = takeFrom(parts);
    for (const span of spans) await this.#files.write(span, take(span.lengthBytes));
    return spans;
  }

  #keep(spans: readonly Span[]): void {
    for (const span of spans) this.#files.keep(span.file);
  }

  async #close(): Promise<void> {
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#nothingRuns = resolve;
      });
    }
    await this.#files.close();
  }

  async #fill(
    offsetBytes: number,
    target: Uint8Array,
    read: (span: Span, part: Uint8Array) => Promise<void>,
  ): Promise<void> {
    this.#mustBeInside(offsetBytes, target.length);
    let done = 0;
    for (const span of spansOf(this.#metainfo, offsetBytes, target.length)) {
      await read(span, target.subarray(done, done + span.lengthBytes));
      done += span.lengthBytes;
    }
  }

  async #run<T>(deed: () => Promise<T>): Promise<T> {
    if (this.#closed) {
      throw new HelperError(
        'CLOSED',
        `the files of ${this.#metainfo.name} were closed; start the job again`,
      );
    }
    this.#running++;
    try {
      return await deed();
    } finally {
      this.#running--;
      if (this.#running === 0) this.#nothingRuns?.();
    }
  }

  #mustBeInside(offsetBytes: number, lengthBytes: number): void {
    if (offsetBytes >= 0 && offsetBytes + lengthBytes <= this.#metainfo.lengthBytes) return;
    const range = `${lengthBytes} bytes at ${offsetBytes}`;
    throw new HelperError('INTERNAL', `bug: ${range} are not in ${this.#metainfo.name}`);
  }
}

/** Gives what comes next of the parts: so many bytes, without a copy. */
function takeFrom(parts: readonly Uint8Array[]): (lengthBytes: number) => readonly Uint8Array[] {
  let nth = 0;
  let from = 0;
  return (lengthBytes) => {
    const taken: Uint8Array[] = [];
    for (let left = lengthBytes; left > 0; ) {
      const part = parts[nth]?.subarray(from, from + left);
      if (part === undefined) break;
      taken.push(part);
      left -= part.length;
      from += part.length;
      if (from < (parts[nth]?.length ?? 0)) break;
      nth += 1;
      from = 0;
    }
    return taken;
  };
}
