// A stream whose reader takes one write at a time, when told to.
import { Writable } from 'node:stream';

export class StalledReader extends Writable {
  readonly taken: string[] = [];
  #next: ((error?: Error) => void) | undefined;

  constructor() {
    super({ highWaterMark: 1, decodeStrings: false });
  }

  override _write(
    chunk: string,
    _: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    this.taken.push(chunk);
    this.#next = callback;
  }

  /** Lets the writes go on until there are none. */
  async readOn(): Promise<void> {
    while (this.#next !== undefined) {
      const next = this.#next;
      this.#next = undefined;
      next();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  goAway(error: Error): void {
    this.#next?.(error);
  }
}
