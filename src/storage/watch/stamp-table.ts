// The stamps of a torrent's files, 48 bytes each: a seed may have a hundred thousand files, and most are never read.
import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.js';
import type { FileStamp } from '../disk/file-stamp.js';
import { fileIndexAt } from '../layout/file-layout.js';
import type { FileStamps } from '../storage.js';

const fields = 6;

export class StampTable {
  readonly #metainfo: Metainfo;
  readonly #values: BigInt64Array;

  constructor(metainfo: Metainfo, stamps: FileStamps) {
    this.#metainfo = metainfo;
    this.#values = new BigInt64Array(fields * metainfo.files.length);
    for (const [nth, file] of metainfo.files.entries()) {
      const stamp = stamps.get(file);
      if (stamp !== undefined) this.#setAt(nth, stamp);
    }
  }

  /** Of a file that has bytes. One that has no stamp has no names, and no size. */
  get(file: MetainfoFile): FileStamp {
    const at = fields * fileIndexAt(this.#metainfo.files, file.offsetBytes);
    const [device = 0n, inode = 0n, sizeBytes = 0n, mtimeNs = 0n, ctimeNs = 0n, linkCount = 0n] =
      this.#values.subarray(at, at + fields);
    return {
      device: BigInt.asUintN(64, device),
      inode: BigInt.asUintN(64, inode),
      sizeBytes: Number(sizeBytes),
      mtimeNs,
      ctimeNs,
      linkCount: Number(linkCount),
    };
  }

  set(file: MetainfoFile, stamp: FileStamp): void {
    this.#setAt(fileIndexAt(this.#metainfo.files, file.offsetBytes), stamp);
  }

  #setAt(nth: number, stamp: FileStamp): void {
    const { device, inode, sizeBytes, mtimeNs, ctimeNs, linkCount } = stamp;
    const values = [device, inode, BigInt(sizeBytes), mtimeNs, ctimeNs, BigInt(linkCount)];
    this.#values.set(values, fields * nth);
  }
}
