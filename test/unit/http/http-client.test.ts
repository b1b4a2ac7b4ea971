import { readdir, readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createServer } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createDeferred } from '../../../src/async/deferred.js';
import {
  createHttpClient,
  type HttpAnswer,
  type HttpClient,
  type HttpClientOptions,
} from '../../../src/http/http-client.js';
import type { Permit } from '../../../src/net/reach.js';
import { createResolver, type ResolveHost } from '../../../src/net/resolve-host.js';
import { httpTracker } from '../../support/trackers/fake-trackers.js';
import { listenOn } from '../../support/web/listen-on.js';

const never = new AbortController().signal;
const clients: HttpClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

/** Asks no proxy, whatever the environment says. */
function httpClient(options: Partial<HttpClientOptions> = {}): HttpClient {
  const client = createHttpClient({
    maxBodyBytes: 1000,
    maxRedirects: 2,
    hasTunnel: true,
    headers: {},
    route: ({ origin }) => ({ origin, isDirect: true }),
    ...options,
  });
  clients.push(client);
  return client;
}

const text = ({ body }: HttpAnswer) => Buffer.from(body).toString();

it('is all that knows undici in src, and loads it in one place, when it is needed', async () => {
  const root = join(import.meta.dirname, '../../../src');
  const paths = (await readdir(root, { recursive: true })).filter((path) => path.endsWith('.ts'));
  const found = await Promise.all(
    paths.map(async (path) => {
      const source = await readFile(join(root, path), 'utf8');
      return {
        path,
        isType: /from 'undici'/.test(source),
        isLoaded: /import\('undici'\)/.test(source),
      };
    }),
  );
  const strangers = found.filter(({ isType, path }) => isType && !path.startsWith('http'));
  expect(strangers).toEqual([]);
  const loading = found.filter(({ isLoaded }) => isLoaded).map(({ path }) => path);
  expect(loading).toEqual([join('http', 'connections.ts')]);
});

describe('a connection', () => {
  it('outlives an error and a redirect whose bodies came with them', async () => {
    const sockets = new Set<Socket>();
    const server = await httpTracker(({ url, socket }, response) => {
      sockets.add(socket);
      if (url === '/moved') response.writeHead(302, { location: '/here' }).end('moved');
      else if (url === '/gone') response.writeHead(404).end('gone');
      else response.end('here');
    });
    const client = httpClient({ connectionsPerOrigin: 1 });
    const get = (path: string) => client.get(new URL(path, server.origin), never);
    await expect(get('/gone')).rejects.toMatchObject({ failure: { statusCode: 404 } });
    expect(text(await get('/moved'))).toBe('here');
    expect(text(await get('/here'))).toBe('here');
    expect(sockets.size).toBe(1);
  });

  it('is not kept for an error whose body does not end', async () => {
    const sockets = new Set<Socket>();
    const server = await httpTracker(({ socket }, response) => {
      sockets.add(socket);
      if (sockets.size === 1) response.writeHead(500).write('endless');
      else response.end('here');
    });
    const client = httpClient({ connectionsPerOrigin: 1 });
    const get = () => client.get(new URL(server.origin), never);
    await expect(get()).rejects.toMatchObject({ failure: { statusCode: 500 } });
    expect(text(await get())).toBe('here');
  });

  it('is not kept for as long as its server offers, straight or by a proxy', async () => {
    vi.stubEnv('http_proxy', '');
    onTestFinished(() => void vi.unstubAllEnvs());
    const closed: Promise<void>[] = [];
    const server = await httpTracker(({ socket }, response) => {
      closed.push(new Promise((resolve) => void socket.once('close', () => resolve())));
      response.writeHead(200, { 'keep-alive': 'timeout=3600' }).end('here');
    });
    server.server.keepAliveTimeout = 0;
    await httpClient({ mostIdleMs: 10 }).get(new URL('/a', server.origin), never);
    vi.stubEnv('http_proxy', server.origin);
    const asked = httpClient({
      mostIdleMs: 10,
      hasTunnel: false,
      route: ({ origin }) => ({ origin, isDirect: false }),
    });
    await asked.get(new URL('http://tracker.example/b'), never);
    expect(closed).toHaveLength(2);
    await Promise.all(closed);
  });

  it('is not waited for once the signal aborts', async () => {
    const asked = createDeferred<void>();
    const server = await httpTracker(() => asked.resolve());
    const client = httpClient({ connectionsPerOrigin: 1 });
    const url = new URL(server.origin);
    const stop = new AbortController();
    const first = client.get(url, stop.signal);
    await asked.promise;
    const queued = new AbortController();
    const second = client.get(url, queued.signal);
    await nextTurn();
    const reason = new Error('enough');
    queued.abort(reason);
    await expect(second).rejects.toBe(reason);
    stop.abort(reason);
    await expect(first).rejects.toBe(reason);
  });

  it('to one address is not shared by servers of other names', async () => {
    const server = await httpTracker(({ headers }, response) => {
      if (headers.host?.startsWith('quick.')) response.end('here');
    });
    const resolve = async () => ['127.0.0.1'];
    const client = httpClient({ connectionsPerOrigin: 1, resolve });
    const get = (name: string, signal = never) =>
      client.get(new URL(`http://${name}.invalid:${server.port}`), signal);
    const stop = new AbortController();
    const slow = get('slow', stop.signal);
    expect(text(await get('quick'))).toBe('here');
    stop.abort(new Error('enough'));
    await expect(slow).rejects.toThrow('enough');
  });

  it('is opened no more once the client is closed', async () => {
    const server = await httpTracker((_, response) => response.end('here'));
    const client = httpClient();
    const url = new URL(server.origin);
    await client.get(url, never);
    await client.close();
    await expect(client.get(url, never)).rejects.toThrow('closed');
    expect(server.requests).toHaveLength(1);
  });
});

