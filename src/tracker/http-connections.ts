// The connections of an HTTP server that are open at once, and which of them makes room for a new one: what is idle, and
// never the newcomer, who may be in earnest. Idle is who has asked nothing whole, however busily it sends.
import type { Socket } from 'node:net';
import { senderKeyOf, thisMachine } from './swarms/sender-key.js';

export interface HttpConnectionLimits {
  /** In all. */
  readonly connections: number;
  /** Of one address elsewhere. */
  readonly connectionsPerAddress: number;
  readonly isOwnAddress: (address: string) => boolean;
}

export class HttpConnections {
  readonly #limits: HttpConnectionLimits;
  /** Whose each is. */
  readonly #open = new Map<Socket, string>();
  /** The same by whose they are; of each the one that is idle longest comes first. */
  readonly #bySender = new Map<string, Set<Socket>>();

  constructor(limits: HttpConnectionLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  /** One that was just accepted. */
  add(socket: Socket): void {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const senderKey = senderKeyOf(remoteAddress, this.#limits.isOwnAddress);
    this.#makeRoom(senderKey);
    const sockets = this.#bySender.get(senderKey) ?? new Set();
    this.#bySender.set(senderKey, sockets.add(socket));
    this.#open.set(socket, senderKey);
    socket.once('close', () => this.#remove(socket));
  }

  /** A whole request came over it. */
  asked(socket: Socket): void {
    const sockets = this.#bySender.get(this.#open.get(socket) ?? '');
    if (sockets?.delete(socket)) sockets.add(socket);
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
