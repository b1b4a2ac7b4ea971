// When a peer that rejects whatever it is asked for (BEP 6) is asked for nothing: it does not want to send, whatever it
// says, and is left alone until it unchokes us again, or for some time.

const mostInARow = 64;
const backOffMs = 10_000;

export class RejectBackOff {
  #inARow = 0;
  #untilMs = 0;

  get isActive(): boolean {
    return this.#untilMs > 0 && performance.now() < this.#untilMs;
  }

  rejected(): void {
    this.#inARow += 1;
    if (this.#inARow < mostInARow) return;
    this.#untilMs = performance.now() + backOffMs;
    this.#inARow = 0;
  }

  /** It has sent a block. */
  blockCame(): void {
    this.#inARow = 0;
  }

  unchoked(): void {
    this.#inARow = 0;
    this.#untilMs = 0;
  }
}
