// The stamps of a torrent's files, 56 bytes each: a seed may have a hundred thousand files, and most are never read.
import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.js';
import { type FileStamp, packedLength, packStamp, unpackStamp } from '../disk/file-stamp.js';
import { fileIndexAt } from '../layout/file-layout.js';
import type { FileStamps } from '../storage.js';

export class StampTable {
  readonly #metainfo: Metainfo;
  readonly #values: BigInt64Array;

  constructor(metainfo: Metainfo, stamps: FileStamps) {
    this.#metainfo = metainfo;
    this.#values = new BigInt64Array(packedLength * metainfo.files.length);
    for (const [nth, file] of metainfo.files.entries()) {
      const stamp = stamps.get(file);
      if (stamp !== undefined) packStamp(stamp, this.#values, packedLength * nth);
    }
  }

  /** Of a file that has bytes. One that has no stamp has no names, and no size. */
  get(file: MetainfoFile): FileStamp {
    return unpackStamp(this.#values, packedLength * this.#indexOf(file));
  }

  set(file: MetainfoFile, stamp: FileStamp): void {
    packStamp(stamp, this.#values, packedLength * this.#indexOf(file));
  }

  /** Of every file. */
  unpack(): FileStamps {
    const { files } = this.#metainfo;
    return new Map(files.map((file, nth) => [file, unpackStamp(this.#values, packedLength * nth)]));
  }

  #indexOf(file: MetainfoFile): number {
    return fileIndexAt(this.#metainfo.files, file.offsetBytes);
  }
}
