// The short way to servers that are known to answer plainly: a thousand announces to one tracker need of HTTP no more than a
// line there and a body back. It follows, decodes and proves nothing: whoever asks goes the long way first, and again where
// this one fails.
import { AsyncLocalStorage } from 'node:async_hooks';
import { AlarmClock } from '../../async/alarm-clock.js';
import { PlainConnection, type PlainRequest } from './plain-connection.js';

export interface PlainClientOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly maxBodyBytes: number;
  readonly connectionsPerServer: number;
}

/** Where to connect, and what to ask. */
export interface PlainTarget extends Omit<PlainRequest, 'text'> {
  /** The key under which it is known: `http://host:port`. */
  readonly origin: string;
  /** As the server hears it, with its port. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** Path and query, percent-encoded. */
  readonly path: string;
}

interface PlainServer {
  readonly address: string;
  knownAtMs: number;
  readonly connections: Set<PlainConnection>;
  /** It was taken for plain, and is not. */
  isOdd: boolean;
}

/** As long as the address is remembered that a name had. */
const knownForMs = 10 * 60_000;
const mostServers = 500;

export class PlainClient {
  readonly #options: PlainClientOptions;
  readonly #headers: string;
  readonly #clock = new AlarmClock();
  readonly #servers = new Map<string, PlainServer>();
  /** Connections are nobody's alone: what happens there is not to be done in the name of whoever opened them. */
  readonly #inNobodysName = AsyncLocalStorage.snapshot();
  #isClosed = false;

  constructor(options: PlainClientOptions) {
    this.#options = options;
    const headers = Object.entries(options.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#headers = headers.join('');
  }

  /** It has answered plainly at this address. */
  learn(origin: string, address: string): void {
    const known = this.#servers.get(origin);
    if (known?.isOdd) return;
    if (known?.address === address) known.knownAtMs = performance.now();
    else this.#add(origin, address);
  }

  /** The address at which it is known to answer plainly. */
  addressOf(origin: string): string | undefined {
    const known = this.#servers.get(origin);
    return known === undefined || known.isOdd || isOld(known) ? undefined : known.address;
  }

  /** The body of what is there; undefined where it is not to be had so. Rejects once time is over, or the signal aborts. */
  get(target: PlainTarget): Promise<Uint8Array | undefined> | undefined {
    const { origin, address, host, path, timeoutMs, signal } = target;
    const known = this.#servers.get(origin);
    const server = known?.address === address ? known : this.#add(origin, address);
    if (server.isOdd || this.#isClosed) return undefined;
    const text = `GET ${path} HTTP/1.1\r\nhost: ${host}\r\n${this.#headers}\r\n`;
    return this.#freeConnection(server, target)?.get({ text, timeoutMs, signal });
  }

  /** Cuts every connection; later requests get nothing. */
  close(): void {
    this.#isClosed = true;
    for (const server of this.#servers.values()) disconnect(server);
  }

  #add(origin: string, address: string): PlainServer {
    const connections = new Set<PlainConnection>();
    const server = { address, knownAtMs: performance.now(), connections, isOdd: false };
    this.#drop(origin);
    this.#servers.set(origin, server);
    const [oldest] = this.#servers.keys();
    if (this.#servers.size > mostServers && oldest !== undefined) this.#drop(oldest);
    return server;
  }

  #drop(origin: string): void {
    const server = this.#servers.get(origin);
    if (server !== undefined) disconnect(server);
    this.#servers.delete(origin);
  }

  #freeConnection(
    server: PlainServer,
    { address, port }: PlainTarget,
  ): PlainConnection | undefined {
    const { connections } = server;
    for (const connection of connections) if (connection.isFree) return connection;
    if (connections.size >= this.#options.connectionsPerServer) return undefined;
    const open = () =>
      new PlainConnection({
        address,
        port,
        maxBodyBytes: this.#options.maxBodyBytes,
        clock: this.#clock,
        onOver: (over, isOdd) => {
          connections.delete(over);
          server.isOdd ||= isOdd;
        },
      });
    const connection = this.#inNobodysName(open);
    connections.add(connection);
    return connection;
  }
}

function isOld({ knownAtMs }: PlainServer): boolean {
  return performance.now() - knownAtMs > knownForMs;
}

/** What is under way there goes the long way. */
function disconnect({ connections }: PlainServer): void {
  for (const connection of [...connections]) connection.destroy();
}
