import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HelperError } from '../../../src/errors.js';
import { type FetchTiming, fetchTorrent } from '../../../src/sources/fetch-torrent.js';

const maxBytes = 32 * 1024 * 1024;
const never = new AbortController().signal;
const fourQuickRetries: FetchTiming = { attemptMs: 10_000, retryDelaysMs: [1, 1, 1, 1] };
const oneAttempt: FetchTiming = { attemptMs: 10_000, retryDelaysMs: [] };

let answer: (request: IncomingMessage, response: ServerResponse) => void;
let requests: IncomingMessage[];
let server: Server;
let origin: string;
const sockets = new Set<Socket>();

async function listen(listener: RequestListener): Promise<[Server, number]> {
  const listening = createServer(listener).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return [listening, address.port];
}

beforeEach(async () => {
  for (const name of ['http_proxy', 'https_proxy', 'no_proxy']) {
    vi.stubEnv(name, undefined);
    vi.stubEnv(name.toUpperCase(), undefined);
  }
  requests = [];
  const [listening, port] = await listen((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  server = listening;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  origin = `http://127.0.0.1:${port}`;
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const get = async (path = '/a.torrent', signal = never, timing = fourQuickRetries) => {
  const got = await fetchTorrent(new URL(path, origin), signal, timing);
  return got.kind === 'torrent' ? Buffer.from(got.body).toString() : got.link;
};

describe('fetchTorrent', () => {
  it('gives the body, and says who asks', async () => {
    answer = (_, response) => response.end('body');
    expect(await get()).toBe('body');
    expect(requests[0]?.headers['user-agent']).toBe('bittorrent-helper');
  });

  it('leaves no socket open', async () => {
    answer = (request, response) => {
      if (request.url === '/a') response.writeHead(302, { location: '/b' }).end();
      else response.end('body');
    };
    await get('/a');
    await vi.waitFor(() => expect(sockets.size).toBe(0));
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['DEFLATE', deflateRawSync],
    ['br', brotliCompressSync],
    ['identity', (body: string) => body],
    ['nonsense', (body: string) => body],
  ])('decodes %s', async (coding, encode) => {
    answer = (_, response) => response.setHeader('content-encoding', coding).end(encode('body'));
    expect(await get()).toBe('body');
  });

  it('sends the credentials of the URL, but not to another server', async () => {
    const [other, port] = await listen((request, response) => {
      response.end(request.headers.authorization ?? 'none');
    });
    answer = (request, response) => {
      if (request.url === '/away')
        response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end();
      else if (request.url === '/here') response.writeHead(302, { location: `${origin}/` }).end();
      else response.end(request.headers.authorization);
    };
    const url = (path: string) => origin.replace('//', '//me:p%40ss@') + path;
    const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    expect(await get(url('/'))).toBe(basic);
    expect(await get(url('/here'))).toBe(basic);
    expect(await get(url('/away'))).toBe('none');
    other.close();
  });
});

describe('fetchTorrent and redirects', () => {
  it.each([301, 302, 303, 307, 308])('follows %d, to a relative URL too', async (status) => {
    answer = (request, response) => {
      if (request.url === '/x/a') response.writeHead(status, { location: '../b?c' }).end('moved');
      else response.end(request.url);
    };
    expect(await get('/x/a')).toBe('/b?c');
  });

  it('follows five, and not six', async () => {
    answer = (request, response) => {
      const left = Number(request.url?.slice(1));
      if (left > 0) response.writeHead(302, { location: `/${left - 1}` }).end();
      else response.end('body');
    };
    expect(await get('/5')).toBe('body');
    await expect(get('/6')).rejects.toMatchObject({ code: 'HTTP_REDIRECTS' });
  });

  it('gives up on a loop, without trying again', async () => {
    answer = (_, response) => response.writeHead(302, { location: '/a' }).end();
    await expect(get('/a')).rejects.toMatchObject({ code: 'HTTP_REDIRECTS' });
    expect(requests).toHaveLength(6);
  });

  it('follows one whose Location is raw UTF-8, and one in bytes of another kind', async () => {
    answer = (request, response) => {
      if (request.url === '/utf8') location(response, Buffer.from('/\u00e9?\u4e00'));
      else if (request.url === '/latin1') location(response, Buffer.from('/\u00e9', 'latin1'));
      else response.end(request.url);
    };
    expect(await get('/utf8')).toBe('/%C3%A9?%E4%B8%80');
    expect(await get('/latin1')).toBe('/%E9');
  });

  it('gives a magnet link that one leads to, and says who redirected there', async () => {
    const link = 'magnet:?xt=urn:btih:x&dn=a%20b';
    answer = (request, response) => {
      if (request.url === '/a') response.writeHead(302, { location: '/b' }).end();
      else response.writeHead(302, { location: link }).end();
    };
    const got = await fetchTorrent(new URL('/a', origin), never, fourQuickRetries);
    expect(got).toEqual({ kind: 'magnet', link, from: '127.0.0.1' });
  });

  it('sends back a cookie that one to the same URL sets, as a browser would', async () => {
    answer = ({ headers: { cookie } }, response) => {
      if (cookie === 'seen=1; b=2') response.end('body');
      else {
        response.setHeader('set-cookie', ['seen=1; Path=/', 'old=1; Max-Age=0', 'b=2;HttpOnly']);
        response.writeHead(302, { location: '/a' }).end();
      }
    };
    expect(await get('/a')).toBe('body');
    expect(requests.map(({ headers }) => headers.cookie)).toEqual([undefined, 'seen=1; b=2']);
  });

  it('sends a cookie to no other server', async () => {
    const [other, port] = await listen((request, response) => {
      response.end(request.headers.cookie ?? 'none');
    });
    onTestFinished(() => void other.close());
    answer = (_, response) => {
      const to = `http://127.0.0.1:${port}/`;
      response.setHeader('set-cookie', 'a=1').writeHead(302, { location: to }).end();
    };
    expect(await get()).toBe('none');
  });

  it('keeps no more cookies than a bound, nor malformed ones', async () => {
    answer = (request, response) => {
      if (request.url === '/b') response.end(request.headers.cookie);
      else {
        const many = Array.from({ length: 500 }, (_, n) => `c${n}=${n}`);
        response.setHeader('set-cookie', ['=x', 'none', `long=${'x'.repeat(5000)}`, ...many]);
        response.writeHead(302, { location: '/b' }).end();
      }
    };
    expect((await get('/a')).split('; ')).toHaveLength(17);
  });

  it.each(['file:///etc/passwd', 'ftp://host/', 'http://'])(
    'does not follow one to %s',
    async (location) => {
      answer = (_, response) => response.writeHead(302, { location }).end();
      await expect(get()).rejects.toMatchObject({ code: 'HTTP_REDIRECTS' });
      expect(requests).toHaveLength(1);
    },
  );

  it.each(['0.0.0.0', '169.254.169.254', '[::]', '224.0.0.1'])(
    'does not follow one to %s, nor tries again, and says what to do',
    async (host) => {
      answer = (_, response) =>
        response.writeHead(302, { location: `http://${host}/a?token=secret` }).end();
      await expect(get('/a.torrent')).rejects.toMatchObject({
        code: 'HTTP_FORBIDDEN',
        message: `${origin}/a.torrent redirected to http://${host}/a?…, at ${host.replace(/[[\]]/g, '')}, where such a server may not lead; give that URL itself if it is meant, or save the .torrent and give it as torrent:PATH`,
      });
      expect(requests).toHaveLength(1);
    },
  );

  it('does not follow one of a proxy to an address of this machine', async () => {
    answer = ({ url = '' }, response) => {
      const to = url.endsWith('/a') ? 'http://name.invalid/b' : `${origin}/secret`;
      response.writeHead(302, { location: to }).end();
    };
    vi.stubEnv('http_proxy', origin);
    await expect(get('http://server.invalid/a')).rejects.toMatchObject({ code: 'HTTP_FORBIDDEN' });
    expect(requests.map(({ url }) => url)).toEqual([
      'http://server.invalid/a',
      'http://name.invalid/b',
    ]);
  });

  it('takes one to nowhere for an answer with an error status', async () => {
    answer = (_, response) => response.writeHead(302).end();
    await expect(get()).rejects.toMatchObject({ code: 'HTTP_STATUS' });
  });
});

describe('fetchTorrent and bad answers', () => {
  it('tells of the first failure at once, and only where it tries again', async () => {
    const told: string[] = [];
    const options = {
      ...fourQuickRetries,
      onRetry: ({ code, message }: HelperError) => told.push(`${code}: ${message}`),
    };
    answer = (_, response) => response.writeHead(requests.length < 3 ? 503 : 200).end('body');
    await fetchTorrent(new URL('/a', origin), never, options);
    const once = [`HTTP_STATUS: ${origin}/a answered with status 503; it is asked again`];
    expect(told).toEqual(once);
    answer = (_, response) => response.writeHead(404).end();
    await expect(fetchTorrent(new URL('/a', origin), never, options)).rejects.toThrow('404');
    expect(told).toEqual(once);
  });

  it('does not try a 404 again, and names the status and the URL without its secrets', async () => {
    answer = (_, response) => response.writeHead(404).end('not here');
    const failure = get(`${origin.replace('//', '//me:secret@')}/a?passkey=secret`);
    await expect(failure).rejects.toMatchObject({
      code: 'HTTP_STATUS',
      message: `${origin}/a?… answered with status 404`,
    });
    expect(requests).toHaveLength(1);
  });

  it.each([429, 500, 503])('tries a %d again, four times', async (status) => {
    answer = (_, response) => response.writeHead(status).end();
    await expect(get()).rejects.toMatchObject({ code: 'HTTP_STATUS' });
    expect(requests).toHaveLength(5);
  });

  it('waits as long as the server asks, and no longer', async () => {
    answer = (_, response) => {
      if (requests.length === 1) response.writeHead(503, { 'retry-after': '0' }).end();
      else response.end('body');
    };
    expect(await get('/', never, { attemptMs: 10_000, retryDelaysMs: [1_000_000] })).toBe('body');
  });

  it('tries again after a connection that broke', async () => {
    answer = (request, response) => {
      if (requests.length === 1) request.socket.destroy();
      else if (requests.length === 2)
        response
          .writeHead(200, { 'content-length': 10 })
          .write('cut', () => request.socket.destroy());
      else if (requests.length === 3) response.socket?.end('not HTTP\r\n\r\n');
      else if (requests.length === 4)
        response.setHeader('content-encoding', 'gzip').end(gzipSync('body').subarray(0, -9));
      else response.end('body');
    };
    expect(await get()).toBe('body');
    expect(requests).toHaveLength(5);
  });

  it('says that nobody listens', async () => {
    const [closed, port] = await listen(() => {});
    closed.close();
    await once(closed, 'close');
    await expect(get(`http://127.0.0.1:${port}/a`)).rejects.toMatchObject({
      code: 'HTTP_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('says that a certificate or a protocol does not fit', async () => {
    await expect(get(origin.replace('http:', 'https:'))).rejects.toMatchObject({
      code: 'HTTP_UNREACHABLE',
    });
  });

  it.each([
    ['headers', () => {}],
    ['a body', (_: unknown, response: ServerResponse) => void response.writeHead(200).write('x')],
    [
      'the end of a redirect',
      (_: unknown, response: ServerResponse) =>
        void response.writeHead(302, { location: '/a' }).write('x'),
    ],
  ])('does not wait for ever for %s', async (what, stall) => {
    answer = stall;
    // Five redirects take longer than that on a busy machine, where the one that stalls is not even reached.
    const attemptMs = what === 'the end of a redirect' ? 2_000 : 100;
    const failure = get('/a', never, { attemptMs, retryDelaysMs: [1] });
    await expect(failure).rejects.toMatchObject({
      code: what === 'the end of a redirect' ? 'HTTP_REDIRECTS' : 'HTTP_TIMEOUT',
    });
    await vi.waitFor(() => expect(sockets.size).toBe(0));
  });

  it('does not wait for ever for a body that comes drop by drop', async () => {
    answer = (_, response) => {
      const drip = setInterval(() => response.write('x'), 10);
      response.once('close', () => clearInterval(drip));
    };
    const failure = get('/a', never, { attemptMs: 200, retryDelaysMs: [] });
    await expect(failure).rejects.toMatchObject({ code: 'HTTP_TIMEOUT' });
    await vi.waitFor(() => expect(sockets.size).toBe(0));
  });
});

describe('fetchTorrent and large answers', () => {
  it('takes a body of 32 MiB', async () => {
    answer = (_, response) => response.end(Buffer.alloc(maxBytes));
    expect((await get('/', never, oneAttempt)).length).toBe(maxBytes);
  });

  it('stops at a body that goes on beyond', async () => {
    answer = (_, response) => response.end(Buffer.alloc(maxBytes + 1));
    await expect(get()).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(requests).toHaveLength(1);
  });

  it('stops at a small body that unfolds to a large one', async () => {
    const bomb = gzipSync(Buffer.alloc(4 * maxBytes));
    answer = (_, response) => response.setHeader('content-encoding', 'gzip').end(bomb);
    await expect(get()).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  it.each(['identity', 'gzip'])(
    'does not wait for a body (%s) that is announced as too large',
    async (coding) => {
      const headers = { 'content-encoding': coding, 'content-length': 2 ** 50 };
      answer = (_, response) => response.writeHead(200, headers).write('x');
      await expect(get()).rejects.toMatchObject({ code: 'TOO_LARGE' });
      await vi.waitFor(() => expect(sockets.size).toBe(0));
    },
  );
});

describe('fetchTorrent when it is stopped', () => {
  const reason = new Error('stopped');

  it('does not begin', async () => {
    await expect(get('/', AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(requests).toEqual([]);
  });

  it.each([
    ['for headers', () => {}],
    [
      'for a body',
      (_: unknown, response: ServerResponse) => void response.writeHead(200).write('x'),
    ],
    [
      'to try again',
      (_: unknown, response: ServerResponse) =>
        void response.writeHead(503, { 'retry-after': '60' }).end(),
    ],
  ])('no longer waits %s', async (_, respond) => {
    const stop = new AbortController();
    answer = (request, response) => {
      respond(request, response);
      setImmediate(() => stop.abort(reason));
    };
    await expect(get('/', stop.signal)).rejects.toBe(reason);
    await vi.waitFor(() => expect(sockets.size).toBe(0));
    expect(requests).toHaveLength(1);
  });
});

describe('fetchTorrent and proxies', () => {
  it('asks by way of the proxy that the environment names, but for hosts of no_proxy', async () => {
    const asked: (string | undefined)[] = [];
    const [proxy, port] = await listen((request, response) => {
      asked.push(request.url);
      response.end('by proxy');
    });
    answer = (_, response) => response.end('straight');
    vi.stubEnv('http_proxy', `http://127.0.0.1:${port}`);
    expect(await get('http://tracker.invalid/a.torrent')).toBe('by proxy');
    expect(asked).toEqual(['http://tracker.invalid/a.torrent']);
    vi.stubEnv('no_proxy', '127.0.0.1');
    expect(await get()).toBe('straight');
    proxy.close();
  });

  it('asks for HTTPS through a tunnel', async () => {
    const [proxy, port] = await listen(() => {});
    const asked: (string | undefined)[] = [];
    proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
      asked.push(request.url);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    vi.stubEnv('https_proxy', `http://127.0.0.1:${port}`);
    await expect(get('https://tracker.invalid/a', never, oneAttempt)).rejects.toMatchObject({
      code: 'HTTP_UNREACHABLE',
    });
    expect(asked).toEqual(['tracker.invalid:443']);
    proxy.close();
  });

  it('says that the proxy is no URL', async () => {
    vi.stubEnv('http_proxy', 'not a URL');
    await expect(get('/', never, oneAttempt)).rejects.toMatchObject({ code: 'HTTP_UNREACHABLE' });
  });
});

/** A redirect whose header has these bytes. */
function location(response: ServerResponse, bytes: Buffer): void {
  response.writeHead(302, { location: bytes.toString('latin1') }).end();
}
