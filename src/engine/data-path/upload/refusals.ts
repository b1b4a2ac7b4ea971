// What one peer is told no to (BEP 6), and how often: a peer that asks for nothing but what it cannot get is hung up on.
import type { Connection } from '../wire/connection.js';
import type { BlockRequest } from './upload-queue.js';

export class Refusals {
  readonly #connection: Connection;
  readonly #most: number;
  #inARow = 0;

  /** `most`: without a single block served between. */
  constructor(connection: Connection, most: number) {
    this.#connection = connection;
    this.#most = most;
  }

  /** A block was served. */
  served(): void {
    this.#inARow = 0;
  }

  /** It asks for what it cannot get. */
  refuse(request: BlockRequest): void {
    this.#inARow += 1;
    if (this.#inARow > this.#most) this.#connection.hangUp();
    else this.reject(request);
  }

  /** It is not to blame. */
  reject({ index, offsetBytes, lengthBytes }: BlockRequest): void {
    const { wire, isClosed } = this.#connection;
    if (wire.hasFast && !isClosed) wire.reject(index, offsetBytes, lengthBytes);
  }
}
