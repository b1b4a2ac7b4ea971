import { readdir, readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createDeferred } from '../../../src/async/deferred.js';
import {
  createHttpClient,
  type HttpAnswer,
  type HttpClient,
  type HttpClientOptions,
} from '../../../src/http/http-client.js';
import { createResolver, type ResolveHost } from '../../../src/net/resolve-host.js';
import { httpTracker } from '../../support/trackers/fake-trackers.js';

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

/** Knows these names, and addresses. */
function resolver(names: Readonly<Record<string, readonly string[]>>): ResolveHost {
  return createResolver(async (name) => {
    const addresses = names[name];
    if (addresses === undefined) throw new Error(`there is no ${name}`);
    return addresses;
  });
}
