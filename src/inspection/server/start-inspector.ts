// Serves the inspector's page on the loopback interface alone, to whoever knows the token in its URL, and tells it what is known of all
// actors. It sends, and takes nothing.
import { randomBytes } from 'node:crypto';
import {
  createServer,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import { HelperError, systemCode } from '../../errors.js';
import { inspectorLimits } from '../../limits.js';
import type { InspectedRecords } from '../told/readable-records.js';
import { EventStreams, serverSentEvent } from './event-streams.js';
import { readPageFiles } from './page-files.js';
import { readPageRequest } from './page-request.js';
import { RecordTeller } from './record-teller.js';

/** What happens in the swarm of a job, as JSON takes it, until it is over or `signal` aborts. */
export type SwarmWatch = (jobId: number, signal: AbortSignal) => AsyncIterable<object>;

export interface InspectorOptions {
  /** 0, the default: a free one. */
  readonly port?: number | undefined;
  /** Undefined: nothing is known of swarms. */
  readonly swarms?: SwarmWatch | undefined;
}

export interface Inspector {
  /** The page to open. */
  readonly url: string;
  /** Never waits for a page for long. `reason`: what pages are told. */
  close(reason?: string): Promise<void>;
}

const loopback = '127.0.0.1';

const headers: OutgoingHttpHeaders = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** Rejects with PORT_TAKEN, or with INSPECTOR_NOT_FOUND where the package is not whole. */
export async function startInspector(
  records: InspectedRecords,
  { port = 0, swarms }: InspectorOptions = {},
): Promise<Inspector> {
  const token = randomBytes(16).toString('hex');
  const files = await readPageFiles();
  const pages = new EventStreams();
  const swarmPages = new EventStreams();

  const tellRecords = (response: ServerResponse) => {
    const teller = new RecordTeller(records);
    const stream = pages.open(response, headers, (reason) => teller.lastWords(reason));
    void teller.tellTo(stream).catch(() => stream.cutOff());
  };
  const tellSwarm = async (response: ServerResponse, changes: SwarmWatch, jobId: number) => {
    const stream = swarmPages.open(response, headers, (reason) => over(reason));
    try {
      for await (const change of changes(jobId, stream.signal)) {
        await stream.write(JSON.stringify(change));
      }
      stream.end('the job has ended');
    } catch {
      stream.cutOff();
    }
  };

  const server = createServer(timeouts, (request, response) => {
    const asked = readPageRequest(request, token);
    const answer = (status: number, more: OutgoingHttpHeaders = {}) =>
      response.writeHead(status, { ...headers, ...more });
    if (asked.kind === 'refused') {
      const more = asked.status === 405 ? { allow: 'GET, HEAD' } : {};
      answer(asked.status, { ...more, connection: 'close' }).end();
      return;
    }
    if (asked.kind === 'moved') {
      answer(308, { location: `/${token}/` }).end();
      return;
    }
    const file = files.get(asked.name);
    if (file) {
      answer(200, { 'content-type': file.type, 'content-length': file.bytes.length });
      response.end(file.bytes);
      return;
    }
    const [, jobId] = /^swarms\/([1-9]\d{0,8})$/.exec(asked.name) ?? [];
    if (request.method === 'GET' && asked.name === 'events') tellRecords(response);
    else if (request.method === 'GET' && swarms && jobId) {
      void tellSwarm(response, swarms, Number(jobId));
    } else answer(404).end();
  });
  // Who has nothing to ask just now makes room.
  server.on('drop', () => server.closeIdleConnections());
  server.maxConnections = inspectorLimits.connections;

  return {
    url: `http://${loopback}:${await listen(server, port)}/${token}/`,
    async close(reason = 'the inspector was closed') {
      const closed = new Promise((resolve) => server.close(resolve));
      const { lastWordsMs } = inspectorLimits;
      await Promise.all([pages, swarmPages].map((each) => each.end(reason, lastWordsMs)));
      server.closeAllConnections();
      await closed;
    },
  };
}

const timeouts = {
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};

/** A browser would ask again for what just ends; it does not where the page closes it at this. */
function over(reason: string): string {
  return `event: over\n${serverSentEvent(JSON.stringify({ reason }))}`;
}

/** Resolves with the port. */
function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    // It stays, as an error event without a listener would throw.
    server.on('error', (cause) => {
      const why = systemCode(cause) === 'EACCES' ? 'it needs more rights' : 'it is in use';
      const message = `the inspector cannot listen on port ${port} of ${loopback}: ${why}; choose another port`;
      reject(new HelperError('PORT_TAKEN', message, { cause }));
    });
    server.listen(port, loopback, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}
