// The stamps of a torrent's files, 56 bytes each: a seed may have a hundred thousand files, and most are never read.
import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.js';
import type { FileStamp } from '../disk/file-stamp.js';
import { fileIndexAt } from '../layout/file-layout.js';
import type { FileStamps } from '../storage.js';

const fields = 7;

export class StampTable {
  readonly #metainfo: Metainfo;
  readonly #values: BigUint64Array;

  constructor(metainfo: Metainfo, stamps: FileStamps) {
    this.#metainfo = metainfo;
    this.#values = new BigUint64Array(fields * metainfo.files.length);
    for (const [nth, file] of metainfo.files.entries()) {
      const stamp = stamps.get(file);
      if (stamp !== undefined) this.#setAt(nth, stamp);
    }
  }

  /** Of a file that has bytes. One that has no stamp has no names, and no size. */
  get(file: MetainfoFile): FileStamp {
    const at = fields * fileIndexAt(this.#metainfo.files, file.offsetBytes);
    const of = (field: number) => this.#values[at + field] ?? 0n;
    return {
      device: of(0),
      inode: of(1),
      // Files of before 1970 have negative times.
      birthNs: BigInt.asIntN(64, of(2)),
      mtimeNs: BigInt.asIntN(64, of(3)),
      ctimeNs: BigInt.asIntN(64, of(4)),
      sizeBytes: Number(of(5)),
      linkCount: Number(of(6)),
    };
  }

  set(file: MetainfoFile, stamp: FileStamp): void {
    this.#setAt(fileIndexAt(this.#metainfo.files, file.offsetBytes), stamp);
  }

  #setAt(nth: number, stamp: FileStamp): void {
    const { device, inode, birthNs, mtimeNs, ctimeNs, sizeBytes, linkCount } = stamp;
    const numbers = [BigInt(sizeBytes), BigInt(linkCount)];
    this.#values.set([device, inode, birthNs, mtimeNs, ctimeNs, ...numbers], fields * nth);
  }
}
