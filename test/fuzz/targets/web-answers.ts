// Whatever a web server, or an HTTP tracker, may send down a connection: to the fetch of a .torrent file
// (src/sources/fetch-torrent.ts) and to an announce. Each ends in time, in an answer or an error that was foreseen.
import { createServer, type Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { announceOverHttp } from '../../../src/engine/trackers/announce/http-announce.js';
import { createAnnounceAgent } from '../../../src/engine/trackers/announce-agent.js';
import { HelperError } from '../../../src/errors.js';
import { fetchTorrent } from '../../../src/sources/fetch-torrent.js';
import { listenOn } from '../../support/web/listen-on.js';
import { mutateScript, type Part, packScript, unpackScript } from '../mutate/script.js';
import { check, type OpenTarget, type Target } from '../target.js';
import { checkAnswer, checkTrackerError } from './http-tracker-answers.js';
import { announceRequest } from './udp-tracker-answers.js';

/** How the server lets go when all is said. */
const modes = { ends: 0, cuts: 1, stays: 2 };
const attemptMs = 100;

const body = 'd8:intervali60e5:peers6:\x7f\0\0\x01\x1a\xe1e';
const answer = (head: readonly string[], content: Uint8Array | string) =>
  Buffer.concat([
    Buffer.from([...head, '', ''].join('\r\n')),
    typeof content === 'string' ? Buffer.from(content, 'latin1') : content,
  ]);
const ok = (content: Uint8Array, ...headers: string[]) =>
  answer(['HTTP/1.1 200 OK', `Content-Length: ${content.length}`, ...headers], content);

const tokens = [
  ...[
    '\r\n',
    '\r\n\r\n',
    'HTTP/1.1 ',
    'HTTP/1.0 200 OK\r\n',
    'HTTP/2.0 ',
    '100',
    '101',
    '204',
    '302',
  ],
  ...['Content-Length: 0\r\n', 'Content-Length: 99999999999\r\n', 'Content-Length: -1\r\n'],
  ...['Transfer-Encoding: chunked\r\n', 'Content-Encoding: gzip\r\n', 'Content-Encoding: br\r\n'],
  ...[
    'Content-Encoding: deflate\r\n',
    'Location: /\r\n',
    'Location: ftp://x/\r\n',
    'Location: \r\n',
  ],
  ...['Location: http://[\r\n', 'Location: http://%\r\n', 'Retry-After: 1e9\r\n', 'Trailer: x\r\n'],
  ...['ffffffffffffffff\r\n', '0\r\n\r\n', '-1\r\n', 'Location: //\r\n', 'Connection: close\r\n'],
  ...['\n', '\n\n', 'Set-Cookie: a=b\r\n', 'Set-Cookie: =;\n', 'Location: magnet:?x\r\n', '\xff'],
];

export const webAnswers: Target = {
  name: 'web-answers',
  about: 'raw answers of web servers and trackers over TCP',
  samples: () => {
    const bytes = Buffer.from(body, 'latin1');
    const wholes = [
      ok(bytes, 'Content-Type: application/x-bittorrent'),
      ok(gzipSync(bytes), 'Content-Encoding: gzip'),
      ok(deflateSync(bytes), 'Content-Encoding: deflate'),
      ok(deflateRawSync(bytes), 'Content-Encoding: deflate'),
      ok(brotliCompressSync(bytes), 'Content-Encoding: br'),
      ok(gzipSync(new Uint8Array(2 ** 21)), 'Content-Encoding: gzip'),
      answer(
        ['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'],
        `5\r\nhello\r\n3;a=b\r\nabc\r\n0\r\nTrailer: x\r\n\r\n`,
      ),
      answer(['HTTP/1.0 200 OK'], body),
      answer(['HTTP/1.1 302 Found', 'Location: /elsewhere?a=b', 'Content-Length: 0'], ''),
      answer(['HTTP/1.1 503 Busy', 'Retry-After: 5', 'Content-Length: 4'], 'busy'),
      answer(['HTTP/1.1 100 Continue'], ok(bytes)),
      answer(['HTTP/1.1 204 No Content'], ''),
      Buffer.from(`HTTP/1.1 200 OK\nContent-Length: ${body.length}\n\n${body}`, 'latin1'),
      Buffer.from('HTTP/1.1 302 Found\nSet-Cookie: a=b; Path=/\nLocation: \xc3\xa9\n\n', 'latin1'),
      answer(['HTTP/1.1 302 Found', `Location: magnet:?xt=urn:btih:${'a'.repeat(40)}`], ''),
    ];
    return [
      ...wholes.map((bytes) => packScript({ mode: modes.ends, parts: [{ flags: 0, bytes }] })),
      packScript({
        mode: modes.cuts,
        parts: [ok(bytes).subarray(0, 30), ok(bytes).subarray(30, -5)].map((bytes) => ({
          flags: 0,
          bytes,
        })),
      }),
    ];
  },
  mutate: mutateScript(
    tokens,
    [0],
    [modes.ends, modes.ends, modes.ends, modes.cuts, modes.cuts, modes.stays],
  ),
  open: openServer,
};

async function openServer(): Promise<OpenTarget> {
  let parts: readonly Part[] = [];
  let mode = modes.ends;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    socket.once('data', async () => {
      for (const { bytes } of parts) {
        if (!socket.writable) return;
        socket.write(bytes);
        if (parts.length > 1) await new Promise((resolve) => setImmediate(resolve));
      }
      if (mode === modes.cuts) socket.destroy();
      else if (mode !== modes.stays) socket.end();
    });
  });
  const port = await listenOn(server);
  const url = `http://user:pass@127.0.0.1:${port}/a?passkey=secret`;
  const agent = createAnnounceAgent();
  const { signal } = new AbortController();

  return {
    async run(input) {
      ({ mode, parts } = unpackScript(input));
      try {
        await fetchTorrent(new URL(url), signal, { attemptMs, retryDelaysMs: [] });
      } catch (thrown) {
        if (!(thrown instanceof HelperError)) throw thrown;
        const { code, message, stack } = thrown;
        check(code !== 'INTERNAL', () => `a bug: ${stack}`);
        check(!message.includes('secret') && !message.includes('pass@'), () => 'a secret is shown');
      }
      try {
        checkAnswer(
          await announceOverHttp(url, announceRequest, { agent, signal, timeoutMs: attemptMs }),
        );
      } catch (thrown) {
        checkTrackerError(thrown);
        check(!String(thrown).includes('secret'), () => 'a secret is shown');
      }
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await agent.close();
    },
  };
}
