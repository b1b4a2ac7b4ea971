// The files that were made in this life, whoever has given them further names since.
import type { FileStamp } from './file-stamp.js';

/** So many are remembered; then the oldest are forgotten, and taken for those of somebody else where that matters. */
const mostRemembered = 100_000;

export class MadeFiles {
  /** When each was made, the oldest first. */
  readonly #births = new Map<bigint, bigint>();

  add(stamp: FileStamp): void {
    this.#births.set(keyOf(stamp), stamp.birthNs);
    for (const oldest of this.#births.keys()) {
      if (this.#births.size <= mostRemembered) break;
      this.#births.delete(oldest);
    }
  }

  has(stamp: FileStamp): boolean {
    return this.#births.get(keyOf(stamp)) === stamp.birthNs;
  }

  /** It is complete, and will not be written again. */
  forget(stamp: FileStamp): void {
    if (this.has(stamp)) this.#births.delete(keyOf(stamp));
  }
}

/** Of both, one number: text would take ten times as long. */
function keyOf({ device, inode }: FileStamp): bigint {
  return (device << 64n) | inode;
}
