// What one stay of a torrent in its swarm has moved, as trackers are told it; and with what earlier stays have, as it is measured.
import { TransferTotals } from './transfer-totals.js';

export class StayTransfer {
  readonly totals: TransferTotals;
  #downloadedBytes = 0;
  #uploadedBytes = 0;

  /** `memory`: where the totals are counted on. */
  constructor(memory: Float64Array | undefined) {
    this.totals = new TransferTotals(memory);
  }

  get downloadedBytes(): number {
    return this.#downloadedBytes;
  }

  get uploadedBytes(): number {
    return this.#uploadedBytes;
  }

  received(lengthBytes: number): void {
    this.#downloadedBytes += lengthBytes;
    this.totals.received(lengthBytes);
  }

  sent(lengthBytes: number): void {
    this.#uploadedBytes += lengthBytes;
    this.totals.sent(lengthBytes);
  }

  /** It came, and is of no use: trackers need not know of it. */
  unasked(lengthBytes: number): void {
    this.totals.received(lengthBytes);
    this.totals.wasted(lengthBytes);
  }

  /** Of what was received. */
  discarded(lengthBytes: number): void {
    this.totals.wasted(lengthBytes);
  }
}
