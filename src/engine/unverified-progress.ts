// Whether a download gets on while nothing of it is verified: a piece of 256 MiB may take an hour, and blocks that come are
// progress. But not for ever: what is never verified may be garbage.

const everyBytes = 2 ** 20;
/** Each of these tells of itself, and soon enough. */
const shortPieceBytes = 16 * 2 ** 20;
/** Three may be under way at once, and one be bad. */
const mostPieces = 4;

export class UnverifiedProgress {
  readonly #mostBytes: number;
  readonly #onProgress: () => void;
  #sinceVerifiedBytes = 0;
  #sinceToldBytes = 0;

  constructor(pieceLengthBytes: number, onProgress: () => void) {
    this.#mostBytes = pieceLengthBytes > shortPieceBytes ? mostPieces * pieceLengthBytes : 0;
    this.#onProgress = onProgress;
  }

  received(lengthBytes: number): void {
    this.#sinceVerifiedBytes += lengthBytes;
    this.#sinceToldBytes += lengthBytes;
    if (this.#sinceToldBytes < everyBytes || this.#sinceVerifiedBytes > this.#mostBytes) return;
    this.#sinceToldBytes = 0;
    this.#onProgress();
  }

  verified(): void {
    this.#sinceVerifiedBytes = 0;
    this.#sinceToldBytes = 0;
  }
}
