// Cuts plain answers out of what comes on a connection: 200, with a length, neither encoded nor in chunks. Whatever is not just
// so is for a client that knows more of HTTP. Bounded.

/** It is not just so: nothing more can be read of this connection. */
export class NotPlain extends Error {}

export interface PlainAnswer {
  readonly body: Buffer;
  /** The server closes the connection after it. */
  readonly isLast: boolean;
}

interface Head {
  readonly bodyBytes: number;
  readonly isLast: boolean;
}

const mostHeadBytes = 16 * 1024;
const headEnd = '\r\n\r\n';

export class AnswerReader {
  readonly #maxBodyBytes: number;
  #chunks: Buffer[] = [];
  #sizeBytes = 0;
  #head: Head | undefined;

  constructor(maxBodyBytes: number) {
    this.#maxBodyBytes = maxBodyBytes;
  }

  /** Whether it holds less than one answer, or nothing at all. */
  get isEmpty(): boolean {
    return this.#sizeBytes === 0 && this.#head === undefined;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#sizeBytes += chunk.length;
  }

  /** The next one that is there whole, which may be a view into what was added. Throws NotPlain. */
  next(): PlainAnswer | undefined {
    this.#head ??= this.#takeHead();
    if (this.#head === undefined || this.#sizeBytes < this.#head.bodyBytes) return undefined;
    const { bodyBytes, isLast } = this.#head;
    this.#head = undefined;
    return { body: this.#take(bodyBytes), isLast };
  }

  #takeHead(): Head | undefined {
    if (this.#sizeBytes === 0) return undefined;
    const bytes = this.#whole();
    const end = bytes.indexOf(headEnd);
    const head = bytes.toString('latin1', 0, Math.min(end < 0 ? bytes.length : end, mostHeadBytes));
    // Lines that end otherwise would be waited for in vain.
    if (end < 0 && (head.length === mostHeadBytes || /[^\r]\n/.test(head))) throw new NotPlain();
    if (end < 0) return undefined;
    this.#take(end + headEnd.length);
    return readHead(head, this.#maxBodyBytes);
  }

  #whole(): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && this.#chunks.length === 1) return first;
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }

  #take(lengthBytes: number): Buffer {
    const bytes = this.#whole();
    this.#chunks = bytes.length === lengthBytes ? [] : [bytes.subarray(lengthBytes)];
    this.#sizeBytes -= lengthBytes;
    return bytes.subarray(0, lengthBytes);
  }
}

function readHead(head: string, maxBodyBytes: number): Head {
  const [status = '', ...lines] = head.split('\r\n');
  if (!status.startsWith('HTTP/1.1 200')) throw new NotPlain();
  let bodyBytes: number | undefined;
  let isLast = false;
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new NotPlain();
    const value = line.slice(colon + 1).trim();
    switch (line.slice(0, colon).toLowerCase()) {
      case 'content-length':
        if (bodyBytes !== undefined || !/^\d{1,9}$/.test(value)) throw new NotPlain();
        bodyBytes = Number(value);
        break;
      case 'transfer-encoding':
      case 'content-encoding':
        throw new NotPlain();
      case 'connection':
        isLast = /close/i.test(value);
    }
  }
  if (bodyBytes === undefined || bodyBytes > maxBodyBytes) throw new NotPlain();
  return { bodyBytes, isLast };
}
