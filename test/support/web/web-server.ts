// A web server of a test's own.
import { createServer, type RequestListener } from 'node:http';
import { onTestFinished } from 'vitest';
import { listenOn } from './listen-on.js';

/** Listens on a free port, or the one given, until the test ends. Gives back the URL, without a slash at its end. */
export async function serve(listener: RequestListener, port = 0): Promise<string> {
  const server = createServer(listener);
  const url = `http://127.0.0.1:${await listenOn(server, port)}`;
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return url;
}
