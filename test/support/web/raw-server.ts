// A web server of a test's own that answers with bytes as they are given, whatever HTTP says of them.
import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { listenOn } from './listen-on.js';

export interface RawServer {
  /** Without a slash at its end. */
  readonly origin: string;
  /** The heads of the requests, one a connection. */
  readonly heads: readonly string[];
}

/** Answers each connection with the bytes for its path; undefined: it does not. */
export async function serveRaw(
  answer: (path: string) => Buffer | string | undefined,
): Promise<RawServer> {
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    socket.once('data', (head) => {
      heads.push(head.toString());
      const bytes = answer(head.toString().split(' ')[1] ?? '');
      if (bytes !== undefined) socket.end(bytes);
    });
  });
  const origin = `http://127.0.0.1:${await listenOn(server)}`;
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { origin, heads };
}
