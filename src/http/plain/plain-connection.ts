// One connection that is kept for plain requests, one after the other. What it cannot get is for a client that knows more of
// HTTP, and says why.
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
  /** It takes no requests any more. `isOdd`: what came was no plain answer. */
  readonly onOver: (connection: PlainConnection, isOdd: boolean) => void;
}

/** Less than what servers usually wait for the next request: 5 s. */
const idleMs = 4_000;

interface Asked {
  readonly alarm: Alarm;
  /** `undefined`: it is not to be had here. */
  settle(body: Buffer | undefined): void;
}

export class PlainConnection {
  readonly #options: PlainConnectionOptions;
  readonly #socket: Socket;
  readonly #reader: AnswerReader;
  #asked: Asked | undefined;
  #isOver = false;

  constructor(options: PlainConnectionOptions) {
    this.#options = options;
    this.#reader = new AnswerReader(options.maxBodyBytes);
    this.#socket = connect({ host: options.address, port: options.port, noDelay: true });
    this.#socket.setTimeout(idleMs, () => {
      if (this.#asked === undefined) this.destroy();
    });
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('error', () => this.destroy());
    this.#socket.on('close', () => this.destroy());
  }

  get isFree(): boolean {
    return !this.#isOver && this.#asked === undefined;
  }

  /** The body of the answer; undefined where it is not to be had here. Only while it is free. */
  get({ text, timeoutMs, signal }: PlainRequest): Promise<Buffer | undefined> {
    return new Promise((resolve, reject) => {
      const { clock } = this.#options;
      const end = () => {
        clock.clear(asked.alarm);
        signal?.removeEventListener('abort', onAbort);
        this.#asked = undefined;
      };
      const giveUp = (reason: unknown) => {
        end();
        reject(reason);
        this.destroy();
      };
      const onAbort = () => giveUp(signal?.reason);
      const asked: Asked = {
        alarm: new Alarm(() => giveUp(DeadlinePassed.after(timeoutMs))),
        settle: (body) => {
          end();
          resolve(body);
        },
      };
      this.#asked = asked;
      clock.set(asked.alarm, performance.now() + timeoutMs);
      signal?.addEventListener('abort', onAbort);
      this.#socket.write(text, 'latin1');
    });
  }

  destroy(isOdd = false): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.destroy();
    this.#options.onOver(this, isOdd);
    this.#asked?.settle(undefined);
  }

  #read(chunk: Buffer): void {
    this.#reader.add(chunk);
    try {
      const answer = this.#asked && this.#reader.next();
      if (this.#asked !== undefined && answer === undefined) return;
      // Nobody asked for what is left.
      const isOdd = !this.#reader.isEmpty;
      if (answer !== undefined) this.#asked?.settle(answer.body);
      if (isOdd || answer?.isLast) this.destroy(isOdd);
    } catch {
      this.destroy(true);
    }
  }
}
