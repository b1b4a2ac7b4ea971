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
    // A write of nothing only asks whether what came before has been taken.
    if (chunk !== '') this.taken.push(chunk);
    this.#next = callback;
  }

  /** Takes what is written until `done` settles, or there is nothing left. */
  async readOn(done?: Promise<unknown>): Promise<void> {
    const state = { isDone: done === undefined };
    const settle = () => {
      state.isDone = true;
    };
    done?.then(settle, settle);
    do {
      const next = this.#next;
      this.#next = undefined;
      next?.();
      await new Promise((resolve) => setImmediate(resolve));
    } while (!state.isDone || this.#next !== undefined);
  }

  goAway(error: Error): void {
    this.#next?.(error);
  }
}
