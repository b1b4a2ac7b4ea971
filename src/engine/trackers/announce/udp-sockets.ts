// Sockets to UDP trackers that have just answered, kept a while with the connection id that each was given: a thousand torrents
// of one tracker need no thousand sockets, and ask nobody who they are a thousand times.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Socket } from 'node:dgram';
import { Alarm, AlarmClock } from '../../../async/alarm-clock.js';

export interface ConnectedSocket {
  readonly socket: Socket;
  readonly address: string;
  readonly connectionId: Uint8Array;
  /** When the connection id was given. */
  readonly atMs: number;
}

interface IdleSocket {
  readonly host: string;
  readonly connected: ConnectedSocket;
  readonly alarm: Alarm;
}

/** BEP 15: a client may use a connection id for a minute. */
const idLastsMs = 50_000;
const idleMs = 10_000;
const mostKept = 64;

export class UdpSockets {
  readonly #clock = new AlarmClock();
  /** By age; of one host there may be several. */
  readonly #idle = new Set<IdleSocket>();
  readonly #byHost = new Map<string, IdleSocket[]>();
  /** A socket is nobody's alone: what happens there is not to be done in the name of whoever opened it. */
  readonly inNobodysName = AsyncLocalStorage.snapshot();
  #isClosed = false;

  /** How many are kept. */
  get size(): number {
    return this.#idle.size;
  }

  /** One that nobody uses now; it is the caller's from then on. */
  take(host: string): ConnectedSocket | undefined {
    const last = this.#byHost.get(host)?.at(-1);
    if (last === undefined) return undefined;
    this.#forget(last);
    return last.connected;
  }

  /** Keeps it for the next, or closes it. */
  keep(host: string, connected: ConnectedSocket): void {
    const untilMs = Math.min(performance.now() + idleMs, connected.atMs + idLastsMs);
    if (this.#isClosed || untilMs <= performance.now()) {
      connected.socket.close();
      return;
    }
    const idle: IdleSocket = { host, connected, alarm: new Alarm(() => this.#close(idle)) };
    const ofHost = this.#byHost.get(host) ?? [];
    ofHost.push(idle);
    this.#byHost.set(host, ofHost);
    this.#idle.add(idle);
    this.#clock.set(idle.alarm, untilMs);
    const [oldest] = this.#idle;
    if (this.#idle.size > mostKept && oldest !== undefined) this.#close(oldest);
  }

  /** Those that are in use are closed by whoever uses them. */
  close(): void {
    this.#isClosed = true;
    for (const idle of [...this.#idle]) this.#close(idle);
  }

  #close(idle: IdleSocket): void {
    this.#forget(idle);
    idle.connected.socket.close();
  }

  #forget(idle: IdleSocket): void {
    this.#clock.clear(idle.alarm);
    this.#idle.delete(idle);
    const left = (this.#byHost.get(idle.host) ?? []).filter((other) => other !== idle);
    if (left.length === 0) this.#byHost.delete(idle.host);
    else this.#byHost.set(idle.host, left);
  }
}
