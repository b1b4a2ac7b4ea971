// --inspect=stately: serves, on the loopback interface alone, a page that holds Stately's inspector and feeds it what the
// machines do. Stately's own relay listens on every interface, so this one takes its place; it sends, and takes nothing.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { InspectionEvent, Observer } from 'xstate';
import { inspectorLimits } from '../../limits.js';

export interface StatelyInspector {
  readonly inspect: Observer<InspectionEvent>;
  /** The page to open. */
  readonly url: string;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

export async function startStatelyPage(): Promise<StatelyInspector> {
  const { createInspector } = await import('@statelyai/inspect');
  const told: string[] = [];
  let toldCharacters = 0;
  const pages = new Set<ServerResponse>();
  let isClosed = false;
  const tell = (event: unknown) => {
    if (isClosed) return;
    const message = `data: ${JSON.stringify(event)}\n\n`;
    told.push(message);
    toldCharacters += message.length;
    while (toldCharacters > inspectorLimits.rememberedCharacters) {
      toldCharacters -= told.shift()?.length ?? 0;
    }
    for (const page of pages) {
      if (page.writableLength > inspectorLimits.unreadBytes) cutOff(page);
      else page.write(message);
    }
  };
  // At once: until it is closed, more would be written to it.
  const cutOff = (page: ServerResponse) => {
    pages.delete(page);
    page.destroy();
  };

  const server = createServer((request, response) => {
    if (!isFromThisPage(request)) {
      response.writeHead(403).end();
    } else if (request.url === '/events') {
      const [oldest] = pages;
      if (oldest && pages.size >= inspectorLimits.pages) cutOff(oldest);
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.flushHeaders();
      response.on('error', () => {});
      response.on('close', () => pages.delete(response));
      for (const message of told) response.write(message);
      pages.add(response);
    } else {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE);
    }
  });
  server.maxConnections = inspectorLimits.connections;
  server.listen(0, HOST);
  await once(server, 'listening');

  return {
    inspect: createInspector({ send: (event: unknown) => unlessItThrows(() => tell(event)) })
      .inspect,
    url: `http://${HOST}:${portOf(server.address())}/`,
    close: () =>
      new Promise((resolve) => {
        isClosed = true;
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Stately tells a turn of the event loop later, where nobody would catch what it throws. */
function unlessItThrows(task: () => void): void {
  try {
    task();
  } catch {
    // An event that cannot be told is left out.
  }
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address ? address.port : 0;
}

/** Another site, open in the same browser, must not read what the machines do (DNS rebinding included). */
function isFromThisPage({ headers }: IncomingMessage): boolean {
  const isLocalName = /^127\.0\.0\.1:\d+$/.test(headers.host ?? '');
  return isLocalName && (headers['sec-fetch-site'] ?? 'none') !== 'cross-site';
}

const PAGE = `<!doctype html>
<title>bittorrent-helper: inspector</title>
<style>html, body, iframe { margin: 0; width: 100%; height: 100%; border: 0 }</style>
<iframe id="inspector" src="https://stately.ai/inspect"></iframe>
<script>
  const frame = document.getElementById('inspector');
  addEventListener('message', ({ data, source }) => {
    if (source !== frame.contentWindow || data?.type !== '@statelyai.connected') return;
    new EventSource('/events').onmessage = (event) =>
      frame.contentWindow.postMessage(JSON.parse(event.data), 'https://stately.ai');
  }, { once: false });
</script>
`;