describe('a body', () => {
  it.each([
    ['identity', Buffer.alloc(1001), undefined],
    ['gzip', gzipSync(Buffer.alloc(1001)), 'gzip'],
    ['X-GZIP', gzipSync(Buffer.alloc(1001)), 'gzip'],
  ])('in %s is bounded as it is once decoded', async (coding, body, name) => {
    const server = await httpTracker((_, response) =>
      // Not at once, so that no length is announced.
      response.writeHead(200, { 'content-encoding': coding }).write(body, () => response.end()),
    );
    await expect(httpClient().get(new URL(server.origin), never)).rejects.toMatchObject({
      failure: { kind: 'tooLarge', coding: name },
    });
  });

  it.each(['gzip', 'deflate', 'br'])('that is no %s is said to be none', async (coding) => {
    const server = await httpTracker((_, response) =>
      response.writeHead(200, { 'content-encoding': coding }).end('plain'),
    );
    await expect(httpClient().get(new URL(server.origin), never)).rejects.toMatchObject({
      failure: { kind: 'undecodable', coding },
    });
  });

  it('is what comes after early hints', async () => {
    const server = await httpTracker((_, response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      response.end('here');
    });
    expect(text(await httpClient().get(new URL(server.origin), never))).toBe('here');
  });
});

it('tells a server the credentials that led to it, those of the redirect before those of the URL', async () => {
  const elsewhere = await httpTracker((request, response) =>
    response.end(request.headers.authorization),
  );
  const to = elsewhere.origin.replace('//', '//you:other@');
  const server = await httpTracker((_, response) =>
    response.writeHead(302, { location: to }).end(),
  );
  const url = new URL(server.origin.replace('//', '//me:secret@'));
  const heard = text(await httpClient().get(url, never));
  expect(heard).toBe(`Basic ${Buffer.from('you:other').toString('base64')}`);
  expect(server.requests[0]?.headers.authorization).toMatch(/^Basic /);
});

describe('the address of a server', () => {
  const from = async (client: HttpClient, url: string) =>
    (await client.get(new URL(url), never)).from;

  it('is told with what it answered, after a redirect that of the last', async () => {
    const server = await httpTracker((_, response) => response.end('here'));
    const moved = await httpTracker((_, response) =>
      response.writeHead(302, { location: `http://there.invalid:${server.port}` }).end(),
    );
    const client = httpClient({
      resolve: resolver({ 'there.invalid': ['127.0.0.2', '127.0.0.1'] }),
    });
    expect(await from(client, server.origin)).toBe('127.0.0.1');
    expect(await from(client, moved.origin)).toBe('127.0.0.1');
  });

  it('is the next one of its name where the first does not answer', async () => {
    const server = await httpTracker((_, response) => response.end('here'));
    const resolve = resolver({ 'here.invalid': ['127.0.0.2', '127.0.0.1'] });
    expect(await from(httpClient({ resolve }), `http://here.invalid:${server.port}`)).toBe(
      '127.0.0.1',
    );
    expect(server.requests[0]?.headers.host).toBe(`here.invalid:${server.port}`);
  });

  it('is not known of what a name without one leads to', async () => {
    await expect(
      httpClient({ resolve: resolver({}) }).get(new URL('http://nowhere.invalid'), never),
    ).rejects.toThrow('nowhere.invalid');
  });
});

it('asks a server by TLS for its name, though it goes to an address', async () => {
  const names: string[] = [];
  const refuse = createServer({
    SNICallback: (name, answer) => {
      names.push(name);
      answer(new Error('no certificate'));
    },
  });
  onTestFinished(() => void refuse.close());
  refuse.on('tlsClientError', () => {});
  const port = await listenOn(refuse);
  const client = httpClient({ resolve: resolver({ 'here.invalid': ['127.0.0.1'] }) });
  await expect(client.get(new URL(`https://here.invalid:${port}`), never)).rejects.toThrow();
  expect(names).toEqual(['here.invalid']);
});

