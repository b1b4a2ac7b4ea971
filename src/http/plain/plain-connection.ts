// One connection that is kept for plain requests, one after the other; or, to a server of our own, many on their way at once,
// those of one turn in one write. What it cannot get is for a client that knows more of HTTP, and says why.
import { connect, type Socket } from 'node:net';
import { Alarm, type AlarmClock } from '../../async/alarm-clock.js';
import { DeadlinePassed } from '../../async/with-deadline.js';
import { AnswerReader } from './answer-reader.js';

export interface PlainRequest {
  /** Head and all. */
  readonly text: string;
  /** Once that is over, it rejects with DeadlinePassed. */
  readonly timeoutMs: number;
  /** Once it aborts, it rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface PlainConnectionOptions {
  readonly address: string;
  readonly port: number;
  readonly maxBodyBytes: number;
  readonly clock: AlarmClock;
  /** Whether requests may follow each other without waiting for answers. */
  readonly isPipelined: boolean;
  /** It takes no requests any more. `isOdd`: what came was no plain answer. */
  readonly onOver: (connection: PlainConnection, isOdd: boolean) => void;
}

/** Less than what servers usually wait for the next request: 5 s. */
const idleMs = 4_000;

interface Asked {
  readonly alarm: Alarm;
  /** `undefined`: it is not to be had here. */
  settle(body: Buffer | undefined): void;
  /** Nobody waits any more, but its answer will come. */
  isGivenUp: boolean;
}

export class PlainConnection {
  readonly #options: PlainConnectionOptions;
  readonly #socket: Socket;
  readonly #reader: AnswerReader;
  /** In the order in which they will be answered. */
  readonly #asked: Asked[] = [];
  #unsent = '';
  #isOver = false;

  constructor(options: PlainConnectionOptions) {
    this.#options = options;
    this.#reader = new AnswerReader(options.maxBodyBytes);
    this.#socket = connect({ host: options.address, port: options.port, noDelay: true });
    this.#socket.setTimeout(idleMs, () => {
      if (this.#asked.length === 0) this.destroy();
    });
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('error', () => this.destroy());
    this.#socket.on('close', () => this.destroy());
  }

  get isFree(): boolean {
    return !this.#isOver && (this.#options.isPipelined || this.#asked.length === 0);
  }

  /** The body of the answer; undefined where it is not to be had here. */
  get({ text, timeoutMs, signal }: PlainRequest): Promise<Buffer | undefined> {
    return new Promise((resolve, reject) => {
      const { clock } = this.#options;
      const giveUp = (reason: unknown) => {
        clock.clear(asked.alarm);
        signal?.removeEventListener('abort', onAbort);
        asked.isGivenUp = true;
        reject(reason);
      };
      const onAbort = () => {
        giveUp(signal?.reason);
        if (!this.#options.isPipelined) this.destroy();
      };
      const onLate = () => {
        giveUp(DeadlinePassed.after(timeoutMs));
        this.destroy();
      };
      const asked: Asked = {
        isGivenUp: false,
        alarm: new Alarm(onLate),
        settle: (body) => {
          clock.clear(asked.alarm);
          signal?.removeEventListener('abort', onAbort);
          resolve(body);
        },
      };
      this.#asked.push(asked);
      clock.set(asked.alarm, performance.now() + timeoutMs);
      signal?.addEventListener('abort', onAbort);
      this.#send(text);
    });
  }

  destroy(isOdd = false): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.destroy();
    this.#options.onOver(this, isOdd);
    for (const asked of this.#asked.splice(0)) if (!asked.isGivenUp) asked.settle(undefined);
  }

  #send(text: string): void {
    if (!this.#options.isPipelined) {
      this.#socket.write(text, 'latin1');
      return;
    }
    if (this.#unsent === '') setImmediate(() => this.#flush());
    this.#unsent += text;
  }

  #flush(): void {
    if (!this.#isOver) this.#socket.write(this.#unsent, 'latin1');
    this.#unsent = '';
  }

  #read(chunk: Buffer): void {
    this.#reader.add(chunk);
    try {
      while (this.#asked.length > 0) {
        const answer = this.#reader.next();
        if (answer === undefined) return;
        const asked = this.#asked.shift();
        if (asked?.isGivenUp === false) asked.settle(answer.body);
        if (answer.isLast) this.destroy();
      }
    } catch {
      this.destroy(true);
      return;
    }
    // Nobody asked for what is left.
    if (!this.#reader.isEmpty) this.destroy(true);
  }
}
