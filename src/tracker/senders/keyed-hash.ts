// A hash for tables of what strangers name: they do not know its keys, and so not which of their names meet in a table.
import { randomFillSync } from 'node:crypto';

/** Of what is hashed, at most. */
const mostBytes = 64;

/** A sum of each byte times a key of its own (multilinear hashing), twice; of each sum the half that is as good as chance. */
export class KeyedHash {
  readonly #keys = randomFillSync(new Int32Array(2 * mostBytes));

  ofBytes(bytes: Uint8Array): number {
    const keys = this.#keys;
    let [a, b] = [0, 0];
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index] ?? 0;
      a = (a + Math.imul(byte, keys[2 * index] ?? 0)) | 0;
      b = (b + Math.imul(byte, keys[2 * index + 1] ?? 0)) | 0;
    }
    return (a & ~0xffff) | (b >>> 16);
  }

  /** Of characters up to U+00FF. */
  ofText(text: string): number {
    const keys = this.#keys;
    let [a, b] = [0, 0];
    for (let index = 0; index < text.length; index++) {
      const byte = text.charCodeAt(index);
      a = (a + Math.imul(byte, keys[2 * index] ?? 0)) | 0;
      b = (b + Math.imul(byte, keys[2 * index + 1] ?? 0)) | 0;
    }
    return (a & ~0xffff) | (b >>> 16);
  }
}

/** Two hashes in one. */
export function mixed(a: number, b: number): number {
  let hash = Math.imul(a ^ (b >>> 15), 0x2c1b3c6d) ^ Math.imul(b, 0x297a2d39);
  hash = Math.imul(hash ^ (hash >>> 12), 0x85ebca6b);
  return hash ^ (hash >>> 16);
}
