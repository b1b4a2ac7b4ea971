// Connection ids of the UDP tracker protocol (BEP 15): proof that a sender gets what is sent to its address, so
// that nobody announces others or has answers sent to them. Nothing is remembered a peer: an id is a keyed hash.
import { type Cipher, createCipheriv, createHmac, randomBytes } from 'node:crypto';

/** BEP 15: "a tracker should accept the connection ID until two minutes after it has been sent". */
const windowMs = 120_000;
const idBytes = 8;
const blockBytes = 16;

export class ConnectionIds {
  readonly #key = randomBytes(32);
  #window = Number.NaN;
  #current = this.#cipherOf(0);
  #previous = this.#cipherOf(0);

  /** The 8 bytes for `address`: its 4 bytes, or 16. */
  issue(address: Uint8Array, nowMs: number): Buffer {
    this.#turnTo(Math.floor(nowMs / windowMs));
    return idBy(this.#current, address);
  }

  /** Whether `id` was issued to `address` in this window or the one before. */
  accepts(id: Uint8Array, address: Uint8Array, nowMs: number): boolean {
    this.#turnTo(Math.floor(nowMs / windowMs));
    return idBy(this.#current, address).equals(id) || idBy(this.#previous, address).equals(id);
  }

  #turnTo(window: number): void {
    if (window === this.#window) return;
    this.#window = window;
    this.#current = this.#cipherOf(window);
    this.#previous = this.#cipherOf(window - 1);
  }

  /** An address is one block, of which nobody can tell without the key what becomes: AES costs less than a hash does. */
  #cipherOf(window: number): Cipher {
    const key = createHmac('sha256', this.#key).update(`${window}`).digest();
    return createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  }
}

const block = new Uint8Array(blockBytes);

function idBy(cipher: Cipher, address: Uint8Array): Buffer {
  block.fill(0);
  block.set(address, blockBytes - address.length);
  return cipher.update(block).subarray(0, idBytes);
}
