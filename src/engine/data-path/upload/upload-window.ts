// How much may lie ready for a peer: about what it takes in half a second, but little until it has shown that it takes it.

const leastBytes = 64 * 2 ** 10;
const mostBytes = 2 ** 20;
/** The system takes a few MiB itself for a peer that takes nothing: what goes out at first proves little. */
const share = 8;
const takenWithinMs = 500;

export class UploadWindow {
  #provenBytes = 0;
  /** Since when the peer has had something to take. */
  #sinceMs: number | undefined;

  /** What may be unsent. */
  get bytes(): number {
    return Math.min(mostBytes, Math.max(leastBytes, this.#provenBytes / share));
  }

  /** What may be read meanwhile: for a peer that takes at once twice as much, or it would wait for each read. */
  get aheadBytes(): number {
    const { bytes } = this;
    return bytes < mostBytes ? bytes : 2 * bytes;
  }

  /** Undefined: it has taken everything. */
  get untakenSinceMs(): number | undefined {
    return this.#sinceMs;
  }

  /** Something lies ready. */
  offered(nowMs: number): void {
    this.#sinceMs ??= nowMs;
  }

  /** So many bytes have gone out; whether there are more. */
  took(lengthBytes: number, nowMs: number, isMore: boolean): void {
    const tookMs = nowMs - (this.#sinceMs ?? nowMs);
    this.#sinceMs = isMore ? nowMs : undefined;
    this.#provenBytes = Math.min(mostBytes * share, this.#provenBytes + lengthBytes);
    if (tookMs < takenWithinMs) return;
    const fitting = (lengthBytes / tookMs) * takenWithinMs * share;
    this.#provenBytes = Math.min(this.#provenBytes, fitting);
  }
}
