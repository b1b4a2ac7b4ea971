// Serves the inspector's page on the loopback interface alone, to whoever knows the token in its URL, and tells it what is known of all
// actors. It sends, and takes nothing.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { inspectorLimits } from '../../limits.js';
import type { ActorState } from '../told/actor-state.js';
import type { InspectionSource, PageMessage } from '../told/page-messages.js';
import { readPageFile } from './page-files.js';

/** What a page is told of: an inspection that goes on, or one that was recorded. */
export interface InspectedRecords {
  readonly source: InspectionSource;
  readonly firstSeq: number;
  readonly nextSeq: number;
  actorsBefore(): readonly ActorState[];
  read(seq: number, mostCharacters: number): readonly string[] | undefined;
  onRecords(listener: () => void): () => void;
}

export interface InspectorOptions {
  /** 0, the default: a free one. */
  readonly port?: number | undefined;
}

export interface Inspector {
  /** The page to open. */
  readonly url: string;
  close(): Promise<void>;
}

const host = '127.0.0.1';

export async function startInspector(
  records: InspectedRecords,
  { port = 0 }: InspectorOptions = {},
): Promise<Inspector> {
  const token = randomBytes(16).toString('hex');
  const server = createServer(async (request, response) => {
    const [, given, ...rest] = (request.url ?? '').split('/');
    const name = rest.join('/');
    if (given !== token) return response.writeHead(403).end();
    if (name === 'events') return tellEvents(records, response);
    const file = await readPageFile(name === '' ? 'index.html' : name);
    if (!file) return response.writeHead(404).end();
    return response
      .writeHead(200, {
        'content-type': file.type,
        'content-security-policy': "default-src 'self'",
      })
      .end(file.bytes);
  });
  server.maxConnections = inspectorLimits.connections;
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${host}:${bound}/${token}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Asks for more when what it was told has been taken: so a slow page costs no memory. */
function tellEvents(records: InspectedRecords, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const write = (json: string) => response.write(`data: ${json}\n\n`);
  const tell = (message: PageMessage) => write(JSON.stringify(message));
  let seq = records.firstSeq;
  tell({ type: 'began', source: records.source, lostRecords: seq - 1 });
  tell({ type: 'actors', actors: records.actorsBefore() });
  let timer: NodeJS.Timeout | undefined;
  const goOn = () => {
    timer = undefined;
    while (seq < records.nextSeq) {
      const found = records.read(seq, 256 * 1024);
      if (found === undefined) return response.destroy();
      seq += found.length;
      if (!write(`{"type":"records","records":[${found.join()}]}`))
        return response.once('drain', goOn);
    }
    return undefined;
  };
  goOn();
  tell({ type: 'caughtUp' });
  const forget = records.onRecords(() => {
    timer ??= setTimeout(goOn, 50);
  });
  response.on('close', () => {
    forget();
    clearTimeout(timer);
  });
}
