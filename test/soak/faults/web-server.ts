// A web server that serves .torrent files, most of the time: some answers are slow, cut short once, or errors that pass.
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { Random } from '../../support/random.js';
import { listenOn } from '../../support/web/listen-on.js';

export interface WebServer {
  /** Where the file at `path` is served; the last part is its name. */
  urlOf(path: string): string;
  /** Answers 404. */
  readonly deadUrl: string;
  close(): void;
}

export async function startWebServer(port: number, random: Random): Promise<WebServer> {
  const files = new Map<string, string>();
  const server = createServer((request, response) => {
    response.on('error', () => {});
    const path = files.get(request.url ?? '');
    if (path === undefined) response.writeHead(404).end('nothing here');
    else void serve(path, response, random.chance(0.2)).catch(() => response.destroy());
  });
  server.on('clientError', (_, socket) => socket.destroy());
  await listenOn(server, port);
  return {
    urlOf(path) {
      const url = `/${Buffer.from(path).toString('base64url')}`;
      files.set(url, path);
      return `http://127.0.0.1:${port}${url}`;
    },
    deadUrl: `http://127.0.0.1:${port}/dead`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function serve(path: string, response: ServerResponse, isSlow: boolean): Promise<void> {
  const bytes = await readFile(path);
  response.writeHead(200, { 'content-length': bytes.length });
  if (!isSlow) return void response.end(bytes);
  for (let offset = 0; offset < bytes.length; offset += 64) {
    response.write(bytes.subarray(offset, offset + 64));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  response.end();
}
