// The files that were made in this life, whoever has given them further names since.
import type { FileStamp } from './file-stamp.js';

/** So many are remembered; then the oldest are forgotten, and taken for those of somebody else where that matters. */
const mostRemembered = 100_000;

export class MadeFiles {
  readonly #keys = new Set<string>();

  add(stamp: FileStamp): void {
    this.#keys.add(keyOf(stamp));
    for (const oldest of this.#keys) {
      if (this.#keys.size <= mostRemembered) break;
      this.#keys.delete(oldest);
    }
  }

  has(stamp: FileStamp): boolean {
    return this.#keys.has(keyOf(stamp));
  }

  /** It is complete, and will not be written again. */
  forget(stamp: FileStamp): void {
    this.#keys.delete(keyOf(stamp));
  }
}

function keyOf({ device, inode, birthNs }: FileStamp): string {
  return `${device}:${inode}:${birthNs}`;
}
