// The bytes of one torrent as one long run, read from and written to its files. It knows offsets, not pieces: whoever
// writes has verified what it writes.
import { HelperError } from '../../errors.js';
import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.js';
import { type Span, spansOf } from '../layout/file-layout.js';
import type { ByteRange, FileStamps, FoundFiles, TorrentStorage } from '../storage.js';
import { TorrentFiles, type TorrentFilesOptions } from './torrent-files.js';

/** Touches no file before the first call. */
export function openTorrentStorage(options: TorrentFilesOptions): TorrentStorage {
  return new TorrentFileStorage(options);
}

class TorrentFileStorage implements TorrentStorage {
  readonly #metainfo: Metainfo;
  readonly #role: TorrentFilesOptions['role'];
  readonly #files: TorrentFiles;
  #running = 0;
  #closed: Promise<void> | undefined;
  #nothingRuns: (() => void) | undefined;

  constructor(options: TorrentFilesOptions) {
    this.#metainfo = options.metainfo;
    this.#role = options.role;
    this.#files = new TorrentFiles(options);
  }

  readInto(offsetBytes: number, target: Uint8Array): Promise<void> {
    return this.#run(() => this.#fill(offsetBytes, target, false));
  }

  readAhead(offsetBytes: number, target: Uint8Array): Promise<void> {
    return this.#run(() => this.#fill(offsetBytes, target, true));
  }

  write(offsetBytes: number, ...parts: readonly Uint8Array[]): Promise<void> {
    return this.#run(async () => this.#markVerified(await this.#write(offsetBytes, parts)));
  }

  writeUnverified(offsetBytes: number, ...parts: readonly Uint8Array[]): Promise<void> {
    return this.#run(async () => {
      await this.#write(offsetBytes, parts);
    });
  }

  markVerified(offsetBytes: number, lengthBytes: number): void {
    this.#markVerified(spansOf(this.#metainfo, offsetBytes, lengthBytes));
  }

  make(ranges: Iterable<ByteRange>): Promise<FileStamps> {
    return this.#run(() => this.#files.make(this.#filesIn(ranges)));
  }

  reopen(): void {
    this.#files.reopen();
  }

  adopt(found: FoundFiles): void {
    this.#files.adopt(found);
  }

  flush(): Promise<FileStamps> {
    return this.#run(async () => (this.#role === 'seed' ? new Map() : this.#files.sync()));
  }

  complete(): Promise<FileStamps> {
    return this.#run(async () => {
      if (this.#role === 'seed') return new Map();
      await this.#files.makeEmptyFiles();
      const stamps = await this.#files.sync();
      await this.#files.mustBeThere(stamps);
      await this.#files.makeLinks();
      return stamps;
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
    await this.#files.write(spans.map((span) => ({ span, parts: take(span.lengthBytes) })));
    return spans;
  }

  *#filesIn(ranges: Iterable<ByteRange>): Generator<MetainfoFile> {
    for (const { offsetBytes, lengthBytes } of ranges) {
      for (const { file } of spansOf(this.#metainfo, offsetBytes, lengthBytes)) yield file;
    }
  }

  #markVerified(spans: readonly Span[]): void {
    for (const span of spans) this.#files.markVerified(span.file);
  }

  async #close(): Promise<void> {
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#nothingRuns = resolve;
      });
    }
    await this.#files.close();
  }

  async #fill(offsetBytes: number, target: Uint8Array, isAhead: boolean): Promise<void> {
    this.#mustBeInside(offsetBytes, target.length);
    let done = 0;
    const items = spansOf(this.#metainfo, offsetBytes, target.length).map((span) => {
      const part = target.subarray(done, done + span.lengthBytes);
      done += span.lengthBytes;
      return { span, target: part };
    });
    await this.#files.read(items, isAhead);
  }

  async #run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#closed) {
      throw new HelperError(
        'CLOSED',
        `the files of ${this.#metainfo.name} were closed; start the job again`,
      );
    }
    this.#running++;
    try {
      return await task();
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
