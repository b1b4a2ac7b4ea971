// The connections of an HTTP server that are open at once: which of them makes room for a new one, and which asks too
// much. What is idle goes, never the newcomer, who may be in earnest; and idle is who has asked nothing whole, however
// busily it sends.
import type { Socket } from 'node:net';
import type { RequestBudget } from './request-budget.js';
import { senderKeyOf, thisMachine } from './sender-key.js';

export interface HttpConnectionLimits {
  /** In all. */
  readonly connections: number;
  /** Of one address elsewhere. */
  readonly connectionsPerAddress: number;
  readonly isOwnAddress: (address: string) => boolean;
  readonly budget: RequestBudget;
  readonly nowMs: () => number;
}

export class HttpConnections {
  readonly #limits: HttpConnectionLimits;
  /** Whose each is. */
  readonly #open = new Map<Socket, string>();
  /** The same by whose they are; of each the one that is idle longest comes first. */
  readonly #bySender = new Map<string, Set<Socket>>();
  /** Who asked something since the last turn of the event loop. */
  readonly #asking = new Set<Socket>();

  constructor(limits: HttpConnectionLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Cuts them all. */
  cut(): void {
    for (const socket of [...this.#open.keys()]) socket.destroy();
  }

  /** One that was just accepted. */
  add(socket: Socket): void {
    const { remoteAddress } = socket;
    const { isOwnAddress, budget, nowMs } = this.#limits;
    const senderKey = remoteAddress && senderKeyOf(remoteAddress, isOwnAddress);
    if (!senderKey || budget.isSpent(senderKey, nowMs())) {
      socket.destroy();
      return;
    }
    this.#makeRoom(senderKey);
    const sockets = this.#bySender.get(senderKey) ?? new Set();
    this.#bySender.set(senderKey, sockets.add(socket));
    this.#open.set(socket, senderKey);
    socket.once('close', () => this.#remove(socket));
  }

  /**
   * A whole request came over it: whether it is to be answered. If not, the connection is closed: its sender asks too
   * much, or it did not wait for an answer before it asked again, which holds up everybody for as many as fit a read.
   */
  asks(socket: Socket): boolean {
    const senderKey = this.#open.get(socket);
    if (senderKey === undefined) return false;
    const { budget, nowMs } = this.#limits;
    budget.charge(senderKey, nowMs());
    const isWelcome = senderKey === thisMachine || !this.#asking.has(socket);
    if (!isWelcome || budget.isSpent(senderKey, nowMs())) {
      socket.destroy();
      return false;
    }
    this.#markAsking(socket);
    const sockets = this.#bySender.get(senderKey);
    if (sockets?.delete(socket)) sockets.add(socket);
    return true;
  }

  #markAsking(socket: Socket): void {
    if (this.#asking.size === 0) setImmediate(() => this.#asking.clear());
    this.#asking.add(socket);
  }

  #makeRoom(senderKey: string): void {
    const { connections, connectionsPerAddress } = this.#limits;
    const ofIts = this.#bySender.get(senderKey)?.size ?? 0;
    const hasMost = senderKey !== thisMachine && ofIts >= connectionsPerAddress;
    if (!hasMost && this.size < connections) return;
    const goes = this.#idleLongestOf(hasMost ? senderKey : this.#largest());
    if (goes === undefined) return;
    this.#remove(goes);
    goes.destroy();
  }

  /** Whoever has most; of several the one that came first. */
  #largest(): string {
    let largest = '';
    let most = 0;
    for (const [senderKey, { size }] of this.#bySender) {
      if (size > most) [largest, most] = [senderKey, size];
    }
    return largest;
  }

  #idleLongestOf(senderKey: string): Socket | undefined {
    for (const socket of this.#bySender.get(senderKey) ?? []) return socket;
    return undefined;
  }

  #remove(socket: Socket): void {
    const senderKey = this.#open.get(socket);
    if (senderKey === undefined) return;
    this.#open.delete(socket);
    const sockets = this.#bySender.get(senderKey);
    sockets?.delete(socket);
    if (sockets?.size === 0) this.#bySender.delete(senderKey);
  }
}
