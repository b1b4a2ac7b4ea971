// The peers that an answer tells of, compact, by family. One is enough for all answers, one after the other.

const ipv4Bytes = 6;
const ipv6Bytes = 18;

export class ToldPeers {
  #ipv4 = Buffer.alloc(0);
  #ipv6 = Buffer.alloc(0);
  #ipv4Told = 0;
  #ipv6Told = 0;

  get size(): number {
    return this.#ipv4Told + this.#ipv6Told;
  }

  /** 6 bytes each; until the next answer. */
  get ipv4(): Buffer {
    return this.#ipv4.subarray(0, this.#ipv4Told * ipv4Bytes);
  }

  /** 18 bytes each. */
  get ipv6(): Buffer {
    return this.#ipv6.subarray(0, this.#ipv6Told * ipv6Bytes);
  }

  /** For the next answer. */
  clear(most: number): void {
    this.#ipv4Told = 0;
    this.#ipv6Told = 0;
    if (this.#ipv4.length >= most * ipv4Bytes) return;
    this.#ipv4 = Buffer.alloc(most * ipv4Bytes);
    this.#ipv6 = Buffer.alloc(most * ipv6Bytes);
  }

  addIpv4(bytes: Uint8Array, start: number): void {
    copy(bytes, start, this.#ipv4, this.#ipv4Told * ipv4Bytes, ipv4Bytes);
    this.#ipv4Told += 1;
  }

  addIpv6(bytes: Uint8Array, start: number): void {
    copy(bytes, start, this.#ipv6, this.#ipv6Told * ipv6Bytes, ipv6Bytes);
    this.#ipv6Told += 1;
  }
}

/** So few bytes are sooner copied than what copies many is called. */
function copy(from: Uint8Array, start: number, to: Uint8Array, at: number, count: number): void {
  for (let index = 0; index < count; index++) to[at + index] = from[start + index] ?? 0;
}
