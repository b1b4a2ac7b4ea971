// Connection ids of the UDP tracker protocol (BEP 15): proof that a sender gets what is sent to its address, so
// that nobody announces others or has answers sent to them. Nothing is remembered a peer: an id is a keyed hash.
import { createHmac, randomBytes } from 'node:crypto';

/** BEP 15: "a tracker should accept the connection ID until two minutes after it has been sent". */
const windowMs = 120_000;

export class ConnectionIds {
  readonly #key = randomBytes(16);

  /** The 8 bytes for `address`. */
  issue(address: string, nowMs: number): Buffer {
    return this.#id(address, Math.floor(nowMs / windowMs));
  }

  /** Whether `id` was issued to `address` in this window or the one before. */
  accepts(id: Uint8Array, address: string, nowMs: number): boolean {
    const window = Math.floor(nowMs / windowMs);
    return this.#id(address, window).equals(id) || this.#id(address, window - 1).equals(id);
  }

  #id(address: string, window: number): Buffer {
    return createHmac('sha256', this.#key).update(`${address} ${window}`).digest().subarray(0, 8);
  }
}
