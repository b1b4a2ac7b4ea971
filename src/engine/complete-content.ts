// Complete content while it is served: what somebody has changed of it is withheld until it is what it was, and it is read
// again as its user asks. It is not fetched again here, and whoever joins the torrent anew does that.
import type { Failure } from '../../machines/types.js';
import { type HelperError, toFailure } from '../errors.js';
import type { Metainfo } from '../metainfo/metainfo.js';
import type { ResumableStorage } from '../storage/storage.js';
import type { Transfer } from './data-path/transfer.js';

/** While peers are there who may want them, one looks so often whether pieces are what they were before. */
const lostLooksEveryMs = 5_000;

export interface CompleteContentOptions {
  readonly metainfo: Metainfo;
  readonly storage: () => ResumableStorage | undefined;
  /** Undefined while the torrent is at rest. */
  readonly transfer: () => Transfer | undefined;
  /** As `transfer`; it is at rest no longer. */
  readonly wake: () => Transfer;
  readonly hasPeers: () => boolean;
  readonly onWarning: (error: HelperError) => void;
  /** It was read again, as was asked. */
  readonly onVerified: (failure: Failure | undefined) => void;
}

export class CompleteContent {
  readonly #options: CompleteContentOptions;
  #withheldBytes = 0;
  #hasToldChange = false;
  /** It is on a disk that has confirmed it. */
  #isSafe = false;
  /** It is to be read again, or is being read: whoever asked hears what is wrong with it, and nobody else. */
  #mustVerify = false;
  #isVerifying = false;
  #lostTimer: NodeJS.Timeout | undefined;

  constructor(options: CompleteContentOptions) {
    this.#options = options;
  }

  get isSafe(): boolean {
    return this.#isSafe;
  }

  get withheldBytes(): number {
    return this.#withheldBytes;
  }

  /** All of it is there, and safe. */
  completed(): void {
    this.#isSafe = true;
  }

  verify(): void {
    this.#mustVerify = true;
    this.verifyIfAsked();
  }

  verifyIfAsked(): void {
    if (!this.#isSafe || !this.#mustVerify || this.#isVerifying) return;
    this.#isVerifying = true;
    const end = (failure?: Failure) => {
      this.#isVerifying = false;
      this.#mustVerify = false;
      this.#options.onVerified(failure);
    };
    this.#options
      .storage()
      ?.verify()
      .then(
        () => end(),
        (thrown: unknown) => end(toFailure(thrown)),
      );
  }

  /** A peer gets nothing, and asks another. */
  unreadable(error: HelperError): void {
    if (!this.#mustVerify) this.#options.onWarning(error);
  }

  /** The job stays what it is: it has said 100, and writes no more. */
  withdraw(indices: readonly number[], error: HelperError): void {
    const { wake, hasPeers, storage, onWarning } = this.#options;
    this.#withheldBytes += this.#bytesOf(indices);
    wake().withdraw(indices);
    if (!this.#hasToldChange && !this.#mustVerify) onWarning(error);
    this.#hasToldChange = true;
    this.#lostTimer ??= setInterval(() => {
      if (hasPeers()) storage()?.lookForLost();
    }, lostLooksEveryMs).unref();
  }

  restore(indices: readonly number[]): void {
    this.#withheldBytes -= this.#bytesOf(indices);
    this.#options.transfer()?.restore(indices);
    if (this.#withheldBytes === 0) this.stopLooking();
  }

  /** For what has been changed back. */
  stopLooking(): void {
    clearInterval(this.#lostTimer);
    this.#lostTimer = undefined;
  }

  #bytesOf(indices: readonly number[]): number {
    const { metainfo } = this.#options;
    return indices.reduce((sum, index) => sum + metainfo.pieceBytes(index), 0);
  }
}
