// One side of a conversation, line by line: what has come and was not yet asked for, and what is to go out.

/** What a step waits for must come within that time. */
export const patienceMs = 30_000;

/** What is no UTF-8 throws. */
const text = new TextDecoder('utf-8', { fatal: true });

export class Lines {
  /** @type {Buffer[]} */
  #waiting = [];
  #late = false;
  #begun = Buffer.alloc(0);
  #wake = () => {};
  #isOver = false;

  /**
   * @param {import('node:stream').Readable} input
   * @param {import('node:stream').Writable} output
   * @param {(line: string) => boolean} [isTaken] by somebody else, as soon as it comes
   */
  constructor(input, output, isTaken = () => false) {
    this.isTaken = isTaken;
    this.input = input;
    this.output = output;
    input.on('data', (chunk) => this.#take(chunk));
    for (const end of ['end', 'close', 'error']) input.on(end, () => this.#end());
    // Who has gone takes no more; that shows in what does not come.
    output.on('error', () => {});
  }

  /** Resolves with the next line; undefined: none follows. Rejects when none comes in time, or it is not UTF-8. */
  async next(what) {
    const timer = setTimeout(() => {
      this.#late = true;
      this.#wake();
    }, patienceMs);
    try {
      for (;;) {
        const line = this.#waiting.shift();
        if (line !== undefined) return text.decode(line);
        if (this.#isOver) return undefined;
        if (this.#late) throw new Error(`waited ${patienceMs / 1_000} s for ${what}`);
        await new Promise((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** What came after the last line end. */
  get unended() {
    return this.#begun;
  }

  /** Resolves when it is taken, or never will be. */
  write(bytes) {
    return new Promise((resolve) => this.output.write(bytes, () => resolve()));
  }

  #take(chunk) {
    const bytes = this.#begun.length > 0 ? Buffer.concat([this.#begun, chunk]) : chunk;
    let begin = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, begin)) {
      const line = bytes.subarray(begin, end);
      if (!this.isTaken(line.toString())) this.#waiting.push(line);
      begin = end + 1;
    }
    this.#begun = bytes.subarray(begin);
    this.#wake();
  }

  #end() {
    this.#isOver = true;
    this.#wake();
  }
}