describe('what is not permitted', () => {
  const nearby = /^(127\.|::1)/;
  /** Nothing on this machine; of what is redirected to, nothing at all. */
  const elsewhere: Permit = {
    check: (url, address) => {
      if (nearby.test(address)) throw new Error(`${url.hostname} is at ${address}`);
    },
    redirectedBy: () => elsewhere,
  };
  const anywhereFirst: Permit = { check: () => {}, redirectedBy: () => elsewhere };

  it('is not asked by a name that leads there, though it led elsewhere before', async () => {
    const server = await httpTracker((_, response) => response.end('secret'));
    const answers = [['203.0.113.1'], ['127.0.0.1']];
    const checked: string[] = [];
    const permit: Permit = {
      check: (url, address) => {
        checked.push(address);
        elsewhere.check(url, address);
        // Nobody is there, and it need not be waited for.
        throw new Error(`${address} is not asked in a test`);
      },
      redirectedBy: () => permit,
    };
    const client = httpClient({ resolve: async () => answers.shift() ?? [] });
    const url = new URL(`http://rebound.invalid:${server.port}/`);
    await expect(client.get(url, never, permit)).rejects.toThrow('not asked in a test');
    await expect(client.get(url, never, permit)).rejects.toThrow('is at 127.0.0.1');
    expect(checked).toEqual(['203.0.113.1', '127.0.0.1']);
    expect(server.requests).toEqual([]);
  });

  it('is not asked over a connection that somebody else may use', async () => {
    const server = await httpTracker((_, response) => response.end('secret'));
    const client = httpClient({ connectionsPerOrigin: 1 });
    const url = new URL(server.origin);
    await client.get(url, never);
    await expect(client.get(url, never, elsewhere)).rejects.toThrow('is at 127.0.0.1');
    expect(server.requests).toHaveLength(1);
  });

  it.each(['127.0.0.1', '127.1', '2130706433', '0x7f000001', 'localhost', '[::1]'])(
    'is not asked after a redirect to %s',
    async (host) => {
      const server = await httpTracker(({ headers }, response) => {
        const location = `http://${host}:${headers.host?.split(':')[1]}/secret`;
        response.writeHead(302, { location }).end();
      });
      const client = httpClient();
      await expect(client.get(new URL(server.origin), never, anywhereFirst)).rejects.toThrow(
        'is at',
      );
      expect(server.requests).toHaveLength(1);
    },
  );

  it('is left out where a name has other addresses', async () => {
    const server = await httpTracker((_, response) => response.end('here'));
    const client = httpClient({ resolve: async () => ['::1', '127.0.0.2', '127.0.0.1'] });
    const permit: Permit = {
      check: (_, address) => {
        if (address !== '127.0.0.1') throw new Error(`not ${address}`);
      },
      redirectedBy: () => permit,
    };
    const answer = await client.get(new URL(`http://here.invalid:${server.port}`), never, permit);
    expect(answer.from).toBe('127.0.0.1');
  });

  it('may be asked where the route leads to a server of our own', async () => {
    const server = await httpTracker((_, response) => response.end('ours'));
    const route = () => ({ origin: server.origin, isDirect: true, isTrusted: true });
    const answer = httpClient({ route }).get(new URL('http://203.0.113.1/'), never, elsewhere);
    expect(text(await answer)).toBe('ours');
  });
});

describe('behind a proxy', () => {
  const elsewhere: Permit = {
    check: (_, address) => {
      throw new Error(`not ${address}`);
    },
    redirectedBy: () => elsewhere,
  };
  const viaProxy = ({ origin }: URL) => ({ origin, isDirect: false });

  it('addresses are looked at, and names are the proxy’s affair', async () => {
    const proxy = await httpTracker((_, response) => response.end('by proxy'));
    vi.stubEnv('http_proxy', proxy.origin);
    onTestFinished(() => void vi.unstubAllEnvs());
    const client = httpClient({ hasTunnel: false, route: viaProxy });
    const get = (url: string) => client.get(new URL(url), never, elsewhere);
    expect(await get('http://name.invalid/')).toMatchObject({ from: undefined });
    for (const host of ['10.0.0.1', '[::1]', 'localhost']) {
      await expect(get(`http://${host}/`)).rejects.toThrow('not ');
    }
    expect(proxy.requests.map(({ url }) => url)).toEqual(['http://name.invalid/']);
  });

  it('is known to be asked only where its environment says so', async () => {
    const server = await httpTracker((_, response) => response.end('straight'));
    vi.stubEnv('http_proxy', 'http://127.0.0.1:1');
    vi.stubEnv('no_proxy', 'straight.invalid');
    onTestFinished(() => void vi.unstubAllEnvs());
    const resolve = async () => ['127.0.0.1'];
    const client = httpClient({ hasTunnel: false, route: viaProxy, resolve });
    const url = new URL(`http://straight.invalid:${server.port}/`);
    expect((await client.get(url, never)).from).toBe('127.0.0.1');
    await expect(client.get(url, never, elsewhere)).rejects.toThrow('not 127.0.0.1');
    expect(server.requests).toHaveLength(1);
  });
});

/** Knows these names, and addresses. */
function resolver(names: Readonly<Record<string, readonly string[]>>): ResolveHost {
  return createResolver(async (name) => {
    const addresses = names[name];
    if (addresses === undefined) throw new Error(`there is no ${name}`);
    return addresses;
  });
}
