// What goes out on one connection, encrypted if it has to be, in one write a turn; and who hears when it has gone out.
// Bounded: who takes nothing is not sent to without end.
import type { Socket } from 'node:net';
import { messageLimits } from '../../../limits.js';
import type { Ciphers } from '../../webtorrent/handshake-reader.js';

/** So little is copied together: a write of several buffers costs more than that. */
const mostJoinedBytes = 4 * 2 ** 10;

export class SendQueue {
  readonly #socket: Socket;
  readonly #onFull: () => void;
  #ciphers: Ciphers | undefined;
  #unsent: Uint8Array[] = [];
  #unsentBytes = 0;
  /** Of those who sent what is unsent. */
  #onFlushed: (() => void)[] = [];
  /** What has been given to the socket: each tells, once, that it has gone out. */
  readonly #flushing = new Set<() => void>();

  /** `onFull` may be called at any time that something is queued, which then is not. */
  constructor(socket: Socket, onFull: () => void) {
    this.#socket = socket;
    this.#onFull = onFull;
  }

  /** What is sent from now on; undefined: in plaintext. */
  encryptWith(ciphers: Ciphers | undefined): void {
    this.#ciphers = ciphers;
  }

  /** Sent, and not yet taken by the system. */
  get unsentBytes(): number {
    return this.#socket.writableLength + this.#unsentBytes;
  }

  send(bytes: Uint8Array): void {
    this.queue(this.#ciphers === undefined ? bytes : encryptedBy(this.#ciphers, bytes));
  }

  /** `lengthBytes` in all. */
  sendAll(messages: readonly Uint8Array[], lengthBytes: number): void {
    if (!this.#mayQueue(lengthBytes)) return;
    const ciphers = this.#ciphers;
    for (const bytes of messages) {
      this.#unsent.push(ciphers === undefined ? bytes : encryptedBy(ciphers, bytes));
    }
  }

  /** As it stands: it is encrypted already, or need not be. */
  queue(bytes: Uint8Array): void {
    if (this.#mayQueue(bytes.length)) this.#unsent.push(bytes);
  }

  /** Called once, when what was sent just before has been taken by the system, or never will be: its memory is free. */
  onFlushed(listener: () => void): void {
    if (this.#unsent.length > 0) this.#onFlushed.push(listener);
    else this.#tellAtClose(listener);
  }

  flush(): void {
    const unsent = this.#unsent;
    if (unsent.length === 0) return;
    const listeners = this.#onFlushed;
    const isJoined = unsent.length > 1 && this.#unsentBytes <= mostJoinedBytes;
    this.#unsent = [];
    this.#unsentBytes = 0;
    this.#onFlushed = [];
    const socket = this.#socket;
    const last = isJoined ? Buffer.concat(unsent.splice(0)) : unsent.pop();
    if (last === undefined || socket.destroyed) {
      for (const listener of listeners) this.#tellAtClose(listener);
      return;
    }
    if (unsent.length > 0) socket.cork();
    for (const bytes of unsent) socket.write(bytes);
    if (listeners.length > 0) socket.write(last, this.#tellOnce(listeners));
    else socket.write(last);
    if (unsent.length > 0) socket.uncork();
  }

  /** Nothing will be taken any more. */
  socketClosed(): void {
    for (const tell of [...this.#flushing]) tell();
  }

  /** If so, it must be queued. */
  #mayQueue(lengthBytes: number): boolean {
    if (this.#socket.destroyed) return false;
    if (this.unsentBytes + lengthBytes > messageLimits.unsentBytes) {
      this.#onFull();
      return false;
    }
    if (this.#unsent.length === 0) queueMicrotask(() => this.flush());
    this.#unsentBytes += lengthBytes;
    return true;
  }

  #tellOnce(listeners: readonly (() => void)[]): () => void {
    const tell = () => {
      if (!this.#flushing.delete(tell)) return;
      for (const listener of listeners) listener();
    };
    this.#flushing.add(tell);
    return tell;
  }

  #tellAtClose(listener: () => void): void {
    const tell = this.#tellOnce([listener]);
    if (this.#socket.closed) queueMicrotask(tell);
  }
}

function encryptedBy({ encrypt }: Ciphers, bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  encrypt.apply(copy);
  return copy;
}
